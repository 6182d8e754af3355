"""A chat reads the same in whatever way a phone writes it, however it is cut and how often told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from timeline.entries import AnyDraft, MessageDraft
from timeline.importing.whatsapp_chat.dates import DateOrder
from timeline.importing.whatsapp_chat.drafts import Chatting, drafts_of
from timeline.importing.whatsapp_chat.parsing import read_chat

ZONE = ZoneInfo("Asia/Kolkata")
BEGIN = datetime(2026, 1, 10, 9, 0, tzinfo=ZONE)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
CHATTING = Chatting(UUID(int=1), frozenset({"acme"}), is_group=False)


class Form(NamedTuple):
    """How a phone writes a head, the order of its dates, and its digits from 0 to 9."""

    head: Callable[[datetime, str, str], str]
    order: DateOrder
    digits: str = "0123456789"


def _half(at: datetime, am: str, pm: str) -> str:
    return f"{at.hour % 12 or 12}:{at:%M}{at:%S}"[:-2] + (am if at.hour < 12 else pm)


FORMS = [
    Form(lambda at, who, text: f"{at:%d/%m/%Y}, {at:%H:%M} - {who}: {text}", DateOrder.DMY),
    Form(lambda at, who, text: f"{at:%d.%m.%y}, {at:%H:%M} - {who}: {text}", DateOrder.DMY),
    Form(
        lambda at, who, text: (
            f"{at.month}/{at.day}/{at:%y}, {_half(at, chr(0x202F) + 'AM', chr(0x202F) + 'PM')}"
            f" - {who}: {text}"
        ),
        DateOrder.MDY,
    ),
    Form(
        lambda at, who, text: f"{at:%d-%m-%Y} {_half(at, ' a. m.', ' p. m.')} - {who}: {text}",
        DateOrder.DMY,
    ),
    Form(
        lambda at, who, text: f"{at:%d/%m/%Y}، {_half(at, ' ص', ' م')} - {who}: {text}",
        DateOrder.DMY,
        "٠١٢٣٤٥٦٧٨٩",
    ),
    Form(
        lambda at, who, text: f"{at:%d/%m/%y}, {_half(at, ' am', ' pm')} - {who}: {text}",
        DateOrder.DMY,
        "०१२३४५६७८९",
    ),
    Form(
        lambda at, who, text: (
            f"{at:%Y/%m/%d} {'上午' if at.hour < 12 else '下午'}{_half(at, '', '')} - {who}: {text}"
        ),
        DateOrder.YMD,
    ),
    Form(lambda at, who, text: f"\u200e[{at:%Y-%m-%d, %H:%M:%S}] {who}: {text}", DateOrder.YMD),
    Form(lambda at, who, text: f"[{at:%d.%m.%Y %H.%M.%S}] {who}: {text}", DateOrder.DMY),
    Form(
        lambda at, who, text: (
            f"{at:%Y}년 {at.month}월 {at.day}일 "
            f"{'오전' if at.hour < 12 else '오후'} {_half(at, '', '')}, {who} : {text}"
        ),
        DateOrder.YMD,
    ),
]

# Of few words, so that messages equal one another, and of whatever a keyboard has.
words = st.one_of(
    st.sampled_from(["ok", "ok: ok", "👍", "see\nyou", "سلام", "<3"]),
    st.text(
        st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Nd"]), max_size=20
    ).map(str.strip),
)


class Message(NamedTuple):
    at: datetime
    who: str
    text: str


messages = st.lists(
    st.builds(
        lambda minutes, who, text: Message(BEGIN + timedelta(minutes=minutes), who, text),
        st.integers(0, 400_000),
        st.sampled_from(["Ana", "Acme"]),
        words,
    ),
    min_size=1,
    max_size=25,
).map(lambda all_: sorted(all_, key=lambda message: message.at))


def written(chat: list[Message], form: Form) -> str:
    digits = str.maketrans("0123456789", form.digits)
    lines = []
    for at, who, text in chat:
        head = form.head(at, who, "\0").translate(digits)
        lines.append(head.replace("\0", text))
    return "\n".join(lines)


def drafts(chat: list[Message], form: Form) -> list[AnyDraft]:
    read = read_chat(written(chat, form), ZONE, now=NOW, order=form.order)
    return [said.draft for said in drafts_of(read.items, CHATTING)]


@given(messages, st.sampled_from(FORMS))
def test_what_was_said_is_read(chat: list[Message], form: Form) -> None:
    read = [draft for draft in drafts(chat, form) if isinstance(draft, MessageDraft)]
    assert [
        (draft.occurred_at.replace(second=0, microsecond=0), draft.direction, draft.content)
        for draft in read
    ] == [
        (at.astimezone(UTC), "outbound" if who == "Acme" else "inbound", text)
        for at, who, text in chat
    ]
    assert [draft.occurred_at for draft in read] == sorted({draft.occurred_at for draft in read})


@given(messages, st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_every_way_of_writing_it_tells_of_the_same(
    chat: list[Message], one: Form, other: Form
) -> None:
    assert drafts(chat, one) == drafts(chat, other)


@given(messages, st.sampled_from(FORMS), st.data())
def test_an_export_of_a_part_tells_of_nothing_else(
    chat: list[Message], form: Form, data: st.DataObject
) -> None:
    whole = {draft.external_id: draft for draft in drafts(chat, form)}
    assert len(whole) == len(chat)
    begin = data.draw(st.integers(0, len(chat) - 1))
    end = data.draw(st.integers(begin + 1, len(chat)))
    part = drafts(chat[begin:end], form)
    assert {draft.external_id for draft in part} <= whole.keys()
    # Where the part begins with a minute's first, its times are the whole's.
    if begin == 0 or chat[begin - 1].at != chat[begin].at:
        assert all(draft.occurred_at == whole[draft.external_id].occurred_at for draft in part)
