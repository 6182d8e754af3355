"""Calls as the pages show them, with what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from timeline.calls import has_connected, is_voicemail
from timeline.entries import FullCall
from timeline.media import Media, media_of
from timeline.rich_text import has_hit
from timeline.shown import Shown, is_number
from timeline.wording import CALL_ICONS, call_title, outcome_of

# Turns of a transcript that a timeline shows before it cuts.
TURNS_SHOWN = 14
# Seconds; a place in a call beyond is none.
_LONGEST_CALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said in one go. `start` is seconds into the call, None when unknown."""

    speaker: str
    text: str
    start: float | None
    is_agent: bool
    is_hit: bool


class ShownCall(Shown):
    kind = "call"
    entry: FullCall

    @property
    def has_connected(self) -> bool:
        return has_connected(self.entry.call_status, self.entry.disconnection_reason)

    @property
    def is_voicemail(self) -> bool:
        return is_voicemail(self.entry.call_status, self.entry.disconnection_reason)

    @property
    def is_missed(self) -> bool:
        """Whether the lead called and nobody answered."""
        return not self.has_connected and not self.is_voicemail and not self.is_outbound

    @property
    def icon(self) -> str:
        if self.is_voicemail:
            return "voicemail"
        if not self.has_connected:
            return "phone-off" if self.is_outbound else "phone-missed"
        return CALL_ICONS.get(self.entry.direction, "phone")

    @property
    def title(self) -> str:
        language = self.reading.here.language
        return call_title(self.entry.direction, language, is_missed=self.is_missed)

    @property
    def outcome(self) -> str:
        told, language = self.entry, self.reading.here.language
        return outcome_of(told.call_status, told.disconnection_reason, language)

    @cached_property
    def all_turns(self) -> list[Turn]:
        return [self._turn(turn) for turn in self.entry.turns]

    @cached_property
    def turns(self) -> list[Turn]:
        """Those that are shown: the first ones, or those about the first hit."""
        if self.reading.whole or len(self.all_turns) <= TURNS_SHOWN:
            return self.all_turns
        hit = next((i for i, turn in enumerate(self.all_turns) if turn.is_hit), 0)
        begin = max(0, min(hit - 2, len(self.all_turns) - TURNS_SHOWN))
        return self.all_turns[begin : begin + TURNS_SHOWN]

    @property
    def is_cut(self) -> bool:
        return len(self.turns) < len(self.all_turns)

    @property
    def has_hit(self) -> bool:
        return any(turn.is_hit for turn in self.turns)

    @cached_property
    def recording(self) -> str:
        """What a player plays: the address, with the time of the first hit to begin at."""
        media = media_of(self.entry.recording_url)
        if media is None or not media.is_playable:
            return ""
        url = media.url
        start = next((turn.start for turn in self.turns if turn.is_hit), None)
        return f"{url}#t={start}" if start else url

    @property
    def recording_link(self) -> Media | None:
        """A recording that no player may have, to be opened elsewhere."""
        media = None if self.recording else media_of(self.entry.recording_url)
        return media and media._replace(kind="")

    def _turn(self, turn: Mapping[str, Any]) -> Turn:
        speaker, text = str(turn.get("speaker") or ""), str(turn.get("text") or "")
        start = turn.get("start")
        if not is_number(start) or start > _LONGEST_CALL:
            start = None
        return Turn(speaker, text, start, speaker == "agent", has_hit(text, self.words))
