"""`import_mail`: mailboxes of every kind, each mail once, and every failure named."""

import os
import shutil
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.models import Account, Lead, Membership
from tests.factories import LeadFactory
from tests.timeline.mails import mail, samples
from timeline.importing import mailboxes
from timeline.importing.mailboxes import Found, Unread, files_in, mails_in, parsed
from timeline.inbox_models import EntryReport
from timeline.mail_reports import Ours, report_of_mail
from timeline.models import Activity, CallTranscript, Message, StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(account: Account) -> Lead:
    return LeadFactory.create(account=account, email="Ana@Example.com")


class Run:
    """What a run of the command said."""

    def __init__(self, *paths: Path | str, **options: Any) -> None:
        out, err = StringIO(), StringIO()
        self.code = 0
        self.error = ""
        options = {"account": "Acme Solar", "own": ["sales@acme.example"]} | options
        try:
            call_command("import_mail", *map(str, paths), stdout=out, stderr=err, **options)
        except CommandError as error:
            self.code, self.error = error.returncode, str(error)
        self.out, self.err = out.getvalue(), err.getvalue()


def put(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content or mail())
    return path


def from_line(sender: str = "ana@example.com", at: str = "Fri May  1 09:00:00 2026") -> bytes:
    return f"From {sender} {at}\n".encode()


# --- Into the timeline ---------------------------------------------------------------------------


def test_a_mail_of_a_lead_is_imported_once(ana: Lead, tmp_path: Path) -> None:
    path = put(tmp_path / "one.eml")
    assert (
        Run(path).out
        == "Imported 1 mail (0 known already, 0 of people who are no leads), 0 refused\n"
    )
    again = Run(path)
    assert again.out.startswith("Imported 0 mails (1 known already,")
    assert (again.code, again.err) == (0, "")
    message = Message.objects.get()
    assert (message.lead, message.source, message.direction) == (ana, "email", "inbound")
    assert (message.content, message.subject) == ("Hello", "Roof")


def test_twice_changes_nothing_at_all(ana: Lead, tmp_path: Path) -> None:
    content = mail(
        "--B\nContent-Type: image/png\n\nx\n--B--", Content_Type="multipart/mixed; boundary=B"
    )
    put(tmp_path / "one.eml", content)
    put(tmp_path / "two.eml", mail(Message_ID=None, Date=None))

    def rows() -> list[Any]:
        models = (Lead, Message, EntryReport, StoredFile)
        return [list(model.objects.order_by("pk").values()) for model in models]

    assert Run(tmp_path).code == 0
    before = rows()
    assert Run(tmp_path).code == 0
    assert rows() == before
    assert len(before[1]) == 2


def test_a_mail_of_ours_is_of_the_recipient_who_is_a_lead(ana: Lead, tmp_path: Path) -> None:
    put(tmp_path / "a.eml", mail(From="sales@acme.example", To="bo@x.example, ana@example.com"))
    assert Run(tmp_path).out.startswith("Imported 1 mail ")
    message = Message.objects.get()
    assert (message.lead, message.direction, message.status) == (ana, "outbound", "sent")


def test_mails_of_the_accounts_people_are_ours(
    ana: Lead, colleague: Membership, tmp_path: Path
) -> None:
    put(tmp_path / "a.eml", mail(From=colleague.user.email, To="ana@example.com"))
    Run(tmp_path, own=[])
    assert Message.objects.get().direction == "outbound"


def test_mails_of_people_who_are_no_leads_are_left_out_and_leave_nothing(
    account: Account, tmp_path: Path
) -> None:
    put(tmp_path / "a.eml")
    run = Run(tmp_path)
    assert run.out.startswith("Imported 0 mails (0 known already, 1 of people who are no leads)")
    assert run.code == 0
    assert not EntryReport.objects.exists()
    assert not Lead.objects.exists()


def test_leads_are_made_where_that_is_asked_for(account: Account, tmp_path: Path) -> None:
    put(tmp_path / "a.eml")
    put(tmp_path / "b.eml", mail(Message_ID="<2@example.com>"))
    Run(tmp_path, create_leads=True)
    lead = Lead.objects.get()
    assert (lead.first_name, lead.email, lead.source) == ("Ana", "ana@example.com", "email")
    assert Message.objects.filter(lead=lead).count() == 2


def test_a_lead_of_another_account_gets_nothing(
    account: Account, other_account: Account, tmp_path: Path
) -> None:
    other = LeadFactory.create(account=other_account, email="ana@example.com")
    put(tmp_path / "a.eml")
    Run(tmp_path, create_leads=True)
    assert not Message.objects.filter(lead=other).exists()
    assert Message.objects.get().account == account


