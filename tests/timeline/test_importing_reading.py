"""Finding responses in files: whatever is in them, there is an answer and never a crash."""

import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.importing import reading
from timeline.importing.reading import Broken, Found, read

PAGE = {"lead": {"id": "1"}, "history": [{"content": '¿Qué? 🙂\n{["\\'}]}


def found(data: bytes) -> list[Found | Broken]:
    return list(read(io.BufferedReader(io.BytesIO(data))))


def broken(data: bytes) -> list[str]:
    return [f"{item.place}: {item.reason}" for item in found(data) if isinstance(item, Broken)]


def values(data: bytes) -> list[Any]:
    return [item.value for item in found(data) if isinstance(item, Found)]


def as_lines(*pages: Any) -> bytes:
    return b"".join(json.dumps(page).encode() + b"\n" for page in pages)


# --- Where things are ---------------------------------------------------------------------------


def test_a_place_is_a_line_or_a_page() -> None:
    assert [item.place for item in found(as_lines(PAGE, PAGE))] == ["line 1", "line 2"]
    assert [item.place for item in found(json.dumps([PAGE, PAGE]).encode())] == ["page 1", "page 2"]
    assert [item.place for item in found(json.dumps(PAGE, indent=1).encode())] == ["page 1"]


def test_lines_are_counted_with_the_blank_ones() -> None:
    assert broken(as_lines(PAGE) + b"\n\n{,}\n" + as_lines(PAGE)) == [
        "line 4: broken JSON: Expecting property name enclosed in double quotes, column 2"
    ]


def test_a_break_within_a_page_over_many_lines_names_its_line() -> None:
    lines = json.dumps(PAGE, indent=1).encode().split(b"\n")
    lines[6] = b"oops"
    (told,) = broken(b"\n".join(lines))
    assert told.startswith("page 1, line 7: broken JSON: Expecting ")


@pytest.mark.parametrize(
    "first", [b'{"lead": {"id": "1"', b'{"lead": nope}', b"{}}", b'"history": []', b"\xff"]
)
def test_a_broken_first_line_does_not_hide_that_there_is_one_a_line(first: bytes) -> None:
    data = first + b"\n" + as_lines(PAGE, PAGE)
    assert values(data) == [PAGE, PAGE]
    assert broken(data)[0].startswith("line 1: ")


# --- Any cut of the bytes into reads ------------------------------------------------------------

documents = st.lists(
    st.fixed_dictionaries({"history": st.lists(st.text(max_size=5), max_size=4)}), min_size=1
)


@given(
    pages=documents,
    form=st.sampled_from(["list", "lines", "one after another"]),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    chunk=st.integers(1, 50),
    zipped=st.booleans(),
)
def test_what_was_written_is_read_however_it_is_cut(
    pages: list[Any], form: str, indent: int | None, ascii_only: bool, chunk: int, zipped: bool
) -> None:
    def dumps(value: Any, indent: int | None) -> str:
        return json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    if form == "list":
        text = dumps(pages, indent)
    elif form == "lines":
        text = "\n".join(dumps(page, None) for page in pages)
    else:
        text = "\n".join(dumps(page, 1) for page in pages)
    data = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_CHUNK", chunk)
        assert values(gzip.compress(data) if zipped else data) == pages


@given(data=st.binary(max_size=200), zipped=st.booleans())
def test_any_bytes_get_an_answer(data: bytes, zipped: bool) -> None:
    assert found(gzip.compress(data) if zipped else data) or data.strip() == b"[]"


