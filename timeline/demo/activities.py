"""Activities: what systems, assistants and people of the account did about the lead.

Titles of the product's own are in English and in its words, whatever the lead's language.
"""

import re

from timeline.demo.stage import Scene, Stage, say, stamp
from timeline.entries import ActivityDraft, ActorType, Channel

_BY = re.compile(
    r"(?P<what>\S+)(?: by (?P<actor>\w+))?(?: on (?P<channel>\w+))?(?: \| (?P<title>.*))?"
)


def workflow(stage: Stage, scene: Scene) -> ActivityDraft:
    """Put the lead into the workflow that the story's head names."""
    return _activity(stage, scene, "workflow_assigned", f"Assigned to {scene.slots['workflow']}")


def owner(stage: Stage, scene: Scene) -> ActivityDraft:
    """Give the lead to its owner."""
    name = stage.house.staff[stage.cast.staff].name
    return _activity(stage, scene, "owner_assigned", f"Assigned to {name}")


def note(stage: Stage, scene: Scene) -> ActivityDraft:
    """Let the owner write a note."""
    return _activity(stage, scene, "note_added", "Note", ActorType.USER)


def tag(stage: Stage, scene: Scene) -> ActivityDraft:
    """``tag NAME``."""
    return _activity(stage, scene, "tag_added", f"Tag added: {scene.step.words}")


def status(stage: Stage, scene: Scene) -> ActivityDraft:
    """``status VALUE by ACTOR [on CHANNEL]``: the lead's status from here on."""
    what, actor, channel, _ = _parts(scene)
    stage.status = what
    return _activity(
        stage, scene, "status_changed", f"Status changed to {what.capitalize()}", actor, channel
    )


def event(stage: Stage, scene: Scene) -> ActivityDraft:
    """``event TYPE by ACTOR [on CHANNEL] | TITLE``."""
    what, actor, channel, title = _parts(scene)
    return _activity(stage, scene, what, say(stage, scene, title), actor, channel)


def _parts(scene: Scene) -> tuple[str, ActorType, Channel, str]:
    found = _BY.fullmatch(scene.step.words)
    if found is None:
        raise ValueError(f"{scene.step.words!r} does not say who")
    return (
        found["what"],
        ActorType(found["actor"] or "system"),
        Channel(found["channel"] or "system"),
        found["title"] or "",
    )


def _activity(
    stage: Stage,
    scene: Scene,
    activity_type: str,
    title: str,
    actor: ActorType = ActorType.SYSTEM,
    channel: Channel = Channel.SYSTEM,
) -> ActivityDraft:
    names = {
        ActorType.USER: stage.house.staff[stage.cast.staff].name,
        ActorType.AI: stage.cast.words["assistant"],
        ActorType.SYSTEM: "",
    }
    return ActivityDraft(
        **stamp(stage, scene),
        channel=channel,
        activity_type=activity_type,
        title=title,
        description=say(stage, scene, scene.step.body),
        actor_type=actor,
        actor_name=names[actor],
    )
