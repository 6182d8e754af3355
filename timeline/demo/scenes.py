"""A story played: each step becomes an entry. The kinds of steps are listed here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from timeline.demo import activities
from timeline.demo.calls import call, missed
from timeline.demo.clock import Clock
from timeline.demo.mails import mail
from timeline.demo.messages import message, voicemail
from timeline.demo.screenplay import Story
from timeline.demo.stage import Scene, Stage, choose_steps, schedule
from timeline.entries import AnyDraft

KINDS: Mapping[str, Callable[[Stage, Scene], AnyDraft]] = {
    "workflow": activities.workflow,
    "owner": activities.owner,
    "note": activities.note,
    "tag": activities.tag,
    "status": activities.status,
    "event": activities.event,
    "in": message,
    "out": message,
    "voicemail": voicemail,
    "mail": mail,
    "call": call,
    "missed": missed,
}


def play(
    story: Story,
    stage: Stage,
    start: datetime,
    *,
    fillers: Sequence[Story] = (),
    silences: Sequence[Story] = (),
    slots: Mapping[str, Any] | None = None,
) -> None:
    """Play the story from `start` on and add its entries to the stage."""
    cast, rng = stage.cast, stage.rng
    chosen = {**_props(story, stage), **(slots or {})}
    clock = Clock(start, cast.offset, cast.words["weekend"], rng)
    steps = choose_steps(story, fillers, silences, stage)
    stage.thread = None
    for scene in schedule(steps, chosen, clock, stage):
        stage.drafts.append(KINDS[scene.step.kind](stage, scene))


def _props(story: Story, stage: Stage) -> dict[str, Any]:
    """Choose what varies in the story; the cast comes with it."""
    head = {
        key: stage.rng.choice(story.head[key])
        for key in ("brand", "workflow", "sources")
        if key in story.head
    }
    return {**stage.cast.slots, **head, **story.choose_slots(stage.rng)}