def test_names_of_files_lead_nowhere(ana: Lead, tmp_path: Path) -> None:
    content = mail(
        "--B\nContent-Disposition: attachment; filename=../../etc/passwd\n\nx\n--B--",
        Content_Type="multipart/mixed; boundary=B",
    )
    put(tmp_path / "a.eml", content)
    Run(tmp_path)
    assert [file["name"] for file in Message.objects.get().attachments] == ["passwd"]


# --- Kinds of mailboxes --------------------------------------------------------------------------


def found(path: Path) -> list[Found]:
    items = [item for file in files_in(path) for item in mails_in(file)]
    assert all(isinstance(item, Found) for item in items)
    return [item for item in items if isinstance(item, Found)]


def test_an_mbox_has_a_mail_after_each_line_that_begins_one(tmp_path: Path) -> None:
    body = "From here on.\n\nFrom Monday we are closed.\n>From me\n>>From you\n"
    content = from_line() + mail(body) + b"\n" + from_line("-", "Sat May  2 10:00:00 2026")
    mails = found(put(tmp_path / "Sent", content + mail("Two")))
    assert [item.place for item in mails] == ["mail 1", "mail 2"]
    payload = parsed(mails[0].content).get_payload()
    assert payload == "From here on.\n\nFrom Monday we are closed.\nFrom me\n>From you\n\n"
    assert [item.received_at for item in mails] == [
        datetime(2026, 5, 1, 9, tzinfo=UTC),
        datetime(2026, 5, 2, 10, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"From ana@example.com Fri May  1 09:00:00 2026\r\n",
        b"From - Fri May 01 09:00:00 2026\n",
        b"From 1771234567890@xxx Fri May 01 09:00:00 +0000 2026\n",
        b"From ana@example.com Fri May  1 09:00 2026\n",
    ],
)
def test_the_lines_of_many_programs_begin_a_mail(tmp_path: Path, line: bytes) -> None:
    content = (line + mail() + b"\n\n") * 2
    assert len(found(put(tmp_path / "mbox", content))) == 2


def test_a_maildir_has_its_mails_in_two_folders_and_its_folders_beside(tmp_path: Path) -> None:
    for name in (
        "cur/1:2,S",
        "new/2",
        "tmp/3",
        ".Sent/cur/4:2,S",
        ".Sent/new/.keep",
        "dovecot.index",
    ):
        put(tmp_path / name)
    for folder in ("tmp", ".Sent/tmp"):
        (tmp_path / folder).mkdir(exist_ok=True)
    names = [item.path.relative_to(tmp_path).as_posix() for item in found(tmp_path)]
    assert names == [".Sent/cur/4:2,S", "cur/1:2,S", "new/2"]


def test_a_folder_is_read_with_the_folders_in_it_but_no_link_out_of_it(tmp_path: Path) -> None:
    put(tmp_path / "box" / "b" / "one.eml")
    put(tmp_path / "box" / "a.mbox", from_line() + mail())
    put(tmp_path / "out" / "other.eml")
    (tmp_path / "box" / "link").symlink_to(tmp_path / "box")
    (tmp_path / "box" / "out").symlink_to(tmp_path / "out")
    assert [item.path.name for item in found(tmp_path / "box")] == ["a.mbox", "one.eml"]


def test_a_mail_without_a_time_is_of_its_files(tmp_path: Path, ana: Lead) -> None:
    path = put(tmp_path / "a.eml", mail(Date=None))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    Run(path)
    assert Message.objects.get().occurred_at.timestamp() == 1_700_000_000


def test_a_file_that_is_older_than_its_mail_does_not_make_it_older(
    tmp_path: Path, ana: Lead
) -> None:
    path = put(tmp_path / "a.eml", mail(Date="Fri, 1 May 2020 09:00:00 +0000"))
    os.utime(path, (0, 0))
    Run(path)
    assert Message.objects.get().occurred_at == datetime(2020, 5, 1, 9, tzinfo=UTC)


# --- What is wrong -------------------------------------------------------------------------------


def test_each_bad_mail_is_named_and_the_good_ones_land(ana: Lead, tmp_path: Path) -> None:
    content = from_line() + b"\n" + from_line() + mail() + b"\n\n" + from_line()
    path = put(tmp_path / "box", content)
    empty = tmp_path / "empty.eml"
    empty.touch()
    run = Run(path, empty, put(tmp_path / "x.png", b"\x89PNG\r\n\x1a\n"))
    assert run.err.splitlines() == [
        f"{path}, mail 1: is empty",
        f"{path}, mail 3: is empty",
        f"{empty}: is empty",
        f"{tmp_path}/x.png: names no sender",
    ]
    assert run.out.startswith("Imported 1 mail ")
    assert "4 refused" in run.out
    assert (run.code, run.error) == (1, "Not everything was imported: see above.")


