"""Calls: those that were held, with what was said, and those that were missed."""

from typing import Any

from timeline.demo.stage import STORAGE, Scene, Stage, say, stamp
from timeline.entries import CallDraft, Direction, Sentiment

# A recording that ships with the project, so that the player has something to play offline.
RECORDING_URL = "/static/demo/recording.wav"
RECORDING_SECONDS = 24.0
# Calls about as short as it are given it, their turns stretched to fit.
_SHORT = 30.0

_SPEAKERS = {"A": "agent", "L": "lead"}
_DIRECTIONS = {"in": Direction.INBOUND, "out": Direction.OUTBOUND}


def call(stage: Stage, scene: Scene) -> CallDraft:
    """``call ai|human in|out SENTIMENT REASON``.

    Its lines are the agent's (``A:``), the lead's (``L:``) and the summary (``S:``).
    """
    _, direction, mood, reason = scene.step.words.split()
    lines = [line.partition(":") for line in say(stage, scene, scene.step.body).splitlines()]
    turns = _turns(stage, [(who, text.strip()) for who, _, text in lines if who in _SPEAKERS])
    provider_call_id = f"call_{stage.token(27)}"
    duration = turns[-1]["end"] + stage.rng.uniform(0.4, 2.0)
    url = f"{STORAGE}/recordings/{provider_call_id}.wav"
    if duration <= _SHORT:
        turns, duration, url = _fitted(turns), RECORDING_SECONDS, RECORDING_URL
    return CallDraft(
        **stamp(stage, scene),
        direction=_DIRECTIONS[direction],
        duration_seconds=round(duration),
        call_status="ended",
        summary=" ".join(text.strip() for who, _, text in lines if who == "S"),
        recording_url=url,
        sentiment=Sentiment(mood),
        disconnection_reason=reason,
        call_successful=mood != "negative",
        provider_call_id=provider_call_id,
        turns=turns,
    )


def missed(stage: Stage, scene: Scene) -> CallDraft:
    """``missed in|out REASON``: no answer, busy, or a machine that answered."""
    direction, reason = scene.step.words.split()
    voicemail = reason == "voicemail_reached"
    return CallDraft(
        **stamp(stage, scene),
        direction=_DIRECTIONS[direction],
        duration_seconds=stage.rng.randint(9, 26) if voicemail else 0,
        call_status="ended" if voicemail else "not_connected",
        disconnection_reason=reason,
        call_successful=False,
        provider_call_id=f"call_{stage.token(27)}",
    )


def _turns(stage: Stage, said: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Give each turn its time, at the speed the language is spoken."""
    turns, at = [], stage.rng.uniform(0.3, 1.2)
    for who, text in said:
        end = at + max(0.8, len(text) / stage.cast.words["speech"])
        turns.append(
            {"speaker": _SPEAKERS[who], "text": text, "start": round(at, 2), "end": round(end, 2)}
        )
        at = end + stage.rng.uniform(0.15, 0.9)
    return turns


def _fitted(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    scale = (RECORDING_SECONDS - 0.5) / turns[-1]["end"]
    return [
        turn | {"start": round(turn["start"] * scale, 2), "end": round(turn["end"] * scale, 2)}
        for turn in turns
    ]
