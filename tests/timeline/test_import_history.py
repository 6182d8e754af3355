"""`import_history`: what was saved from the documented endpoint is served by ours."""

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.answers import compact
from tests.contract.page import EXAMPLE
from tests.timeline.saved import (
    LEAD_ID,
    activity,
    call,
    import_files,
    import_pages,
    lines,
    message,
    response,
    run,
)
from timeline.importing import importer
from timeline.models import Message

CONTENT = "¿Cuánto cuesta? 🙂"


def contents(api: ApiClient, lead_id: str = LEAD_ID) -> list[str]:
    return [entry["content"] for entry in api.history(lead_id, "?limit=200").json()["history"]]


def statuses(api: ApiClient) -> list[str]:
    return [entry["status"] for entry in api.history(LEAD_ID).json()["history"]]


# --- The page's own example ---------------------------------------------------------------------


def test_the_vendors_example_is_served_back_byte_for_byte(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    file = tmp_path / "page.json"
    file.write_text(json.dumps(EXAMPLE, indent=0))
    ran = import_files(account, file)
    assert ran.out == (
        "Imported 1 new lead (0 known), 5 new entries"
        " (0 advanced, 0 unchanged, 0 conflicting), 0 refused\n"
    )
    assert (ran.err, ran.code) == ([], 0)
    answer = api.history(EXAMPLE["lead"]["id"])
    assert answer.content == compact(EXAMPLE)


def test_twice_more_changes_nothing(account: Account, api: ApiClient, tmp_path: Path) -> None:
    file = tmp_path / "page.json"
    file.write_text(json.dumps(EXAMPLE))
    import_files(account, file)
    before = api.history(LEAD_ID)
    ran = import_files(account, file, file)
    assert ran.out == (
        "Imported 0 new leads (1 known), 0 new entries"
        " (0 advanced, 10 unchanged, 0 conflicting), 0 refused\n"
    )
    assert ran.code == 0
    assert api.history(LEAD_ID).headers["ETag"] == before.headers["ETag"]


def test_what_our_own_api_answers_can_be_imported(
    account: Account, other_account: Account, api: ApiClient, tmp_path: Path
) -> None:
    import_pages(account, tmp_path, response(message(), call(), activity()))
    served = api.history(LEAD_ID).json()
    served["lead"]["id"] = "550e8400-e29b-41d4-a716-446655440001"
    assert import_pages(other_account, tmp_path, served).code == 0


# --- Forms of a file ----------------------------------------------------------------------------

PAGES = [
    response(message(content="one"), message(content="two"), has_more=True),
    response(message(content="three"), offset=2),
]

FORMS = {
    "a list": json.dumps(PAGES),
    "a list over many lines": json.dumps(PAGES, indent=2),
    "one a line": lines(PAGES),
    "one a line, without the last end of line": lines(PAGES).rstrip("\n"),
    "one a line, in Windows' way": lines(PAGES).replace("\n", "\r\n"),
    "one a line, with blank lines": "\n\n" + lines(PAGES).replace("\n", "\n\n"),
    "one after another over many lines": "".join(json.dumps(page, indent=2) for page in PAGES),
}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a BOM"])
@pytest.mark.parametrize("zipped", [False, True], ids=["", "gzipped"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_gives_the_same(
    account: Account, api: ApiClient, tmp_path: Path, form: str, zipped: bool, bom: bytes
) -> None:
    data = bom + FORMS[form].encode()
    file = tmp_path / "saved"
    file.write_bytes(gzip.compress(data) if zipped else data)
    assert import_files(account, file).code == 0
    assert sorted(contents(api)) == ["one", "three", "two"]


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzipped"])
def test_a_dash_is_standard_input(
    account: Account, api: ApiClient, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    data = lines(PAGES).encode()
    piped = io.BufferedReader(io.BytesIO(gzip.compress(data) if zipped else data))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(piped))
    assert import_files(account, "-").code == 0
    assert sorted(contents(api)) == ["one", "three", "two"]


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file = tmp_path / "saved"
    file.write_text(lines(PAGES))
    terminal, pipe = Terminal(), io.StringIO()
    for stderr in terminal, pipe:
        monkeypatch.setattr(sys, "stderr", stderr)
        call_command("import_history", "--account", account.name, str(file), stdout=io.StringIO())
    assert "100%" in terminal.getvalue()
    assert pipe.getvalue() == ""


# --- Leads --------------------------------------------------------------------------------------


def test_a_lead_comes_with_its_fields(account: Account, tmp_path: Path) -> None:
    fields = {"id": LEAD_ID, "first_name": "José", "last_name": None, "phone": "9 1234 5678"}
    fields |= {"email": "j@example.com", "source": "ads", "created_at": "2026-01-10T08:00:00Z"}
    ran = import_pages(account, tmp_path, response(lead={**fields, "new": 1}))
    assert ran.out.startswith("Imported 1 new lead (0 known), 0 new entries")
    lead = Lead.objects.get(id=LEAD_ID)
    assert (lead.account, lead.first_name, lead.last_name) == (account, "José", "")
    assert (lead.phone, lead.phone_e164) == ("9 1234 5678", "+56912345678")
    assert (lead.email, lead.source) == ("j@example.com", "ads")
    assert lead.created_at.isoformat() == "2026-01-10T08:00:00+00:00"


def test_a_lead_that_is_there_stays_as_it_is(
    account: Account, lead: Lead, tmp_path: Path, api: ApiClient
) -> None:
    page = response(message(), lead={"id": str(lead.id), "first_name": "Somebody", "phone": None})
    assert "0 new leads (1 known), 1 new entry" in import_pages(account, tmp_path, page, page).out
    assert Lead.objects.get(id=lead.id).first_name == lead.first_name
    assert contents(api, str(lead.id)) == [CONTENT]


def test_anothers_lead_is_refused_response_by_response(
    account: Account, other_lead: Lead, tmp_path: Path
) -> None:
    pages = [response(message(), lead={"id": str(other_lead.id)}), response(message())] * 2
    ran = import_pages(account, tmp_path, *pages)
    reason = f"the lead {other_lead.id} is another account's"
    assert ran.err[:2] == [f"{tmp_path}/saved.json:line {line}: {reason}" for line in (1, 3)]
    assert ran.code == 1
    assert "1 new lead (0 known), 1 new entry (0 advanced, 1 unchanged" in ran.out
    assert not Message.objects.filter(lead=other_lead).exists()


# --- Which entry is which -----------------------------------------------------------------------


def test_equal_messages_of_one_second_are_all_kept_and_known_again(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    page = response(message(), message(), message(content="else"), message())
    assert "4 new entries" in import_pages(account, tmp_path, page).out
    assert "4 unchanged" in import_pages(account, tmp_path, page).out
    assert sorted(contents(api)) == ["else", CONTENT, CONTENT, CONTENT]


def test_equal_messages_on_either_side_of_a_page_are_two(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    first = response(message(content="before"), message(), has_more=True)
    second = response(message(), message(content="after"), offset=2)
    files = tmp_path / "1.json", tmp_path / "2.json"
    for file, page in zip(files, (first, second), strict=True):
        file.write_text(json.dumps(page))
    assert "4 new entries" in import_files(account, *files).out
    assert "0 new entries (0 advanced, 4 unchanged" in import_files(account, *files[::-1]).out
    assert "8 unchanged" in import_files(account, *files, *files).out


def test_a_later_export_only_moves_a_status_up(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    import_pages(account, tmp_path, response(message(status="delivered")))
    ran = import_pages(account, tmp_path, response(message(status="read")))
    assert "0 new entries (1 advanced, 0 unchanged" in ran.out
    assert "1 unchanged" in import_pages(account, tmp_path, response(message(status="sent"))).out
    assert statuses(api) == ["read"]


def test_a_call_summed_up_otherwise_is_a_conflict_and_no_second_call(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    import_pages(account, tmp_path, response(call(summary="Pricing")))
    ran = import_pages(account, tmp_path, response(call(summary="Prices"), message()))
    assert ran.err[0] == (
        f"{tmp_path}/saved.json:line 1, history[0]: is recorded already, with another summary"
    )
    assert ran.code == 1
    assert "1 new entry (0 advanced, 0 unchanged, 1 conflicting), 0 refused" in ran.out
    assert [e.get("summary") for e in api.history(LEAD_ID).json()["history"]] == [None, "Pricing"]


def test_an_id_makes_an_entry_itself(account: Account, api: ApiClient, tmp_path: Path) -> None:
    page = response(message(id="m-1"), message(id="m-2", content="else"))
    import_pages(account, tmp_path, page)
    assert "2 unchanged" in import_pages(account, tmp_path, page).out
    ran = import_pages(account, tmp_path, response(message(id="m-1", content="otherwise")))
    assert "1 conflicting" in ran.out
    assert sorted(contents(api)) == ["else", CONTENT]


# --- What bad input gets ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (message(timestamp="2026-01-10T09:00:00"), "timestamp has no time zone: '2026-01-10T"),
        (message(channel="fax"), "channel must be one of call, email, whatsapp"),
        (message(content="x" * 3_000_000), "content is 3,000,000 characters long; at most"),
        (message(content="a\0"), "content contains a NUL character"),
        (message(content="\ud83d"), "content contains a lone surrogate"),
        (call(transcript=["\ud83d"]), "transcript "),
        (message(id="\ud83d"), "id contains a lone surrogate"),
        (call(duration_seconds=2**40), "duration_seconds must be between 0 and"),
        (activity(title=None), "title is missing"),
        ({"type": "fax"}, "type 'fax' is none of"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_bad_entry_is_named_and_the_good_ones_land(
    account: Account, api: ApiClient, tmp_path: Path, entry: dict[str, Any], reason: str
) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(response(message(content="good"), entry, message(id="good too"))))
    ran = import_files(account, file)
    assert ran.err[0].startswith(f"{file}:line 1, history[1]: {reason}")
    assert ran.err[1:] == ["Not everything was imported: see above."]
    assert ran.code == 1
    assert ran.out.endswith("2 new entries (0 advanced, 0 unchanged, 0 conflicting), 1 refused\n")
    assert len(contents(api)) == 2


@pytest.mark.parametrize(
    ("lead", "reason"),
    [
        ({"id": "nope"}, "lead.id must be a UUID, not 'nope'"),
        ({"id": LEAD_ID, "first_name": "x" * 201}, "lead.first_name is 201 characters long"),
        ({"id": LEAD_ID, "email": "a\0"}, "lead.email contains a NUL character"),
        ({"id": LEAD_ID, "source": "\udc00"}, "lead.source contains a lone surrogate"),
        ({"id": LEAD_ID, "phone": 56}, "lead.phone must be text"),
        ({"id": LEAD_ID, "created_at": "2026-01-10T08:00"}, "lead.created_at has no time zone"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_bad_lead_is_refused_with_its_page(
    account: Account, tmp_path: Path, lead: dict[str, Any], reason: str
) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps([response(message(), lead=lead)]))
    ran = import_files(account, file)
    assert ran.err[0].startswith(f"{file}:page 1: {reason}")
    assert ran.code == 1
    assert not Lead.objects.exists()


def test_a_broken_line_is_named_and_the_other_lines_land(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    file = tmp_path / "saved.json"
    saved = lines([response(message(content=str(number))) for number in range(9)]).splitlines()
    saved[6] = '{"success": true, '
    file.write_text("\n".join(saved))
    ran = import_files(account, file)
    assert ran.err[0].startswith(f"{file}:line 7: broken JSON: ")
    assert ran.code == 1
    assert sorted(contents(api)) == list("01234578")


def test_what_came_before_the_break_of_a_list_lands(
    account: Account, api: ApiClient, tmp_path: Path
) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(PAGES)[:-1] + ', {"success": maybe}]')
    ran = import_files(account, file)
    assert ran.err[0] == f"{file}:page 3, line 1: broken JSON: Expecting value"
    assert ran.code == 1
    assert len(contents(api)) == 3


def test_nothing_is_recorded_when_a_file_cannot_be_read(account: Account, tmp_path: Path) -> None:
    file, missing = tmp_path / "saved.json", tmp_path / "missing.json"
    file.write_text(json.dumps(PAGES))
    ran = import_files(account, file, missing, tmp_path, "-", "-")
    assert ran.err == [
        f"{missing}: No such file or directory",
        f"{tmp_path}: Is a directory",
        "-: can be read once only",
        "Nothing was imported.",
    ]
    assert ran.code == 1
    assert not Lead.objects.exists()


def test_an_unknown_account_is_told_how_to_make_it(db: None) -> None:
    ran = run("import_history", "--account", "Nobody's", "whatever.json")
    assert ran.code == 1
    assert "manage.py create_account" in ran.err[0]


def test_the_account_is_found_in_any_case(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(PAGES))
    assert run("import_history", "--account", "ACME solar", str(file)).code == 0


def test_an_interruption_leaves_whole_batches_and_counts_them(
    account: Account, api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise KeyboardInterrupt

    file = tmp_path / "saved.json"
    file.write_text(json.dumps(response(*(message(content=str(number)) for number in range(5)))))
    monkeypatch.setattr(importer, "BATCH", 2)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Interrupted())))
    ran = import_files(account, file, "-")
    assert ran.code == 130
    assert ran.err == [
        "Interrupted. What is counted landed, and the same command goes on from there."
    ]
    assert "1 new lead (0 known), 4 new entries" in ran.out
    assert sorted(contents(api)) == list("0123")
    assert "1 new entry (0 advanced, 4 unchanged" in import_files(account, file).out
