"""The demo's leads, each with its history: the same for the same seed and day."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from timeline.demo import busy, example
from timeline.demo.people import HOUSES, Cast, House, cast
from timeline.demo.scenes import play
from timeline.demo.screenplay import Story, shorts, stories
from timeline.demo.stage import Stage
from timeline.entries import ActivityDraft, ActorType, AnyDraft

_DAYS = 90
# Leads of the first account that are there for what is odd about them, by index.
_EXAMPLE, _BUSY, _NAMELESS, _LONG = range(4)
_NOTHING_YET = range(4, 10)

_LONG_NAME: dict[str, Any] = {
    "first": "Maria Aparecida Fernanda Guilhermina",
    "last": "de Albuquerque Cavalcanti Figueiredo e Vasconcelos de Sousa Montenegro",
    "company": "Companhia Intermunicipal de Desenvolvimento Energético Sustentável e Irrigação do"
    " Vale do Alto Jequitinhonha e Região Metropolitana Ltda.",
    "title": "Coordenadora Adjunta de Projetos Especiais, Relações Institucionais e Compras",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLead:
    """A lead and its entries, oldest first.

    `house` and `owner` are indexes of `people.HOUSES` and of the house's staff; nobody owns a lead
    whose `owner` is None.
    """

    house: int
    id: UUID
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""
    company: str = ""
    title: str = ""
    source: str = ""
    status: str = "new"
    owner: int | None = None
    created_at: datetime
    metadata: dict[str, Any] = field(default_factory=dict)
    drafts: Sequence[AnyDraft] = ()


def demo_leads(seed: int, now: datetime) -> Iterator[DemoLead]:
    """Yield the leads of both accounts: ninety days before the midnight (UTC) of `now`."""
    for number, house in enumerate(HOUSES):
        yield from islice(_leads(seed, now, number), house.leads)


def endless_leads(seed: int, now: datetime) -> Iterator[DemoLead]:
    """Yield the first account's leads and go on inventing more."""
    return _leads(seed, now, 0)


def _leads(seed: int, now: datetime, number: int) -> Iterator[DemoLead]:
    until = now.replace(hour=0, minute=0, second=0, microsecond=0)
    programme = _programme(HOUSES[number], random.Random(f"{seed}/{number}"))  # noqa: S311
    for index in count():
        yield _lead(seed, until, number, index, programme)


def _lead(
    seed: int, until: datetime, number: int, index: int, programme: Iterator[Story]
) -> DemoLead:
    house = HOUSES[number]
    # Demo data is to be the same for the same seed; nothing secret is drawn here or anywhere below.
    rng = random.Random(f"{seed}/{number}/{index}")  # noqa: S311
    lead_id = uuid5(NAMESPACE_URL, f"leadline-demo/{seed}/{number}/{index}")
    story = next(programme)
    if number == 0 and index == _EXAMPLE:
        return DemoLead(house=number, owner=0, status="qualified", **example.lead())
    if number == 0 and index == _BUSY:
        story = shorts("en", "episodes")[0]
        stage = busy.stage(lead_id, house, index, rng, until)
        busy.play_year(stage)
        return _finished(stage, story, number, "referral", until - timedelta(days=400))
    if number == 0 and index == _NAMELESS:
        story = next(s for s in stories("en") if s.name == "nameless")
    if number == 0 and index == _LONG:
        story = next(s for s in stories("pt") if s.name == "energia-solar")
    stage = Stage(lead_id, house, _cast(house, index, story, rng, number), rng, until)
    empty = number == 0 and index in _NOTHING_YET
    start = _start(until, rng, days=2 if empty else _DAYS)
    if not empty:
        silences = shorts(story.language, "silence")
        play(story, stage, start, fillers=_fillers(story), silences=silences)
    return _finished(stage, story, number, rng.choice(story.head["sources"]), start)


def _fillers(story: Story) -> list[Story]:
    fillers = shorts(story.language, "fillers")
    return [short for short in fillers if "business" in story.head or "business" not in short.head]


def _cast(house: House, index: int, story: Story, rng: random.Random, number: int) -> Cast:
    chosen = cast(house, index, story, rng)
    if number == 0 and index == _NAMELESS:
        return replace(chosen, first="", last="", email="")
    if number == 0 and index == _LONG:
        return replace(chosen, gender="f", email="maria.montenegro@example.com", **_LONG_NAME)
    return chosen


def _finished(
    stage: Stage, story: Story, number: int, source: str, created_at: datetime
) -> DemoLead:
    who = stage.cast
    drafts = sorted(stage.drafts, key=lambda draft: draft.occurred_at)
    owned = any(_is_of_owner(draft) for draft in drafts)
    return DemoLead(
        house=number,
        id=stage.lead_id,
        first_name=who.first,
        last_name=who.last,
        phone=who.phone,
        email=who.email,
        company=who.company,
        title=who.title,
        source=source,
        status=stage.status or ("contacted" if drafts else "new"),
        # Some wait for somebody to take them.
        owner=who.staff if owned or (drafts and who.index % 3) else None,
        created_at=drafts[0].occurred_at if drafts else created_at,
        metadata=_metadata(story, who, source),
        drafts=drafts,
    )


def _is_of_owner(draft: AnyDraft) -> bool:
    return isinstance(draft, ActivityDraft) and (
        draft.activity_type == "owner_assigned" or draft.actor_type == ActorType.USER
    )


def _metadata(story: Story, who: Cast, source: str) -> dict[str, Any]:
    known = {
        "campaign": story.head.get("campaign", (story.name,))[0],
        "industry": story.head.get("industry", ("facilities",))[0],
        "city": who.city,
        "country": who.country,
        "language": who.language,
    }
    return known | ({"utm_source": source.removesuffix("_ads")} if "_ads" in source else {})


def _programme(house: House, rng: random.Random) -> Iterator[Story]:
    """Deal the stories: languages by their share, and each language's stories round and round."""
    decks: dict[str, list[Story]] = {language: [] for language in house.shares}
    languages, weights = list(house.shares), list(house.shares.values())
    while True:
        language = rng.choices(languages, weights)[0]
        if not decks[language]:
            decks[language] = [story for story in stories(language) if house.plays(story)]
            rng.shuffle(decks[language])
        yield decks[language].pop()


def _start(until: datetime, rng: random.Random, days: int) -> datetime:
    """Return when a lead comes in: any day, by day."""
    day = until - timedelta(days=rng.randint(1, days))
    return day + timedelta(seconds=rng.randint(7 * 3_600, 20 * 3_600))
