"""A lead one works with every day: a year of orders, invoices and calls, 5,000 entries."""

import random
from datetime import datetime, timedelta
from uuid import UUID

from timeline.demo.people import Cast, House
from timeline.demo.scenes import play
from timeline.demo.screenplay import Story, shorts, words
from timeline.demo.stage import Stage
from timeline.entries import ActivityDraft, AnyDraft

NAME = ("Beatrix", "Halloran")
ENTRIES = 5_000
_DAYS = 365
_FIRST_ORDER = 20_001


def stage(lead_id: UUID, house: House, index: int, rng: random.Random, until: datetime) -> Stage:
    """Return the stage of Beatrix Halloran, who runs the purchasing of a facilities group."""
    name = house.staff[0].name
    cast = Cast(
        index=index,
        language="en",
        gender="f",
        first=NAME[0],
        last=NAME[1],
        latin="beatrix.halloran",
        city="Leeds",
        country="GB",
        offset=timedelta(0),
        phone="(0113) 496 0742",
        email="b.halloran@kestrel-facilities.example",
        company="Kestrel Facilities Group",
        title="Head of Purchasing",
        staff=0,
        agent=(name.split(" ", maxsplit=1)[0], name),
        agent_email=house.staff[0].email,
    )
    return Stage(lead_id, house, cast, rng, until, status="won")


def play_year(stage: Stage) -> None:
    """Play episodes on each working day of a year, so many that the year has `ENTRIES`."""
    episodes = shorts("en", "episodes")
    weights = [float(episode.head["weight"][0]) for episode in episodes]
    days = _working_days(stage)
    number = _FIRST_ORDER
    for done, day in enumerate(days, start=1):
        # What begins on the last days is cut at the end of the stage; they begin more instead.
        while len(stage.drafts) < ENTRIES * done // len(days):
            number += 1
            episode = stage.rng.choices(episodes, weights)[0]
            _play_episode(episode, stage, day, number)
    stage.drafts.sort(key=lambda draft: draft.occurred_at)
    for superfluous in _reports(stage)[: len(stage.drafts) - ENTRIES]:
        stage.drafts.remove(superfluous)


def _play_episode(episode: Story, stage: Stage, day: datetime, number: int) -> None:
    start = day + timedelta(seconds=stage.rng.randrange(8 * 3_600 + 900, 16 * 3_600))
    slots = {"n": str(number), "brand": "Copperfield Supplies", "workflow": "Key accounts"}
    play(episode, stage, start, slots=slots)


def _reports(stage: Stage) -> list[AnyDraft]:
    """Return what nobody would miss: the systems' reports, oldest first."""
    return [
        draft
        for draft in stage.drafts
        if isinstance(draft, ActivityDraft) and draft.activity_type == "webhook_received"
    ]


def _working_days(stage: Stage) -> list[datetime]:
    first = stage.until - timedelta(days=_DAYS)
    weekend = words("en")["weekend"]
    every = (first + timedelta(days=n) for n in range(_DAYS))
    return [day for day in every if day.weekday() not in weekend]
