"""The demo put into the database: accounts, their people, leads and histories.

Everything is found again by what it is known by, so that seeding again changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from leads.models import Account, Lead, Membership, User
from leads.services import add_leads, create_account
from timeline.demo.leads import DemoLead, demo_leads
from timeline.demo.people import HOUSES, House
from timeline.entries import ActivityDraft, ActorType, AnyDraft
from timeline.recording import Outcome, record_all

_BATCH = 2_000


def seed(number: int) -> Counter[str]:
    """Load the demo of that seed; return how many ``leads`` and ``entries`` are there now, how many
    of them are ``new``, and how many entries were ``refused`` because they are there otherwise.
    """
    accounts = [_account(house) for house in HOUSES]
    members = [_members(account, house) for account, house in zip(accounts, HOUSES, strict=True)]
    # The day of the first time: on any later one the same entries are told again.
    leads = list(demo_leads(number, accounts[0].created_at))
    counts: Counter[str] = Counter(leads=len(leads))
    for index, account in enumerate(accounts):
        ours = [lead for lead in leads if lead.house == index]
        counts["new"] += len(add_leads(account, [_lead(lead, members[index]) for lead in ours]))
        drafts = (_signed(draft, members[index]) for lead in ours for draft in lead.drafts)
        counts += _record(account, drafts)
    return counts


def _account(house: House) -> Account:
    known = Account.objects.filter(name__iexact=house.name).first()
    return known or create_account(house.name, house.region)


def _members(account: Account, house: House) -> list[Membership]:
    members = []
    for staff in house.staff:
        user = User.objects.filter(email=staff.email).first()
        # Without a password: only those whose passwords are printed can sign in.
        user = user or User.objects.create_user(staff.email, name=staff.name)
        member, _ = Membership.objects.get_or_create(
            user=user, account=account, defaults={"role": staff.role}
        )
        members.append(member)
    return members


def _lead(lead: DemoLead, members: Sequence[Membership]) -> Lead:
    return Lead(
        id=lead.id,
        first_name=lead.first_name,
        last_name=lead.last_name,
        phone=lead.phone,
        email=lead.email,
        company=lead.company,
        title=lead.title,
        source=lead.source,
        status=lead.status,
        owner=None if lead.owner is None else members[lead.owner],
        created_at=lead.created_at,
        metadata=lead.metadata,
    )


def _signed(draft: AnyDraft, members: Sequence[Membership]) -> AnyDraft:
    """Return the draft with the membership of the person who acted, where one did."""
    if not isinstance(draft, ActivityDraft) or draft.actor_type != ActorType.USER:
        return draft
    actor = next(m.pk for m in members if str(m.user) == draft.actor_name)
    return replace(draft, actor_id=actor)


def _record(account: Account, drafts: Iterable[AnyDraft]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for batch in _batches(iter(drafts)):
        for result in record_all(account.pk, batch):
            counts["refused" if isinstance(result, Exception) else "entries"] += 1
            counts["new"] += result is Outcome.CREATED
    return counts


def _batches(drafts: Iterator[AnyDraft]) -> Iterator[list[AnyDraft]]:
    while batch := list(islice(drafts, _BATCH)):
        yield batch
