"""Files that came with entries, for the people of their account."""

from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from leads.membership import MemberRequest, member_required
from timeline.files import file_of
from timeline.serving import serve


@require_safe
@member_required
def file(request: MemberRequest, file_id: UUID) -> HttpResponseBase:
    """Serve a file of an account that the person is a member of, chosen at the moment or not."""
    found = file_of([member.account_id for member in request.memberships], file_id)
    if found is None:
        raise Http404
    return serve(request, found)
