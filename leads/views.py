"""Pages about the person who is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from leads.membership import choose_account


@require_POST
@login_required
def switch_account(request: HttpRequest) -> HttpResponse:
    """Look at the leads of another account of one's own."""
    account_id = request.POST.get("account", "")
    if not account_id.isdecimal() or not choose_account(request, int(account_id)):
        raise Http404
    return redirect("lead-list")
