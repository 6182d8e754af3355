"""What the scenes of one lead's history share, and when each scene happens."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from timeline.demo.clock import Clock, days_around
from timeline.demo.people import Cast, House
from timeline.demo.screenplay import Step, Story, vary
from timeline.entries import AnyDraft

SOURCE = "demo"
# How often a lead falls silent, and a long pause is filled.
_SILENT, _FILLED = 0.4, 0.4
STORAGE = "https://storage.example.com"


class Mail(NamedTuple):
    """A mail as the next one quotes it."""

    subject: str
    header: str
    text: str
    html: str


@dataclass
class Stage:
    """One lead's history in the making; nothing happens from `until` on."""

    lead_id: UUID
    house: House
    cast: Cast
    rng: random.Random
    until: datetime
    drafts: list[AnyDraft] = field(default_factory=list)
    status: str = ""
    # The mail that is answered next.
    thread: Mail | None = None

    def token(self, length: int = 16) -> str:
        """Return hexadecimal digits that nothing else has."""
        return f"{self.rng.getrandbits(length * 4):0{length}x}"

    def file_url(self, folder: str, name: str) -> str:
        return f"{STORAGE}/{folder}/{self.token()}/{name.replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class Scene:
    """A step at its time. `answered` is when the other side wrote next, None if they did not."""

    step: Step
    at: datetime
    slots: dict[str, Any]
    answered: datetime | None = None


class Stamp(TypedDict):
    """What every draft says first."""

    lead_id: UUID
    occurred_at: datetime
    source: str
    external_id: str


def stamp(stage: Stage, scene: Scene) -> Stamp:
    return {
        "lead_id": stage.lead_id,
        "occurred_at": scene.at,
        "source": SOURCE,
        # An index a lead, so that the same seed names the same entries.
        "external_id": f"{stage.lead_id}-{len(stage.drafts) + 1}",
    }


def say(stage: Stage, scene: Scene, text: str) -> str:
    """Return the text as it is said here: one of its alternatives, its slots filled."""
    said = vary(text, stage.rng, stage.cast.gender).format_map(scene.slots)
    # A slot may have slots of its own.
    return said.format_map(scene.slots) if "{" in said else said


def choose_steps(
    story: Story, fillers: Sequence[Story], silences: Sequence[Story], stage: Stage
) -> Iterator[Step]:
    """Yield the steps that happen this time, small events of every day among them.

    Fillers stand before long pauses only: "tomorrow" must stay tomorrow. Some leads fall silent
    where they would have answered a day later, and the story ends in one of the silences.
    """
    rng, gender = stage.rng, stage.cast.gender
    silent = bool(silences) and rng.random() < _SILENT
    for number, step in enumerate(story.steps):
        silent = silent and not _is_decided(step)
        if silent and number > len(story.steps) // 3 and is_by_lead(step) and step.gap.days:
            yield from rng.choice(silences).steps
            return
        if fillers and step.gap.is_long and rng.random() < _FILLED:
            filler = rng.choice(_fitting(fillers, story.steps[:number]))
            yield from (other for other in filler.steps if _happens(other, rng, gender))
        if _happens(step, rng, gender):
            yield step


def schedule(
    steps: Iterable[Step], slots: dict[str, Any], clock: Clock, stage: Stage
) -> list[Scene]:
    """Give each step its time, as far as the stage goes."""
    scenes: list[Scene] = []
    today = yesterday = clock.today
    for step in steps:
        at = clock.advance(step.gap, by_lead=is_by_lead(step))
        if at >= stage.until:
            break
        if clock.today != today:
            today, yesterday = clock.today, today
        days = days_around(clock, yesterday, stage.cast.words)
        scenes.append(Scene(step, at, slots | days))
    return list(_answered(scenes))


def is_by_lead(step: Step) -> bool:
    return step.kind in {"in", "voicemail"} or (
        step.kind in {"mail", "missed"} and step.words.startswith("in")
    )


def _is_decided(step: Step) -> bool:
    return step.kind == "status" and step.words.split()[0] in {"won", "lost", "unqualified"}


def _fitting(fillers: Sequence[Story], before: Sequence[Step]) -> list[Story]:
    """Return the fillers that make sense here: no mail is opened that was never sent."""
    mailed = any(step.kind == "mail" for step in before)
    return [filler for filler in fillers if mailed or "mailed" not in filler.head]


def _happens(step: Step, rng: random.Random, gender: str) -> bool:
    if step.aside("only") not in {None, gender}:
        return False
    maybe = step.aside("maybe")
    return maybe is None or rng.randrange(100) < int(maybe)


def _answered(scenes: list[Scene]) -> Iterator[Scene]:
    """Tell each message when the other side next wrote on its channel: by then it was read."""
    for index, scene in enumerate(scenes):
        side, channel = is_by_lead(scene.step), _channel(scene.step)
        later = (
            other.at
            for other in scenes[index + 1 :]
            if channel and _channel(other.step) == channel and is_by_lead(other.step) != side
        )
        yield Scene(scene.step, scene.at, scene.slots, next(later, None))


def _channel(step: Step) -> str:
    return {"in": "whatsapp", "out": "whatsapp", "mail": "email"}.get(step.kind, "")
