"""`ETag` and `If-None-Match`: one tag for one answer, another for any other."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.page import record_example
from tests.factories import START, MessageDraftFactory
from timeline.entries import MessageStatus
from timeline.recording import record


def etag(answer: Any) -> str:
    assert answer.status_code == 200
    tag: str = answer.headers["ETag"]
    return tag


@pytest.fixture
def example(account: Account) -> Lead:
    return record_example(account)


def test_the_tag_is_strong_and_the_same_for_the_same_answer(api: ApiClient, example: Lead) -> None:
    tag = etag(api.history(example))
    assert tag.startswith('"')
    assert tag.endswith('"')
    assert etag(api.history(example)) == tag


@pytest.mark.parametrize(
    "known",
    ["{tag}", "W/{tag}", '"other", {tag}', '"other",{tag}', "*", '{tag}, "other"', " {tag} "],
)
def test_a_client_that_has_the_answer_gets_304_and_no_body(
    api: ApiClient, example: Lead, known: str
) -> None:
    tag = etag(api.history(example))
    answer = api.history(example, If_None_Match=known.format(tag=tag))
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Request-Id"]
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("known", ['"other"', "other", "", "{bare}", 'W/"other"', '"', "W/"])
def test_a_client_that_has_something_else_gets_the_answer(
    api: ApiClient, example: Lead, known: str
) -> None:
    tag = etag(api.history(example))
    answer = api.history(example, If_None_Match=known.format(bare=tag.strip('"')))
    assert answer.status_code == 200
    assert answer.content


def test_nobody_learns_by_a_tag_what_is_not_theirs(
    api: ApiClient, stranger_api: ApiClient, anonymous_api: ApiClient, example: Lead
) -> None:
    tag = etag(api.history(example))
    assert stranger_api.history(example, If_None_Match=tag).status_code == 404
    assert stranger_api.history(example, If_None_Match="*").status_code == 404
    assert anonymous_api.history(example, If_None_Match=tag).status_code == 401
    assert api.history(example, "?limit=0", If_None_Match="*").status_code == 400


def test_a_new_entry_makes_another_tag(api: ApiClient, example: Lead) -> None:
    before = etag(api.history(example))
    record(example.account_id, MessageDraftFactory.build(lead_id=example.id))
    assert api.history(example, If_None_Match=before).status_code == 200
    assert etag(api.history(example)) != before


def test_a_message_that_gets_further_makes_another_tag(api: ApiClient, example: Lead) -> None:
    draft = {"lead_id": example.id, "occurred_at": START, "external_id": "1", "content": "Hi"}
    tags = set()
    for status in (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ):
        with transaction.atomic():  # of its own, as in life
            record(example.account_id, MessageDraftFactory.build(**draft, status=status))
        tags.add(etag(api.history(example)))
    assert len(tags) == 3


def test_a_change_of_the_lead_makes_another_tag(api: ApiClient, example: Lead) -> None:
    before = etag(api.history(example))
    example.first_name = "Johnny"
    with transaction.atomic():  # of its own, as in life
        example.save()
    assert etag(api.history(example)) != before


def test_an_entry_behind_the_page_makes_another_tag_only_if_the_answer_changes(
    api: ApiClient, example: Lead
) -> None:
    last, earlier = (etag(api.history(example, query)) for query in ("?limit=5", "?limit=2"))
    late = START + timedelta(days=1)
    record(example.account_id, MessageDraftFactory.build(lead_id=example.id, occurred_at=late))
    # The last page has more behind it now; the first two entries had more before.
    assert etag(api.history(example, "?limit=5")) != last
    assert etag(api.history(example, "?limit=2")) == earlier


def test_different_questions_have_different_tags(api: ApiClient, example: Lead) -> None:
    queries = ["", "?limit=5", "?limit=49", "?offset=1", "?channel=call", "?channel=whatsapp"]
    assert len({etag(api.history(example, query)) for query in queries}) == len(queries)


def test_equal_answers_of_two_leads_have_different_tags(
    api: ApiClient, account: Account, lead: Lead, example: Lead
) -> None:
    assert etag(api.history(lead)) != etag(api.history(example))


def test_what_was_told_again_leaves_the_tag_as_it_is(api: ApiClient, example: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=example.id)
    record(example.account_id, draft)
    before = etag(api.history(example))
    record(example.account_id, draft)
    assert api.history(example, If_None_Match=before).status_code == 304
