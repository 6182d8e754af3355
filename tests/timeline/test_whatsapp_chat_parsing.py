"""Exported chats as phones of many languages and regions write them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from timeline.importing.whatsapp_chat.dates import DateOrder
from timeline.importing.whatsapp_chat.parsing import Chat, ChatError, read_chat
from timeline.importing.whatsapp_chat.reading import decoded
from timeline.importing.whatsapp_chat.words import Kind

PAYLOADS = Path(__file__).parent.parent / "payloads/whatsapp_chat"
SANTIAGO = ZoneInfo("America/Santiago")
NOW = datetime(2026, 12, 1, tzinfo=UTC)
N, T, M, D, C, E = Kind.NOTICE, Kind.TEXT, Kind.MEDIA, Kind.DELETED, Kind.CALL, Kind.EVENT

# What each file has, by kind, and when its second entry and its last were said in Santiago.
EXPECTED = {
    "android_arabic": ([N, T, T, M, D, T], "2026-11-26 14:03:00", "2026-11-27 09:00:00"),
    "android_english_us": (
        [N, T, T, T, M, M, D, C, E, T],
        "2026-11-26 14:03:00",
        "2026-11-27 00:01:00",
    ),
    "android_german": ([N, T, T, M, D, C, T], "2026-11-26 14:03:00", "2026-11-27 00:10:00"),
    "android_hindi": ([N, T, T, M, T], "2026-11-26 14:03:00", "2026-11-27 09:00:00"),
    "android_korean_old": ([N, T, T, M, T], "2026-11-26 14:03:00", "2026-11-27 00:10:00"),
    "android_spanish_chile": (
        [N, T, T, M, M, D, C, T],
        "2026-11-26 14:03:00",
        "2026-11-27 00:30:00",
    ),
    "ios_chinese_taiwan": ([N, T, T, M, D, T], "2026-11-26 14:03:22", "2026-11-27 00:10:00"),
    "ios_danish": ([N, T, T, M, T], "2026-11-26 14:03:22", "2026-11-27 00:10:00"),
    "ios_english_uk": (
        [N, T, T, M, M, T, D, C, T, T],
        "2026-11-26 14:03:22",
        "2026-11-27 09:00:00",
    ),
    "ios_japanese": ([N, T, T, M, T], "2026-11-26 14:03:22", "2026-11-27 00:10:00"),
    "ios_portuguese_brazil": ([N, T, T, M, D, T], "2026-11-26 14:03:22", "2026-11-27 00:01:00"),
}  # fmt: skip
# Of these two days every date is one in one order alone, but for these.
UNCLEAR = {"android_hindi": DateOrder.DMY, "android_german": DateOrder.DMY}


def read(text: str, **options: object) -> Chat:
    return read_chat(text, SANTIAGO, now=NOW, **options)  # type: ignore[arg-type] # as it takes


def said(text: str, **options: object) -> list[tuple[str, str]]:
    return [(item.sender, item.said.text) for item in read(text, **options).items]


def test_every_payload_is_expected() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.txt")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_chat_in_the_way_of_a_region(name: str) -> None:
    kinds, second, last = EXPECTED[name]
    text = (PAYLOADS / f"{name}.txt").read_text(encoding="utf-8")
    items = read(text, order=UNCLEAR.get(name)).items
    assert [item.said.kind for item in items] == kinds
    local = [str(item.at.astimezone(SANTIAGO).replace(tzinfo=None)) for item in items]
    assert (local[1], local[-1]) == (second, last)
    people = {item.sender for item in items if item.said.kind in {T, M}}
    assert len(people) == 2
    assert all("\u200e" not in item.said.text for item in items if item.said.kind is T)


def test_lines_that_follow_belong_to_the_message() -> None:
    items = read((PAYLOADS / "ios_english_uk.txt").read_text(encoding="utf-8")).items
    assert items[1].said.text == "Hello, is the offer still open?\nI saw it: last week.\n\nThanks!"
    assert items[5].said == (Kind.TEXT, "Until Saturday, sorry", "", True)
    assert items[4].said.file == "00000005-offer.pdf"


def test_what_nobody_said_is_not_glued_to_what_was_said() -> None:
    items = read((PAYLOADS / "android_english_us.txt").read_text(encoding="utf-8")).items
    assert items[5].said == (Kind.MEDIA, "The roof, from above", "IMG-20261126-WA0001.jpg", False)
    assert [item.sender for item in items[7:9]] == ["", ""]


# --- Dates --------------------------------------------------------------------------------------


def chat(*dates: str) -> str:
    return "".join(f"{date}, 14:03 - Ana: x\n" for date in dates)


def day(text: str, **options: object) -> str:
    return f"{read(text, **options).items[0].at:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["01/02/2026", "13/02/2026"], "2026-02-01"),
        (["1/2/26", "1/13/26"], "2026-01-02"),
        (["2026-02-01"], "2026-02-01"),
        (["26. 2. 1.", "26. 2. 27."], "2026-02-01"),
        # Only in one order do they follow one another.
        (["01/02/2026", "02/02/2026", "01/03/2026", "02/03/2026", "01/04/2026"], "2026-02-01"),
        # In another they would be yet to come.
        (["12/11/2026"], "2026-11-12"),
        (["26/11/2569"], "2026-11-26"),
    ],
)
def test_the_order_of_dates_is_found_in_the_whole_file(dates: list[str], first: str) -> None:
    assert day(chat(*dates)) == first


@pytest.mark.parametrize("order", list(DateOrder)[:2])
def test_dates_that_do_not_tell_are_asked_about(order: DateOrder) -> None:
    text = chat("01/02/2026", "01/03/2026")
    with pytest.raises(ChatError, match="could be dmy or mdy: say --date-order") as unclear:
        read(text)
    assert unclear.value.line == 1
    assert day(text, order=order) == {"dmy": "2026-02-01", "mdy": "2026-01-02"}[order]


def test_a_date_that_is_none_names_its_line() -> None:
    with pytest.raises(ChatError, match="none in the order mdy") as wrong:
        read(chat("01/02/2026", "13/02/2026"), order=DateOrder.MDY)
    assert wrong.value.line == 2
    with pytest.raises(ChatError, match="none in any order") as wrong:
        read(chat("01/02/2026", "31/31/2026"))
    assert wrong.value.line == 2


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        # Clocks went from 0:00 to 1:00 on 6 September, and from 24:00 to 23:00 on 4 April.
        ("06/09/2026, 00:30", "2026-09-06T04:30:00+00:00"),
        ("04/04/2026, 23:30", "2026-04-05T02:30:00+00:00"),
        ("13/04/2026, 24:05", "2026-04-13T04:05:00+00:00"),
    ],
)
def test_times_that_a_clock_leaves_out_or_shows_twice(clock: str, utc: str) -> None:
    items = read(f"{clock} - Ana: x\n", order=DateOrder.DMY).items
    assert items[0].at.isoformat() == utc


@pytest.mark.parametrize(
    ("time", "hour"),
    [
        ("12:03 AM", 0), ("12:03 PM", 12), ("2:03\u202fPM", 14), ("2:03 p.\u00a0m.", 14),
        ("12:03 a. m.", 0), ("午後2:03", 14), ("午後0:03", 12), ("오전 9:03", 9), ("凌晨2:03", 2),
        ("晚上9:03", 21), ("中午12:03", 12), ("٢:٠٣ م", 14), ("٢:٠٣ ص", 2), ("2:03 μ.μ.", 14),
        ("kl. 14.03", 14), ("klo 14.03", 14), ("du. 2:03", 14), ("2:03 ÖS", 14),
    ],
)  # fmt: skip
def test_clocks_of_many_languages(time: str, hour: int) -> None:
    (item,) = read(f"13/02/2026, {time} - Ana: x\n").items
    assert item.at.astimezone(SANTIAGO).hour == hour


def test_half_a_day_in_unknown_words_is_not_guessed() -> None:
    with pytest.raises(ChatError, match="is no exported chat"):
        read("13/02/2026, 2:03 qq - Ana: x\n")


# --- Names --------------------------------------------------------------------------------------


def test_names_with_a_colon_are_told() -> None:
    text = "13/02/2026, 14:03 - Ana: la jefa: hola: tú\n13/02/2026, 14:03 - a:b: yo\n"
    assert said(text) == [("Ana", "la jefa: hola: tú"), ("a:b", "yo")]
    assert said(text, names=["ana: LA jefa"])[0] == ("Ana: la jefa", "hola: tú")


def test_a_line_as_of_another_phone_is_part_of_the_message() -> None:
    text = chat("13/02/2026", "14/02/2026") + "[13/02/26, 14:03:22] Bob: pasted\n"
    assert said(text)[-1] == ("Ana", "x\n[13/02/26, 14:03:22] Bob: pasted\n".rstrip("\n"))


def test_an_empty_message_is_one() -> None:
    lines = [f"13/02/2026, 14:03 - {line}\n" for line in ("Ana: x", "Ana:", "Ana: ")]
    assert said("".join(lines)) == [("Ana", "x"), ("Ana", ""), ("Ana", "")]


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    text = (PAYLOADS / "android_spanish_chile.txt").read_text(encoding="utf-8")
    assert decoded(text.encode(encoding)) == (text, [])


def test_bad_bytes_survive_and_are_named() -> None:
    text, bad = decoded(b"13/02/2026, 14:03 - Ana: \xff\x00ok\n")
    assert (said(text), bad) == ([("Ana", "\ufffd\ufffdok")], [1])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_ends_of_lines(end: str) -> None:
    assert said(f"13/02/2026, 14:03 - Ana: a{end}b{end}") == [("Ana", "a\nb")]


heads = st.sampled_from(
    [
        "26/11/2026, 14:03 - ",
        "[26/11/2026, 14:03:22] ",
        "\u200e[٢٦/١١/٢٠٢٦، ٢:٠٣ م] ",
        "Ana: ",
        "<",
        ">",
    ]
)


@given(st.lists(st.one_of(heads, st.text(max_size=12), st.just("\n"))).map("".join))
@example("26/11/2026, 14:03 - : ")
@example("99/99/9999, 99:99 - a: b")
@example("[26/11/0000, 14:03:22] a: b")
def test_whatever_is_in_a_file_is_read_or_refused(text: str) -> None:
    try:
        chat = read(text)
    except ChatError:
        return
    assert chat.items


@given(st.binary(max_size=400))
def test_whatever_bytes_there_are_become_text(content: bytes) -> None:
    text, _ = decoded(content)
    assert "\0" not in text
    text.encode()
