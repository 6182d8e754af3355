"""The drafts of one kind that are recorded at once: which are sound, and which of them are sent."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from leads.in_flight import Answer
from timeline.checks import InvalidEntry
from timeline.entries import AnyDraft
from timeline.models import AnyEntry
from timeline.refusals import Refusals

# What an entry is known by within its account and kind: source and external id.
Identity: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Batch:
    """What is known of the drafts, by their places. Of sound ones alike, the first is sent."""

    model: type[AnyEntry]
    refused: dict[int, InvalidEntry] = field(default_factory=dict)
    sound: dict[int, AnyDraft] = field(default_factory=dict)
    first: dict[Identity, int] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def to_send(self, drafts: Mapping[int, AnyDraft], refusals: Refusals) -> Iterator[AnyDraft]:
        """Yield what is to be sent; each is looked at when its turn comes, others being sent."""
        places: dict[Identity, list[int]] = defaultdict(list)
        for place, draft in drafts.items():
            # Unchecked: they need not even be texts.
            places[str(draft.source), str(draft.external_id)].append(place)
        # One order for all writers: two with the same entries wait, and never for each other.
        for identity in sorted(places):
            for place in places[identity]:
                if refusal := refusals.of(drafts[place]):
                    self.refused[place] = refusal
                    continue
                self.sound[place] = drafts[place]
                if self.first.setdefault(identity, place) == place:
                    yield drafts[place]