def test_a_mail_that_is_not_kept_whole_says_so(ana: Lead, tmp_path: Path) -> None:
    path = put(tmp_path / "a.eml", mail("x" * 1_000_001))
    run = Run(path)
    assert "content is 1,000,001 characters long, of 1,000,000 kept" in run.err
    assert Message.objects.get().content.endswith("x…")


def test_what_is_not_there_is_noticed_before_anything_is_imported(
    ana: Lead, tmp_path: Path
) -> None:
    run = Run(put(tmp_path / "a.eml"), tmp_path / "b.eml", "a\0b")
    assert f"{tmp_path}/b.eml: No such file or directory" in run.err
    assert (run.code, run.error) == (1, "Nothing was imported.")
    assert not Message.objects.exists()


def test_what_is_no_file_is_not_waited_for(account: Account, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "pipe: Is neither a file nor a folder" in Run(tmp_path / "pipe").err
    assert Run(tmp_path).code == 0


def test_an_account_that_is_not_there_is_named(account: Account, tmp_path: Path) -> None:
    assert "Nobody" in Run(put(tmp_path / "a.eml"), account="Nobody").error


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (item,) = mails_in(tmp_path / "gone")
    assert isinstance(item, Unread)
    assert item.broken.reason == "cannot be read: No such file or directory"


def test_a_mail_that_is_too_large_is_left_out_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailboxes, "MAIL_LIMIT", 1_000)
    large = mail("x\n" * 1_000)
    box = put(tmp_path / "box", from_line() + large + b"\n" + from_line() + mail())
    first, second = mails_in(box)
    assert (type(first), type(second)) == (Unread, Found)
    (alone,) = mails_in(put(tmp_path / "a.eml", large))
    assert isinstance(alone, Unread)


def test_a_mail_nested_without_end_keeps_what_can_be_read(ana: Lead, tmp_path: Path) -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=B{level}\n\n--B{level}\n"
        for level in range(3_000)
    )
    put(tmp_path / "a.eml", mail(nested).replace(b"\n\nContent-Type", b"\nContent-Type", 1))
    run = Run(tmp_path)
    assert (run.code, run.err) == (0, "")
    assert "--B2999" in Message.objects.get().content


def test_a_type_of_millions_of_parameters_is_read_at_once() -> None:
    source = mail(Content_Type="multipart/mixed; " + "a=b; " * 2_000_000)
    assert parsed(source)["Subject"] == "Roof"


def test_a_mail_that_nothing_foresaw_keeps_no_other_out(
    ana: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(content: bytes) -> Any:
        if b"Bad" in content:
            raise ZeroDivisionError("odd")
        return parsed(content)

    monkeypatch.setattr("timeline.mail_import.parsed", broken)
    put(tmp_path / "a.eml", mail("Bad"))
    put(tmp_path / "b.eml")
    run = Run(tmp_path)
    assert "a.eml: cannot be read (ZeroDivisionError: odd)" in run.err
    assert run.out.startswith("Imported 1 mail ")


def test_an_interruption_says_what_landed(
    ana: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: bytes) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("timeline.mail_import.parsed", interrupted)
    run = Run(put(tmp_path / "a.eml"))
    assert (run.code, run.out[:16]) == (130, "Imported 0 mails")


# --- Real mails ----------------------------------------------------------------------------------


def ids_in(path: Path) -> list[str]:
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    reading = report_of_mail(parsed(path.read_bytes()), Ours.of("sales@acme.example"), at)
    return [report.external_id for report in reading.reports]


def test_the_interpreters_own_samples_are_all_imported_or_named(
    account: Account, tmp_path: Path
) -> None:
    folder = samples()[0].parent
    run = Run(folder, create_leads=True)
    refused = [line for line in run.err.splitlines() if line.endswith(": names no sender")]
    assert len(run.err.splitlines()) == len(refused)
    imported, known = (int(run.out.split()[place].strip("(")) for place in (1, 3))
    assert imported + known + len(refused) == len(samples())
    # Some are variants of one mail, by its id: of these it has the words of one.
    ids = {one for path in samples() for one in ids_in(path)}
    assert len(ids) >= 30
    assert set(Message.objects.values_list("external_id", flat=True)) == ids
    assert not CallTranscript.objects.exists()
    assert not Activity.objects.exists()
    again = Run(folder, create_leads=True)
    assert again.out.startswith(f"Imported 0 mails ({imported + known} known already")


def test_the_interpreters_own_samples_in_one_mbox_are_the_same_mails(
    account: Account, tmp_path: Path
) -> None:
    texts = [path for path in samples() if path.suffix == ".txt"]
    with (tmp_path / "all.mbox").open("wb") as box:
        for path in texts:
            content = path.read_bytes()
            if not content.startswith(b"From "):
                box.write(from_line())
            box.write(content + b"\n\n")
    mails = found(tmp_path / "all.mbox")
    assert len(mails) == len(texts)
    shutil.rmtree(tmp_path)
