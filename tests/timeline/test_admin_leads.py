"""Leads in the admin: found, changed, deleted, restored, exported, with their timeline."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead, Membership
from tests.conftest import ApiClient
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
)
from tests.leads.admin_roles import staff
from timeline.entries import AnyDraft, Channel
from timeline.history import read_page
from timeline.models import Activity, Message
from timeline.recording import entry_id, record, record_all

LEADS = "admin:leads_lead_changelist"


@pytest.fixture
def browser(owner: Membership) -> Client:
    return staff(owner)


def page_of(lead: Lead, name: str = "change") -> str:
    return reverse(f"admin:leads_lead_{name}", args=[lead.pk])


def listed(browser: Client, name: str = LEADS, **query: Any) -> list[Any]:
    page = browser.get(reverse(name), query)
    return [row.pk for row in page.context["cl"].result_list]


def form_of(lead: Lead, **changed: str) -> dict[str, str]:
    lead.refresh_from_db()
    names = ("status", "first_name", "last_name", "phone", "email", "company", "title", "source")
    values = {name: getattr(lead, name) for name in names}
    return {**values, "owner": "", "seen": lead.updated_at.isoformat(), **changed}


# --- Found ---------------------------------------------------------------------------------------


def test_a_lead_is_found_by_name_phone_mail_and_id(browser: Client, account: Account) -> None:
    lead = LeadFactory.create(
        account=account, first_name="Ana", phone="+56 9 8765 4321", email="ana@other.example"
    )
    LeadFactory.create(account=account)
    for text in ("ana", "87654321", "ana@other.example", str(lead.pk)):
        assert listed(browser, q=text) == [lead.pk]
    assert listed(browser, q="nobody") == []


def test_leads_are_narrowed_down_by_status_owner_account_and_date(
    browser: Client, account: Account, owner: Membership
) -> None:
    own = LeadFactory.create(account=account, owner=owner, status="won")
    recent = LeadFactory.create(account=account, created_at=timezone.now())
    year = timezone.localdate().year + 1
    assert listed(browser, owner__id__exact=owner.pk) == [own.pk]
    assert listed(browser, status__exact="won") == [own.pk]
    assert listed(browser, account__id__exact=account.pk) == [recent.pk, own.pk]
    assert listed(browser, created_at__year=year) == []
    on_day: dict[str, Any] = {
        "created_at__year": own.created_at.year,
        "created_at__month": own.created_at.month,
        "created_at__day": own.created_at.day,
    }
    assert own.pk in listed(browser, **on_day)


def test_deleted_leads_are_a_list_of_their_own(browser: Client, account: Account) -> None:
    here, gone = LeadFactory.create_batch(2, account=account)
    browser.post(page_of(gone, "remove"))
    assert listed(browser) == [here.pk]
    assert listed(browser, deleted="yes") == [gone.pk]


# --- Changed -------------------------------------------------------------------------------------


def test_a_change_leaves_the_activities_that_the_staffs_page_leaves(
    browser: Client, lead: Lead, colleague: Membership
) -> None:
    browser.post(page_of(lead), form_of(lead, status="won", owner=str(colleague.pk)))
    lead.refresh_from_db()
    assert (lead.status, lead.owner) == ("won", colleague)
    told = Activity.objects.filter(lead=lead).values_list("title", "actor_name")
    assert set(told) == {
        ("Status changed to Won", "Olivia Owner"),
        ("Assigned to Carlos Colleague", "Olivia Owner"),
    }


def test_a_form_filled_in_from_an_older_version_changes_nothing(
    browser: Client, lead: Lead
) -> None:
    form = form_of(lead, last_name="Mine")
    browser.post(page_of(lead), form_of(lead, last_name="Theirs"))
    answer = browser.post(page_of(lead), form)
    assert "Somebody changed this lead" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.last_name == "Theirs"


def test_an_owner_of_another_account_is_refused(
    browser: Client, lead: Lead, stranger: Membership
) -> None:
    browser.post(page_of(lead), form_of(lead, owner=str(stranger.pk)))
    lead.refresh_from_db()
    assert lead.owner is None


def test_a_superuser_without_a_part_in_the_account_is_named_in_the_activity(
    browser: Client, owner: Membership, other_lead: Lead
) -> None:
    owner.user.is_superuser = True
    owner.user.save()
    browser.post(page_of(other_lead, "remove"))
    activity = Activity.objects.get(lead=other_lead)
    assert (activity.title, activity.actor_name, activity.actor_id) == (
        "Lead deleted",
        "Olivia Owner",
        None,
    )


# --- Deleted and restored ------------------------------------------------------------------------


def test_a_deleted_lead_is_gone_for_api_and_pages_and_comes_back_whole(
    browser: Client, owner: Membership, lead: Lead, api: ApiClient
) -> None:
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id))
    staffs_page = reverse("lead", args=[lead.pk])
    browser.post(page_of(lead, "remove"))
    assert api.history(lead).status_code == 404
    assert browser.get(staffs_page).status_code == 404
    browser.post(page_of(lead, "restore"))
    assert browser.get(staffs_page).status_code == 200
    history = api.history(lead).json()["history"]
    assert [entry.get("title") for entry in history] == [None, "Lead deleted", "Lead restored"]


def test_a_deleted_leads_page_is_read_only_and_says_so(browser: Client, lead: Lead) -> None:
    browser.post(page_of(lead, "remove"))
    page = browser.get(page_of(lead)).content.decode()
    assert "Deleted on" in page
    assert 'name="_save"' not in page
    assert browser.post(page_of(lead), form_of(lead, last_name="New")).status_code == 403


def test_deleting_twice_tells_of_it_once(browser: Client, lead: Lead) -> None:
    for _ in range(2):
        browser.post(page_of(lead, "remove"))
    assert Activity.objects.filter(lead=lead).count() == 1


def test_a_selection_is_deleted_and_restored_after_a_confirmation(
    browser: Client, account: Account
) -> None:
    leads = LeadFactory.create_batch(3, account=account)
    chosen = {"_selected_action": [lead.pk for lead in leads]}
    url = reverse(LEADS)
    browser.post(url, {**chosen, "action": "delete_selected_leads"})
    assert len(listed(browser)) == 3
    browser.post(url, {**chosen, "action": "delete_selected_leads", "confirmed": "yes"})
    assert listed(browser) == []
    restore = {**chosen, "action": "restore_selected_leads", "confirmed": "yes"}
    browser.post(f"{url}?deleted=yes", restore)
    assert len(listed(browser)) == 3


# --- The timeline --------------------------------------------------------------------------------


def shown(browser: Client, lead: Lead, query: str = "") -> list[Any]:
    stretch = browser.get(page_of(lead) + query).context["stretch"]
    return [each.entry.id for each in stretch.shown]


def test_the_timeline_is_what_the_read_path_gives_newest_first(browser: Client, lead: Lead) -> None:
    drafts: list[AnyDraft] = [
        *MessageDraftFactory.build_batch(3, lead_id=lead.id),
        CallDraftFactory.build(lead_id=lead.id),
        ActivityDraftFactory.build(lead_id=lead.id),
    ]
    record_all(lead.account_id, drafts)
    page = read_page(lead.account_id, lead.pk, limit=50, newest_first=True)
    assert shown(browser, lead) == [entry.id for entry in page.entries]


def test_the_timeline_is_filtered_by_channel_and_opens_at_an_entry(
    browser: Client, lead: Lead
) -> None:
    drafts = MessageDraftFactory.build_batch(120, lead_id=lead.id)
    mail = MessageDraftFactory.build(lead_id=lead.id, channel=Channel.EMAIL)
    record_all(lead.account_id, [*drafts, mail])
    assert shown(browser, lead, "?channel=email") == [entry_id(lead.account_id, mail)]
    oldest = entry_id(lead.account_id, drafts[0])
    assert oldest not in shown(browser, lead)
    assert oldest in shown(browser, lead, f"?at={oldest}")


def test_an_entry_that_is_not_the_leads_is_not_found(browser: Client, lead: Lead) -> None:
    assert browser.get(f"{page_of(lead)}?at={lead.pk}").status_code == 404


# --- Exported ------------------------------------------------------------------------------------


def export(browser: Client, name: str, *leads: Lead) -> bytes:
    data = {"action": name, "_selected_action": [lead.pk for lead in leads]}
    answer = browser.post(reverse(LEADS), data)
    assert answer.streaming
    return bytes(answer.getvalue())


def test_the_table_opens_in_a_spreadsheet_without_running_anything(
    browser: Client, account: Account
) -> None:
    lead = LeadFactory.create(
        account=account,
        first_name="=HYPERLINK(1)",
        last_name="@SUM(A1)",
        company="-2+3",
        title="\tx",
        phone="+56 9 1234 5678",
        source="+cmd|' /C calc'!A0",
    )
    text = export(browser, "export_csv", lead).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    for name in ("first_name", "last_name", "company", "title", "source"):
        assert row[name] == f"'{getattr(lead, name)}"
    assert row["phone"] == "+56 9 1234 5678"


def test_the_json_is_the_apis_and_import_history_reads_it_back(
    browser: Client, lead: Lead, api: ApiClient, other_account: Account, tmp_path: Path
) -> None:
    drafts: list[AnyDraft] = [
        *MessageDraftFactory.build_batch(210, lead_id=lead.id),
        CallDraftFactory.build(lead_id=lead.id, occurred_at=START - timedelta(days=2)),
        ActivityDraftFactory.build(lead_id=lead.id, occurred_at=START - timedelta(days=1)),
    ]
    record_all(lead.account_id, drafts)
    file = tmp_path / "leads.json"
    file.write_bytes(export(browser, "export_json", lead))
    pages = json.loads(file.read_text())
    answers = [api.history(lead, f"?limit=200&offset={offset}").json() for offset in (0, 200)]
    assert pages == answers
    before = Message.objects.count()
    Lead.objects.filter(pk=lead.pk).delete()
    call_command("import_history", str(file), account=lead.account.name, verbosity=0)
    assert Message.objects.count() == before
    assert api.history(lead, "?limit=200").json() == answers[0]


def test_an_export_of_nothing_is_an_empty_list(browser: Client, lead: Lead) -> None:
    data = {"action": "export_json", "_selected_action": [lead.pk], "select_across": "1"}
    answer = browser.post(f"{reverse(LEADS)}?status__exact=lost", data)
    assert json.loads(answer.getvalue()) == []


# --- Fast ----------------------------------------------------------------------------------------


@pytest.fixture
def thousand(account: Account, lead: Lead) -> Lead:
    """A lead among a thousand, with a thousand messages, calls and activities."""
    LeadFactory.create_batch(3, account=account)
    more = [Lead(account=account, first_name=f"Lead {n}") for n in range(1_000)]
    Lead.objects.bulk_create(more)
    for factory in (MessageDraftFactory, CallDraftFactory, ActivityDraftFactory):
        record_all(account.pk, factory.build_batch(1_000, lead_id=lead.id))
    return lead


@pytest.mark.parametrize(
    ("name", "own"),
    [
        # count, bounded; the page; the first and the last year
        (LEADS, 4),
        # the page; the first and the last year
        ("admin:timeline_message_changelist", 3),
        ("admin:timeline_calltranscript_changelist", 3),
        ("admin:timeline_activity_changelist", 3),
    ],
)
def test_a_list_of_a_thousand_takes_a_handful_of_statements(
    browser: Client,
    thousand: Lead,
    name: str,
    own: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    url = reverse(name)
    browser.get(url)
    # session, user, memberships, what their roles may, and two for permissions of their own
    with django_assert_max_num_queries(6 + own):
        page = browser.get(url)
    assert len(page.context["cl"].result_list) == 50


def test_entries_are_paged_by_key_from_newest_to_oldest_and_back(
    browser: Client, lead: Lead
) -> None:
    record_all(lead.account_id, MessageDraftFactory.build_batch(120, lead_id=lead.id))
    url = reverse("admin:timeline_message_changelist")
    newest = list(Message.objects.order_by("-occurred_at").values_list("pk", flat=True))
    seen: list[Any] = []
    query = "?"
    while query:
        changelist = browser.get(url + query).context["cl"]
        seen += [row.pk for row in changelist.result_list]
        query = changelist.older
    assert seen == newest
    back = browser.get(url + changelist.newer).context["cl"]
    assert [row.pk for row in back.result_list] == newest[50:100]


def test_entries_are_found_by_their_lead_and_by_id(browser: Client, account: Account) -> None:
    ana, bob = (LeadFactory.create(account=account, first_name=name) for name in ("Ana", "Bob"))
    for lead in (ana, bob):
        record(account.pk, MessageDraftFactory.build(lead_id=lead.id))
    of_ana = Message.objects.get(lead=ana).pk
    name = "admin:timeline_message_changelist"
    for text in ("ana", str(ana.pk), str(of_ana)):
        assert listed(browser, name, q=text) == [of_ana]
    assert listed(browser, name, q="nobody") == []


def test_entries_of_a_day_are_those_of_the_day(browser: Client, lead: Lead) -> None:
    now = timezone.now().replace(hour=12)
    drafts = [
        MessageDraftFactory.build(lead_id=lead.id, occurred_at=now - timedelta(days=days))
        for days in range(5)
    ]
    record_all(lead.account_id, drafts)
    at = timezone.localtime(drafts[2].occurred_at)
    day = {"occurred_at__year": at.year, "occurred_at__month": at.month, "occurred_at__day": at.day}
    name = "admin:timeline_message_changelist"
    assert listed(browser, name, **day) == [entry_id(lead.account_id, drafts[2])]


def test_a_list_that_goes_on_past_what_is_counted_says_so(
    browser: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.admin.base.BoundedPaginator.LIMIT", 60)
    LeadFactory.create_batch(70, account=account)
    assert "60+ leads" in browser.get(reverse(LEADS)).content.decode()


def test_the_front_page_has_the_figures_of_ones_own_account(
    browser: Client, lead: Lead, other_lead: Lead
) -> None:
    today = timezone.now()
    for each in (lead, other_lead):
        draft = MessageDraftFactory.build(lead_id=each.id, occurred_at=today)
        record(each.account_id, draft)
    context = browser.get(reverse("admin:index")).context
    assert context["leads"] == 1
    assert [count for _, count, _ in context["entries_today"]] == [1, 0, 0, 0]
