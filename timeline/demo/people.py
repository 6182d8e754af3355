"""Who plays: the two accounts with their people, and the leads' names, numbers and addresses.

Nobody real is named or can be reached. Addresses end in example.com or .example (RFC 2606).
Numbers are of the ranges a country keeps for fiction (Ofcom, ACMA, ComReg, 555-01xx); where there
is none, of a range in no use.
"""

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from timeline.demo.screenplay import Story, vary, words


@dataclass(frozen=True, slots=True)
class Staff:
    """A person of an account; `role` is a membership's."""

    name: str
    email: str
    role: str = "member"


@dataclass(frozen=True, slots=True)
class House:
    """An account. A story's ``only`` names the `key` of the house that it is kept for."""

    key: str
    name: str
    region: str
    staff: tuple[Staff, ...]
    leads: int
    shares: dict[str, int]
    # Who takes leads whatever their language; else it goes by who speaks it (`words.toml`).
    sellers: tuple[int, ...] = ()

    def plays(self, story: Story) -> bool:
        return story.head.get("only", (HOUSES[0].key,)) == (self.key,)


_HANNAH = Staff("Hannah Whitcombe", "hannah.whitcombe@example.com", "admin")

# The first sells for others, hence its many trades and tongues; the second is there so that one
# can see that nothing of an account shows in another. Hannah works for both.
HOUSES = (
    House(
        key="brightwater",
        name="Brightwater Sales Partners",
        region="GB",
        staff=(
            _HANNAH,
            Staff("Camila Reyes", "camila.reyes@example.com"),
            Staff("Omar Haddad", "omar.haddad@example.com"),
            Staff("Mei Lin Tan", "meilin.tan@example.com"),
            Staff("Priya Nair", "priya.nair@example.com"),
        ),
        leads=200,
        shares={"en": 30, "es": 26, "pt": 12, "ar": 11, "zh": 11, "hi": 10},
    ),
    House(
        key="casa",
        name="Casa Clara Propiedades",
        region="CL",
        staff=(
            Staff("Valentina Soto", "valentina.soto@example.org", "admin"),
            Staff("Ignacio Fuentes", "ignacio.fuentes@example.org"),
            Staff(_HANNAH.name, _HANNAH.email),
        ),
        leads=25,
        shares={"es": 4, "pt": 1},
        sellers=(0, 1),
    ),
)


@dataclass(frozen=True)
class Cast:
    """A lead and who looks after them. Names are in the lead's script."""

    index: int
    language: str
    gender: str
    first: str
    last: str
    latin: str
    city: str
    country: str
    offset: timedelta
    phone: str
    email: str
    company: str
    title: str
    staff: int
    agent: tuple[str, str]
    agent_email: str

    @cached_property
    def words(self) -> dict[str, Any]:
        return words(self.language)

    @cached_property
    def name(self) -> str:
        """The whole name, as the language orders it."""
        form: str = self.words.get("full", "{first} {last}")
        return form.format(first=self.first, last=self.last).strip()

    @cached_property
    def address(self) -> str:
        """How one speaks to the lead."""
        form = vary(self.words.get("address", "{first}"), random.Random(0), self.gender)  # noqa: S311 - nothing is drawn
        return form.format(first=self.first, last=self.last)

    @cached_property
    def slots(self) -> dict[str, Any]:
        """What a text may say of the cast."""
        return {
            "first": self.address,
            "first_full": self.name,
            "last": self.last,
            "city": self.city,
            "company": self.company,
            "title": self.title,
            "slug": f"{self.latin.split('.', maxsplit=1)[0]}{self.index}",
            "assistant": self.words["assistant"],
            "agent": self.agent[0],
            "agent_full": self.agent[1],
        }


def cast(house: House, index: int, story: Story, rng: random.Random) -> Cast:
    """Choose a lead to play the story, of its countries and gender where it names any."""
    known = words(story.language)
    gender = story.head.get("gender", ("f", "m"))
    chosen = rng.choice(gender)
    first, latin_first = _name(rng.choice(known["female" if chosen == "f" else "male"]))
    last, latin_last = _name(rng.choice(known["last"]))
    place = rng.choice([c for c in known["cities"] if c["country"] in story.head["countries"]])
    city = rng.choice(place["names"])
    business = "business" in story.head
    company = rng.choice(known["companies"]).format(last=last, city=city) if business else ""
    latin = f"{latin_first}.{latin_last}"
    staff = _seller(house, known, rng)
    agent = _agent(house, known, staff)
    return Cast(
        index=index,
        language=story.language,
        gender=chosen,
        first=first,
        last=last,
        latin=latin,
        city=city,
        country=place["country"],
        offset=timedelta(hours=place["offset"]),
        phone=_phone(place, house, index, rng),
        email=_email(latin, latin_last, company, index),
        company=company,
        title=vary(rng.choice(known["titles"]), rng, chosen) if business else "",
        staff=staff,
        agent=agent,
        agent_email=house.staff[staff].email,
    )


def slug(text: str) -> str:
    """Return the text in lower-case ASCII with dashes; "" when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _name(entry: str) -> tuple[str, str]:
    """Return a name and its Latin spelling, which addresses are made of."""
    name, _, latin = entry.partition("=")
    return name, latin or slug(name).replace("-", "")


def _seller(house: House, known: dict[str, Any], rng: random.Random) -> int:
    return int(rng.choice(house.sellers or known["staff"]))


def _agent(house: House, known: dict[str, Any], staff: int) -> tuple[str, str]:
    name = house.staff[staff].name
    if house.sellers or "agent" not in known:
        return name.rsplit(" ", 1)[0], name
    first, full = known["agent"]
    return first, full


def _phone(place: dict[str, Any], house: House, index: int, rng: random.Random) -> str:
    # A number without its country is read in the account's region; only there may it be left out.
    at_home = place["country"] == house.region
    pattern: str = rng.choice(place["phones"] + (place.get("local", []) if at_home else []))
    digits = iter(f"{index:0{pattern.count('#')}d}"[-pattern.count("#") :])
    return re.sub("#", lambda _: next(digits), pattern)


def _email(latin: str, latin_last: str, company: str, index: int) -> str:
    if company:
        return f"{latin}@{slug(company) or f'{latin_last}-group'}.example"
    return f"{latin}{index}@example.{('com', 'net', 'org')[index % 3]}"