@given(cut=st.integers(1, 300), listed=st.booleans(), zipped=st.booleans())
def test_of_a_cut_file_what_is_whole_is_found_and_the_cut_is_named(
    cut: int, listed: bool, zipped: bool
) -> None:
    pages = [PAGE] * 9
    data = json.dumps(pages, indent=1).encode() if listed else as_lines(*pages)
    data = (gzip.compress(data, 0) if zipped else data)[:-cut]
    got = found(data)
    whole = [item for item in got if isinstance(item, Found)]
    assert all(item.value == PAGE for item in whole)
    assert all(isinstance(item, Found) for item in got[:-1])
    assert len(whole) < 9 or (isinstance(got[-1], Broken) or not zipped)


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (b"", [": is empty"]),
        (b" \n\t\n", [": is empty"]),
        (b"\xef\xbb\xbf", [": is empty"]),
        (gzip.compress(b"", mtime=0), [": is empty"]),
        (b"hello", ["line 1: broken JSON: Expecting value, column 1"]),
        (b'{"a": "\xff"}', ["line 1: is not UTF-8 at byte 8"]),
        ('{"a": 1}'.encode("utf-16"), ["line 1: is not UTF-8 at byte 1"]),
        (b'{"a":\n"\xff"}', ["page 1, line 2: is not UTF-8"]),
        (b'{"history": NaN}', ["line 1: NaN is no JSON"]),
        (b'{"history": -Infinity}', ["line 1: -Infinity is no JSON"]),
        (b'{"history": 1e999}', ["line 1: the number 1e999 is too large"]),
        (b'{"history": ' + b"9" * 5000 + b"}", ["line 1: a number has 5,000 digits"]),
        (b'[{"a": 1, "a": 2}]', ["page 1: the key 'a' is given twice in one object"]),
        (b"[" * 1_000_000, ["page 1, line 1: is nested too deeply"]),
        (b'{"a":' * 1_000_000, ["line 1: is nested too deeply"]),
        (
            b'[{"a": 1} {"a": 2}]',
            ["page 2, line 1: broken JSON: Expecting ',' or ']' after a page"],
        ),
        (b'[{"a": 1},]', ["page 2, line 1: broken JSON: Expecting value"]),
        (b"[]\n[]", ["page 1, line 2: broken JSON: there is more after the end of the list"]),
        (b"\x1f\x8bnot at all", ["page 1, line 1: the compressed data is broken: "]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_json_is_told(data: bytes, reasons: list[str]) -> None:
    told = broken(data)
    assert len(told) == len(reasons)
    assert all(line.startswith(reason) for line, reason in zip(told, reasons, strict=True))


def test_a_flaw_of_one_page_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'[{"a": 1, "a": 2}, {"a": NaN}, ' + json.dumps(PAGE).encode() + b"]"
    assert values(data) == [PAGE]
    assert len(broken(data)) == 2


@pytest.mark.parametrize("begin", [b'{"history": "', b'[{"history": "', b'{\n"history": "'])
def test_a_response_without_end_is_given_up(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT", 1_000_000)
    assert "is longer than" in broken(begin + b"x" * 3_000_000)[0]


def test_a_read_that_fails_leaves_what_came_before() -> None:
    class Failing(io.RawIOBase):
        chunks = iter([as_lines(PAGE, PAGE)])

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            chunk = next(self.chunks, None)
            if chunk is None:
                raise OSError(5, "Input/output error")
            buffer[: len(chunk)] = chunk
            return len(chunk)

    items = list(read(io.BufferedReader(Failing())))
    assert items == [
        Found("line 1", PAGE),
        Found("line 2", PAGE),
        Broken("line 3", "cannot be read: Input/output error"),
    ]


# --- Memory -------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A long file that is never in memory."""

    def __init__(self, begin: bytes, item: bytes, count: int) -> None:
        self._parts = self._all(begin, item, count)

    def _all(self, begin: bytes, item: bytes, count: int) -> Iterator[bytes]:
        yield begin + item
        for _ in range(count):
            yield item

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = next(self._parts, b"")
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize(
    ("begin", "between"),
    [(b"", b"\n"), (b"[", b","), (b"[\n", b",\n")],
    ids=["lines", "list", "both"],
)
def test_a_long_file_is_not_held(begin: bytes, between: bytes) -> None:
    page = json.dumps({"history": ["x" * 4000]}).encode() + between
    raw = Endless(begin, page, 3_000)
    tracemalloc.start()
    try:
        items = read(io.BufferedReader(raw, buffer_size=2 * len(page)))
        count = sum(isinstance(item, Found) for item in items)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 3_001
    assert peak < 4_000_000
