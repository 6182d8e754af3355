"""A history imported in any order, cut in any way, and as often as one likes, is one timeline."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Account
from tests.conftest import ApiClient
from tests.factories import api_key
from tests.timeline.saved import LEAD_ID, activity, call, import_files, message, response

History = list[dict[str, Any]]
# The responses of each file.
Files = list[list[dict[str, Any]]]

# Few times and few contents, so that entries equal one another but for what may change.
times = st.sampled_from([f"2026-01-10T09:00:0{second}Z" for second in range(3)])
entries = st.one_of(
    st.builds(
        message,
        timestamp=times,
        content=st.sampled_from(["a", "b"]),
        status=st.sampled_from([None, "sent", "delivered", "read", "failed"]),
    ),
    st.builds(call, timestamp=times, summary=st.sampled_from([None, "s"])),
    st.builds(activity, timestamp=times),
)
histories = st.lists(entries, min_size=1, max_size=12).map(
    lambda history: sorted(history, key=lambda entry: str(entry["timestamp"]))
)


@st.composite
def cut(draw: st.DrawFn, history: History) -> Files:
    """Return pages of the whole history that may overlap and repeat, in any order, in files."""
    size = len(history)
    inner = st.sets(st.integers(1, size - 1)) if size > 1 else st.just(set[int]())
    bounds = [0, *sorted(draw(inner)), size]
    ranges = list(pairwise(bounds))
    more = st.tuples(st.integers(0, size), st.integers(0, size))
    ranges += [(min(pair), max(pair)) for pair in draw(st.lists(more, max_size=3))]
    pages = [
        response(*history[begin:end], offset=begin, has_more=end < size)
        for begin, end in draw(st.permutations(ranges))
    ]
    half = draw(st.integers(0, len(pages)))
    return [pages[:half], pages[half:]] if 0 < half < len(pages) else [pages]


@st.composite
def cut_twice(draw: st.DrawFn) -> tuple[History, Files, Files]:
    history = draw(histories)
    return history, draw(cut(history)), draw(cut(history))


class Importing:
    """Runs of the command on files that are lists of responses, and the API's answer."""

    def __init__(self, account: Account, api: ApiClient, folder: Path) -> None:
        self._account, self._api, self._folder = account, api, folder

    def run(self, files: Files) -> str:
        paths = [self._folder / f"{number}.json" for number in range(len(files))]
        for path, pages in zip(paths, files, strict=True):
            path.write_text(json.dumps(pages))
        ran = import_files(self._account, *paths)
        assert (ran.code, ran.err) == (0, [])
        return ran.out

    def alone(self, *runs: Files) -> tuple[str, bytes]:
        """Return what the last run said and the API answers then, and take all of them back."""
        with transaction.atomic():
            said = [self.run(files) for files in runs][-1]
            answer: bytes = self._api.history(LEAD_ID).content
            transaction.set_rollback(True)
        return said, answer


@pytest.fixture
def importing(account: Account, tmp_path: Path) -> Importing:
    _, key = api_key(account, rate=1_000_000)
    return Importing(account, ApiClient(key), tmp_path)


# Each example takes back what it wrote.
examples = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@examples
@given(told=cut_twice())
def test_pages_in_any_order_and_cut_give_the_history(
    importing: Importing, told: tuple[History, Files, Files]
) -> None:
    history, files, _ = told
    _, whole = importing.alone([[response(*history)]])
    assert importing.alone(files)[1] == whole
    assert len(json.loads(whole)["history"]) == len(history)


@examples
@given(told=cut_twice())
def test_another_cut_of_it_in_another_run_changes_nothing(
    importing: Importing, told: tuple[History, Files, Files]
) -> None:
    history, files, others = told
    _, whole = importing.alone([[response(*history)]])
    said, answer = importing.alone(files, others)
    assert answer == whole
    assert "0 new entries (0 advanced, " in said


@examples
@given(history=histories, data=st.data())
def test_entries_with_ids_come_one_by_one_in_runs_of_their_own(
    importing: Importing, history: History, data: st.DataObject
) -> None:
    known = [{**entry, "id": f"id-{number}"} for number, entry in enumerate(history)]
    _, whole = importing.alone([[response(*known)]])
    shuffled = data.draw(st.permutations(known))
    assert importing.alone(*([[response(entry)]] for entry in shuffled))[1] == whole
