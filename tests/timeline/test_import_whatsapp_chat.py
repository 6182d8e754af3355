"""`import_whatsapp_chat`: chats that phones exported become a lead's entries, each once."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from leads.models import Account, Lead, Membership
from tests.factories import LeadFactory
from tests.timeline.saved import Ran, run
from tests.timeline.test_whatsapp_chat_parsing import PAYLOADS
from timeline import files, moving
from timeline.entries import FullActivity, FullMessage
from timeline.history import FULL, read_page
from timeline.importing.whatsapp_chat import reading
from timeline.models import Message, StoredFile

pytestmark = pytest.mark.django_db

US = PAYLOADS / "android_english_us.txt"
UK = PAYLOADS / "ios_english_uk.txt"


def do(account: Account, lead: Lead | None, *files: Path, more: tuple[str, ...] = ()) -> Ran:
    whose = ("--lead", str(lead.pk)) if lead else ()
    ours = ("--account", account.name, "--me", "Acme Sales", "--timezone", "America/Santiago")
    return run("import_whatsapp_chat", *ours, *whose, *more, *map(str, files))


def entries(lead: Lead) -> list[FullMessage | FullActivity]:
    page = read_page(lead.account_id, lead.pk, limit=200, detail=FULL)
    return [entry for entry in page.entries if isinstance(entry, FullMessage | FullActivity)]


def told(lead: Lead) -> list[tuple[str, str]]:
    return [
        (entry.direction, entry.content)
        if isinstance(entry, FullMessage)
        else (entry.activity_type, entry.title)
        for entry in entries(lead)
    ]


def chat(folder: Path, *lines: str, name: str = "chat.txt") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def said(minute: int, text: str, who: str = "Ana") -> str:
    return f"26/11/2025, 14:{minute:02} - {who}: {text}"


def zipped(path: Path, **contents: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_a_chat_becomes_the_leads_entries_in_its_order(account: Account, lead: Lead) -> None:
    ran = do(account, lead, US)
    assert (ran.err, ran.code) == ([], 0)
    assert ran.out == (
        "Imported 1 chat, 9 new entries (0 completed, 0 unchanged, 0 conflicting),"
        " 0 files (1 not in the export), 1 notice of the app left out, 0 refused\n"
    )
    number = "Ana Pérez changed their phone number to a new number."
    assert told(lead) == [
        ("inbound", "Hello"),
        ("outbound", "Hi!"),
        ("inbound", "Hello"),
        ("inbound", "<Media omitted>"),
        ("outbound", "IMG-20261126-WA0001.jpg\nThe roof, from above"),
        ("message_deleted", "You deleted this message"),
        ("whatsapp_call", "Missed voice call"),
        ("whatsapp_notice", f"{number} Tap to message or add the new number."),
        ("outbound", "Good night"),
    ]
    first, second, third = (entry.occurred_at for entry in entries(lead)[:3])
    assert f"{first:%Y-%m-%dT%H:%M:%S.%f}" == "2026-11-26T17:03:00.000000"
    assert (second - first, third - second) == (timedelta(milliseconds=1),) * 2
    assert {entry.channel for entry in entries(lead)} == {"whatsapp"}


def test_twice_and_on_another_phone_changes_nothing(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    do(account, lead, US)
    before = entries(lead)
    ran = do(account, lead, US)
    assert "0 new entries (0 completed, 9 unchanged, 0 conflicting)" in ran.out
    assert entries(lead) == before
    first = chat(tmp_path, said(3, "a"), said(3, "b", "Acme Sales"), name="android.txt")
    do(account, lead, first)
    other = chat(
        tmp_path,
        "[26/11/2025, 14:03:22] Ana P: a",
        "[26/11/2025, 14:03:40] Acme Sales: b",
        name="ios.txt",
    )
    assert "0 new entries (0 completed, 2 unchanged" in do(account, lead, other).out


def test_a_longer_export_adds_what_is_new_whatever_it_begins_with(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    lines = [said(3, "one"), said(3, "ok"), said(3, "ok"), said(4, "two"), said(5, "ok")]
    do(account, lead, chat(tmp_path, *lines[:4]))
    before = entries(lead)
    ran = do(account, lead, chat(tmp_path, *lines, name="later.txt"))
    assert "1 new entry (0 completed, 4 unchanged" in ran.out
    assert entries(lead)[:4] == before
    # It begins in the midst of a minute.
    ran = do(account, lead, chat(tmp_path, *lines[2:], name="cut.txt"))
    assert "0 new entries (0 completed, 3 unchanged, 0 conflicting)" in ran.out


def test_what_was_deleted_since_stays_and_moves_nothing(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    do(account, lead, chat(tmp_path, said(3, "one"), said(3, "two"), said(3, "three")))
    lines = said(3, "one"), said(3, "This message was deleted"), said(3, "three")
    ran = do(account, lead, chat(tmp_path, *lines))
    assert "1 new entry (0 completed, 2 unchanged, 0 conflicting)" in ran.out
    assert told(lead)[0] == ("inbound", "one")
    assert sorted(content for _, content in told(lead)) == sorted(
        ["one", "two", "three", "This message was deleted"]
    )


def test_what_was_moved_to_another_lead_is_known_there(
    account: Account, lead: Lead, owner: Membership, tmp_path: Path
) -> None:
    file = chat(tmp_path, said(3, "a"), said(4, "b", "Acme Sales"))
    do(account, lead, file)
    right = LeadFactory.create(account=account)
    moving.move(owner, entries(lead)[0].id, lead.pk, right.pk)
    ran = do(account, lead, file)
    assert "0 new entries (0 completed, 2 unchanged, 0 conflicting)" in ran.out
    assert told(right)[0] == ("inbound", "a")


# --- Media --------------------------------------------------------------------------------------

PHOTO = "00000004-PHOTO-2026-11-26-14-05-40.jpg"


def test_media_in_the_zip_are_kept_and_complete_what_was_imported_without(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    text = UK.read_bytes()
    do(account, lead, UK)
    before = len(entries(lead))
    full = zipped(
        tmp_path / "full.zip",
        **{"_chat.txt": text, PHOTO: b"jpeg", "00000005-offer.pdf": b"%PDF"},
    )
    ran = do(account, lead, full)
    assert (ran.err, ran.code) == ([], 0)
    assert "0 new entries (2 completed, 7 unchanged, 0 conflicting), 2 files (0 not" in ran.out
    assert len(entries(lead)) == before
    (photo,) = Message.objects.get(attachments__0__name=PHOTO).attachments
    assert (photo["type"], photo["size"]) == ("image/jpeg", 4)
    assert StoredFile.objects.filter(pk=photo["file"], account=account).exists()
    assert "9 unchanged" in do(account, lead, full).out
    assert "9 unchanged" in do(account, lead, UK).out
    assert StoredFile.objects.count() == 2


def test_a_caption_stays_when_the_file_is_kept(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    name = "IMG-20261126-WA0001.jpg"
    archive = zipped(
        tmp_path / "c.zip", **{"WhatsApp Chat with Ana.txt": US.read_bytes(), name: b"jpeg"}
    )
    do(account, lead, archive)
    message = Message.objects.get(content="The roof, from above")
    assert [each["name"] for each in message.attachments] == [name]
    assert message.message_type == "media"


@pytest.mark.parametrize("evil", ["../../etc/passwd.jpg", "/etc/passwd.jpg", "..\\..\\passwd.jpg"])
def test_names_in_a_zip_lead_nowhere(
    account: Account, lead: Lead, tmp_path: Path, evil: str
) -> None:
    text = f"26/11/2025, 14:03 - Ana: \u200e{evil} (file attached)\n".encode()
    ran = do(account, lead, zipped(tmp_path / "c.zip", **{"_chat.txt": text, evil: b"x"}))
    assert ran.code == 0
    assert all("/" not in row.name and "\\" not in row.name for row in StoredFile.objects.all())
    assert not (tmp_path / "passwd.jpg").exists()


def test_what_bursts_or_is_broken_is_refused_and_the_rest_lands(
    account: Account, lead: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [said(n, f"\u200ef{n}.jpg (file attached)") for n in range(3)]
    text = "\n".join(lines).encode()
    contents = {
        "_chat.txt": text,
        "f0.jpg": bytes(2_000_000),
        "f1.jpg": b"x" * 200,
        "f2.jpg": b"ok",
    }
    monkeypatch.setattr(reading, "FILE_LIMIT", 3_000_000)
    ran = do(account, lead, zipped(tmp_path / "c.zip", **contents))
    assert ran.err == [
        f"{tmp_path}/c.zip:1: f0.jpg is packed to burst",
        "Not everything was imported: see above.",
    ]
    assert "3 new entries" in ran.out
    monkeypatch.setattr(reading, "FILE_LIMIT", 100)
    ran = do(account, lead, tmp_path / "c.zip")
    assert f"{tmp_path}/c.zip:2: f1.jpg is larger than 100 bytes" in ran.err


def test_a_zip_without_a_chat_or_broken_is_said(
    account: Account, lead: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = zipped(tmp_path / "none.zip", **{"a.jpg": b"x"})
    two = zipped(tmp_path / "two.zip", **{"a.txt": b"x", "b.txt": b"y"})
    good = zipped(tmp_path / "good.zip", **{"_chat.txt": US.read_bytes()})
    broken = tmp_path / "broken.zip"
    broken.write_bytes(good.read_bytes().replace(b"_chat.txt", b"_chat.tyt", 1))
    ran = do(account, lead, none, two, broken)
    wanted = "the zip must have one chat, _chat.txt or another .txt; it has"
    assert ran.err[:2] == [f"{none}: {wanted} none", f"{two}: {wanted} a.txt, b.txt"]
    assert ran.err[2].startswith(f"{broken}: the zip is broken")
    monkeypatch.setattr(reading, "TEXT_LIMIT", 10)
    assert "the text is longer than 10 bytes" in do(account, lead, good).err[0]


# --- Whose it is --------------------------------------------------------------------------------


def test_the_lead_is_who_the_number_in_the_chat_says(account: Account, tmp_path: Path) -> None:
    lead = LeadFactory.create(account=account, phone="+56 9 8765 4321")
    file = chat(
        tmp_path, said(3, "hi", "\u202a+56 9 8765 4321\u202c"), said(4, "yes", "Acme Sales")
    )
    assert do(account, None, file).code == 0
    assert told(lead) == [("inbound", "hi"), ("outbound", "yes")]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("Ana", "does not say which lead it is with: say --lead, --phone or --email"),
        ("+56 9 1111 1111", "no lead has the phone number +56 9 1111 1111: say --lead"),
    ],
)
def test_without_a_lead_nothing_is_imported(
    account: Account, other_lead: Lead, tmp_path: Path, who: str, reason: str
) -> None:
    other_lead.phone = "+56911111111"
    other_lead.save()
    file = chat(tmp_path, said(3, "hi", who), said(4, "yes", "Acme Sales"))
    ran = do(account, None, file)
    assert ran.err[0].startswith(f"{file}: {reason}")
    assert (ran.code, Message.objects.count()) == (1, 0)


def test_by_phone_or_mail(account: Account, tmp_path: Path) -> None:
    lead = LeadFactory.create(account=account, phone="9 8765 4321", email="Ana@example.com")
    file = chat(tmp_path, said(3, "hi"))
    assert do(account, None, file, more=("--phone", "+56987654321")).code == 0
    assert "1 unchanged" in do(account, None, file, more=("--email", "ana@EXAMPLE.com")).out
    assert told(lead) == [("inbound", "hi")]


@pytest.mark.parametrize("option", ["--lead", "--phone", "--email"])
def test_a_strangers_lead_is_none(
    account: Account, stranger: Membership, tmp_path: Path, option: str
) -> None:
    theirs = LeadFactory.create(account=stranger.account, phone="+56955555555", email="t@x.example")
    value = {"--lead": str(theirs.pk), "--phone": theirs.phone, "--email": theirs.email}[option]
    ran = do(account, None, chat(tmp_path, said(3, "hi")), more=(option, value))
    assert ran.err == [f"Acme Solar has no lead {'with ' if option != '--lead' else ''}{value}."]
    assert not Message.objects.exists()


def test_who_is_who_is_asked_for(account: Account, lead: Lead, tmp_path: Path) -> None:
    names = chat(tmp_path, said(3, "a"), said(4, "b", "Bob"))
    assert do(account, lead, names).err[0] == (
        f"{names}: nobody in it is called 'Acme Sales'; who writes: 'Ana', 'Bob'"
    )
    group = chat(tmp_path, said(3, "a"), said(4, "b", "Bob"), said(5, "c", "Acme Sales"))
    assert "2 people write in it besides you: 'Ana', 'Bob'." in do(account, lead, group).err[0]
    assert do(account, lead, group, more=("--me", "Bob")).code == 0
    assert told(lead) == [("inbound", "a"), ("outbound", "b"), ("outbound", "c")]


def test_a_group_says_who_wrote(account: Account, lead: Lead, tmp_path: Path) -> None:
    group = chat(tmp_path, said(3, "a"), said(3, "a", "Bob"), said(5, "c", "Acme Sales"))
    assert do(account, None, group, more=("--group",)).err == [
        "A group's chat needs --lead, --phone or --email."
    ]
    assert do(account, lead, group, more=("--group",)).code == 0
    assert told(lead) == [("inbound", "Ana: a"), ("inbound", "Bob: a"), ("outbound", "c")]


# --- What bad input gets ------------------------------------------------------------------------


def test_bad_files_are_named_and_good_ones_land(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    unclear = chat(tmp_path, "01/02/2025, 10:00 - Ana: x", name="unclear.txt")
    nothing = chat(tmp_path, "Dear diary", name="nothing.txt")
    good = tmp_path / "good.txt"
    good.write_bytes(b"preface\n" + said(3, "a").encode() + b" \xff\n" + said(4, "b").encode())
    ran = do(account, lead, unclear, nothing, good)
    assert ran.err == [
        f"{unclear}:1: its dates could be dmy or mdy: say --date-order",
        f"{nothing}: is no exported chat: no line begins with a date, a time and a name",
        f"{good}:2: has bytes that are no text; � stands for them",
        f"{good}: 1 line before the first message left out",
        "Not everything was imported: see above.",
    ]
    assert told(lead) == [("inbound", "a �"), ("inbound", "b")]
    assert do(account, lead, unclear, more=("--date-order", "mdy")).code == 0


def test_a_message_too_long_is_refused_by_its_line(
    account: Account, lead: Lead, tmp_path: Path
) -> None:
    file = chat(tmp_path, said(3, "x" * 1_000_001), said(4, "b"))
    ran = do(account, lead, file)
    assert ran.err[0].startswith(f"{file}:1: content is 1,000,001 characters long")
    assert told(lead) == [("inbound", "b")]


def test_arguments_that_are_none(account: Account, lead: Lead, tmp_path: Path) -> None:
    file = chat(tmp_path, said(3, "a"))
    assert (
        "There is no time zone 'Mars'"
        in do(account, lead, file, more=("--timezone", "Mars")).err[0]
    )
    missing = do(account, lead, tmp_path / "missing.txt", tmp_path)
    assert missing.err == [
        f"{tmp_path}/missing.txt: No such file or directory",
        f"{tmp_path}: Is a directory",
        "Nothing was imported.",
    ]
    bad = run(
        "import_whatsapp_chat", "--account", account.name, "--me", "x", "--lead", "1", str(file)
    )
    assert bad.err == ["--lead must be a UUID, not '1'."]
    unknown = do(account, Lead(pk=uuid4()), file)
    assert unknown.code == 1


def test_files_are_kept_for_the_account_alone(
    account: Account, lead: Lead, stranger: Membership, tmp_path: Path
) -> None:
    archive = zipped(tmp_path / "c.zip", **{"_chat.txt": UK.read_bytes(), PHOTO: b"jpeg"})
    do(account, lead, archive)
    (photo,) = Message.objects.get(attachments__0__name=PHOTO).attachments
    assert files.file_of([stranger.account_id], photo["file"]) is None
    assert files.file_of([account.pk], photo["file"]) is not None


def test_a_terminal_sees_how_far_it_is(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    from django.core.management import call_command

    ours = ("--account", account.name, "--me", "Acme Sales", "--lead", str(lead.pk))
    call_command("import_whatsapp_chat", *ours, str(US), stdout=io.StringIO())
    assert "9 entries" in terminal.getvalue()
