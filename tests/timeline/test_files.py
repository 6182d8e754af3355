"""Attached files: kept once, served to their account alone, and never run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Account, ApiKey, Lead, Membership, Scope
from tests.conftest import ApiClient
from tests.factories import MembershipFactory, MessageDraftFactory, api_key
from timeline import recording
from timeline.entries import Channel
from timeline.file_models import path_of
from timeline.files import Kept, file_of, keep, public_attachment
from timeline.local_files import LocalFiles
from timeline.models import StoredFile
from timeline.reports import File

PNG = File("roof.png", "image/png", b"\x89PNG" + bytes(range(100)))
PAGE = File("page.html", "text/html", b"<script>alert(1)</script>")


@pytest.fixture
def kept(account: Account) -> Kept:
    return keep(account.pk, PNG)


def browser_of(member: Membership | None) -> Client:
    browser = Client(HTTP_HOST="localhost")
    if member is not None:
        browser.force_login(member.user)
    return browser


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# --- Kept ----------------------------------------------------------------------------------------


def test_a_file_becomes_an_attachment_and_its_content_is_stored(account: Account) -> None:
    kept = keep(account.pk, File("../Plan.pdf", "application/pdf; x=y", b"%PDF"))
    assert kept == {
        "name": "Plan.pdf",
        "type": "application/pdf",
        "size": 4,
        "file": kept["file"],
    }
    file = StoredFile.objects.get(pk=kept["file"])
    assert (file.account_id, file.name, file.size) == (account.pk, "Plan.pdf", 4)
    assert "Plan" not in file.path
    with default_storage.open(file.path) as content:
        assert content.read() == b"%PDF"


def test_a_file_kept_twice_is_one(account: Account) -> None:
    assert keep(account.pk, PNG) == keep(account.pk, PNG)
    assert StoredFile.objects.count() == 1


def test_one_content_under_two_names_is_stored_once(account: Account) -> None:
    one, other = keep(account.pk, PNG), keep(account.pk, PNG._replace(name="copy.png"))
    assert one["file"] != other["file"]
    assert len({file.path for file in StoredFile.objects.all()}) == 1


def test_the_same_file_of_two_accounts_is_two(account: Account, other_account: Account) -> None:
    keep(account.pk, PNG)
    keep(other_account.pk, PNG)
    assert len({file.path for file in StoredFile.objects.all()}) == 2


def test_a_content_whose_row_was_never_written_is_found(account: Account) -> None:
    kept = keep(account.pk, PNG)
    StoredFile.objects.all().delete()
    assert keep(account.pk, PNG) == kept


def test_a_storage_that_gives_a_name_once_keeps_one_content_of_two_writers(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(account.pk, PNG)
    path = StoredFile.objects.get(pk=kept["file"]).path
    monkeypatch.setattr(type(default_storage._wrapped), "exists", lambda *_: False)  # type: ignore[attr-defined]
    assert keep(account.pk, PNG) == kept
    assert default_storage.listdir(str(Path(path).parent))[1] == [Path(path).name]


def test_a_storage_that_fails_keeps_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    with pytest.raises(OSError, match="no space"):
        keep(account.pk, PNG)
    assert not StoredFile.objects.exists()


def test_a_file_costs_one_statement(account: Account) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        keep(account.pk, PNG)
    assert len([one for one in queries if "INSERT" in one["sql"]]) == len(queries) == 1


@pytest.mark.parametrize("wrong", [{"digest": "x" * 64}, {"size": -1}])
def test_the_database_refuses_a_file_that_is_none(account: Account, wrong: dict[str, Any]) -> None:
    fields = {"digest": "0" * 64, "size": 1, "name": "a", "content_type": "a/b"} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(id=uuid4(), account=account, **fields)


# --- In a folder ---------------------------------------------------------------------------------


def test_a_folder_has_a_content_whole_or_not_at_all(tmp_path: Path) -> None:
    storage = LocalFiles(location=tmp_path, file_permissions_mode=0o600)
    path = path_of(7, "ab" * 32)
    assert [storage.save(path, ContentFile(b"one")) for _ in range(2)] == [path, path]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file.relative_to(tmp_path).as_posix() for file in files] == [path]
    assert files[0].read_bytes() == b"one"
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_what_was_begun_and_not_ended_is_not_taken_for_the_file(tmp_path: Path) -> None:
    class Broken(ContentFile):  # type: ignore[type-arg]
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"half"
            raise KeyboardInterrupt

    storage = LocalFiles(location=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        storage.save("1/ab/abc", Broken(b""))
    assert not storage.exists("1/ab/abc")


# --- The doors -----------------------------------------------------------------------------------


def test_people_of_the_account_get_its_files(owner: Membership, kept: Kept) -> None:
    answer = browser_of(owner).get(f"/files/{kept['file']}/")
    assert answer.status_code == 200
    assert body(answer) == PNG.content
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(PNG.content))
    assert answer.headers["Content-Disposition"] == 'inline; filename="roof.png"'


def test_a_stranger_finds_no_file(stranger: Membership, kept: Kept) -> None:
    assert browser_of(stranger).get(f"/files/{kept['file']}/").status_code == 404
    assert browser_of(stranger).get(f"/files/{uuid4()}/").status_code == 404


def test_nobody_is_asked_to_sign_in(kept: Kept) -> None:
    answer = browser_of(None).get(f"/files/{kept['file']}/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_who_is_of_two_accounts_gets_files_of_both(
    stranger: Membership, account: Account, kept: Kept
) -> None:
    MembershipFactory.create(user=stranger.user, account=account)
    browser = browser_of(stranger)
    browser.post("/accounts/choose/", {"account": stranger.account_id})
    assert browser.get(f"/files/{kept['file']}/").status_code == 200


def test_a_key_of_the_account_gets_its_files(api: ApiClient, kept: Kept) -> None:
    for path in (f"/api/public/files/{kept['file']}", f"/api/public/files/{kept['file']}/"):
        answer = api.get(path)
        assert (answer.status_code, body(answer)) == (200, PNG.content)
        assert answer.headers["RateLimit-Limit"]


def test_a_key_of_another_account_finds_no_file(stranger_api: ApiClient, kept: Kept) -> None:
    answer = stranger_api.get(f"/api/public/files/{kept['file']}")
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "Not found",
        "message": "File not found or does not belong to your account",
    }


@pytest.mark.parametrize("file_id", ["", "x", "..", "a/b", "%00", str(UUID(int=0))])
def test_an_id_that_is_none_is_a_file_that_does_not_exist(api: ApiClient, file_id: str) -> None:
    answer = api.get(f"/api/public/files/{file_id}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"


def test_a_key_needs_the_scope_of_histories(
    account: Account, anonymous_api: ApiClient, kept: Kept
) -> None:
    path = f"/api/public/files/{kept['file']}"
    assert anonymous_api.get(path).status_code == 401
    assert ApiClient(api_key(account, Scope.LEADS_READ)[1]).get(path).status_code == 403


def test_the_use_of_a_key_is_noted_once_the_file_was_sent(api: ApiClient, kept: Kept) -> None:
    body(api.get(f"/api/public/files/{kept['file']}"))
    assert ApiKey.objects.get().last_used_at is not None


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_files_are_read_only(api: ApiClient, owner: Membership, kept: Kept, method: str) -> None:
    assert api.request(method, f"/api/public/files/{kept['file']}").status_code == 405
    assert browser_of(owner).generic(method, f"/files/{kept['file']}/").status_code == 405


def test_a_file_costs_a_constant_number_of_statements(
    owner: Membership, api: ApiClient, kept: Kept
) -> None:
    browser = browser_of(owner)
    browser.get("/leads/")
    with CaptureQueriesContext(connection) as queries:
        body(browser.get(f"/files/{kept['file']}/"))
    assert len(queries) == 3  # the session, the person with their accounts, the file
    body(api.get(f"/api/public/files/{kept['file']}"))  # and the key's use is noted
    with CaptureQueriesContext(connection) as queries:
        body(api.get(f"/api/public/files/{kept['file']}"))
    assert len(queries) == 2  # the key, the file


# --- How it is served ----------------------------------------------------------------------------


@pytest.fixture
def served(api: ApiClient, account: Account) -> Callable[..., Any]:
    """Keep a file, and ask for it with these headers."""

    def ask(file: File, **headers: str) -> Any:
        return api.get(f"/api/public/files/{keep(account.pk, file)['file']}", **headers)

    return ask


@pytest.mark.parametrize("file", [PNG, PAGE, File("a.svg", "image/svg+xml", b"<svg/>")])
def test_nothing_of_a_file_can_run(served: Callable[..., Any], file: File) -> None:
    answer = served(file)
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content_type", "served_type"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
        ("application/pdf", "application/pdf"),
    ],
)
def test_what_could_run_is_saved_and_of_no_type(
    served: Callable[..., Any], content_type: str, served_type: str
) -> None:
    answer = served(File("ñ.x", content_type, b"x"))
    assert answer.headers["Content-Type"] == served_type
    assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''%C3%B1.x"


@pytest.mark.parametrize(
    ("asked", "status", "told", "part"),
    [
        ("bytes=0-3", 206, "bytes 0-3/104", slice(0, 4)),
        ("bytes=4-", 206, "bytes 4-103/104", slice(4, None)),
        ("bytes=100-1000", 206, "bytes 100-103/104", slice(100, None)),
        ("bytes=-4", 206, "bytes 100-103/104", slice(-4, None)),
        ("bytes=-500", 206, "bytes 0-103/104", slice(0, None)),
        ("bytes=104-", 416, "bytes */104", None),
        ("bytes=-0", 416, "bytes */104", None),
        ("bytes=5-4", 200, None, slice(0, None)),
        ("bytes=0-1,4-5", 200, None, slice(0, None)),
        ("bytes=x-", 200, None, slice(0, None)),
        ("lines=0-1", 200, None, slice(0, None)),
        ("bytes=-", 200, None, slice(0, None)),
        (f"bytes={'9' * 40}-", 200, None, slice(0, None)),
    ],
)
def test_a_part_can_be_asked_for(
    served: Callable[..., Any], asked: str, status: int, told: str | None, part: slice | None
) -> None:
    answer = served(PNG, Range=asked)
    assert answer.status_code == status
    assert answer.headers.get("Content-Range") == told
    assert answer.headers["Accept-Ranges"] == "bytes"
    if part is not None:
        assert body(answer) == PNG.content[part]
        assert answer.headers["Content-Length"] == str(len(PNG.content[part]))


def test_a_file_that_is_known_is_not_sent_again(served: Callable[..., Any]) -> None:
    etag = served(PNG).headers["ETag"]
    assert served(PNG, If_None_Match=etag).status_code == 304
    assert served(PNG, Range="bytes=0-1", If_Range=etag).status_code == 206
    assert served(PNG, Range="bytes=0-1", If_Range='"other"').status_code == 200


def test_an_empty_file_is_served(served: Callable[..., Any]) -> None:
    answer = served(PNG._replace(content=b""))
    assert (answer.status_code, body(answer), answer.headers["Content-Length"]) == (200, b"", "0")
    assert served(PNG._replace(content=b""), Range="bytes=0-").status_code == 416


def test_the_headers_of_a_file_come_without_it(api: ApiClient, kept: Kept) -> None:
    answer = api.request("HEAD", f"/api/public/files/{kept['file']}", Range="bytes=0-1")
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(PNG.content))


# --- Among an entry's attachments ----------------------------------------------------------------


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WHATSAPP])
def test_a_page_links_to_the_files_of_an_entry(
    owner: Membership, lead: Lead, kept: Kept, channel: Channel
) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, channel=channel, attachments=[kept])
    assert recording.record(lead.account_id, draft) is recording.Outcome.CREATED
    page = browser_of(owner).get(f"/leads/{lead.pk}/").content.decode()
    assert f'href="/files/{kept["file"]}/"' in page
    assert "roof.png" in page


@pytest.mark.parametrize("odd", [None, 1, "", "x", [], {}, "javascript:alert(1)"])
def test_a_file_that_is_none_has_no_link(owner: Membership, lead: Lead, odd: Any) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, attachments=[{"name": "A", "file": odd}])
    assert recording.record(lead.account_id, draft) is recording.Outcome.CREATED
    assert 'href="/files/' not in browser_of(owner).get(f"/leads/{lead.pk}/").content.decode()


def test_the_api_tells_where_to_get_a_kept_file(api: ApiClient, kept: Kept) -> None:
    told = public_attachment(kept)
    url = f"http://localhost:8000/api/public/files/{kept['file']}"
    assert told == {"name": "roof.png", "type": "image/png", "size": 104, "url": url}
    assert api.get(told["url"].removeprefix("http://localhost:8000")).status_code == 200


@pytest.mark.parametrize(
    ("attachment", "told"),
    [
        ({}, (None, None, None, None)),
        (
            {"name": "a", "type": "b/c", "size": 7, "url": "https://x.example/a"},
            ("a", "b/c", 7, "https://x.example/a"),
        ),
        ({"name": 1, "type": [], "size": True, "url": "javascript:x", "file": 5}, (None,) * 4),
    ],
)
def test_the_api_tells_of_other_attachments_what_is_known(
    attachment: dict[str, Any], told: tuple[Any, ...]
) -> None:
    assert tuple(public_attachment(attachment).values()) == told


def test_a_file_of_another_account_is_not_found_by_its_id(
    other_account: Account, kept: Kept
) -> None:
    assert file_of([other_account.pk], UUID(kept["file"])) is None
    assert file_of([], UUID(kept["file"])) is None
