"""The people of an organisation: members and invitations."""

from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import InviteForm, MembershipForm
from accounts.invitations import invite, send_again, withdraw_invitation
from accounts.lookups import acting, membership_for, organisation_for
from accounts.models import Invitation, Membership, Organisation, User
from accounts.rights import (
    invitable_roles,
    may_change_membership,
    may_found_organisations,
    may_manage_people,
    may_read_log,
    may_see_people,
    may_suspend,
    may_withdraw,
)
from accounts.selectors import (
    members_of,
    open_invitations,
    organisations_seen_by,
    principals_of,
)
from accounts.services import (
    Ended,
    describe_membership,
    end_membership,
    restore_membership,
    save_membership,
    set_membership_suspended,
    set_person_active,
)

PER_PAGE = 50
ENDED_KEY = "ended_membership"


def index(request: HttpRequest) -> HttpResponse:
    """Go to the people of one's organisation, or choose among several."""
    user = acting(request)
    found = list(organisations_seen_by(user, principals_of(user)))
    founder = may_found_organisations(user)
    if not found:
        raise Http404
    if len(found) == 1 and not founder:
        return redirect("organisation_people", found[0].public_id)
    context = {"organisations": found, "may_found": founder}
    return render(request, "accounts/organisations.html", context)


def members(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """List the members of an organisation."""
    organisation = organisation_for(request, organisation_id)
    page = Paginator(members_of(organisation), PER_PAGE).get_page(
        request.GET.get("page")
    )
    ended = request.session.get(ENDED_KEY, {})
    context = {
        "organisation": organisation,
        "page": page,
        "may_read_log": may_read_log(acting(request), organisation),
        "tab": "people",
        "may_manage": may_manage_people(acting(request), organisation),
        "may_undo": ended.get("organisation") == organisation.public_id,
    }
    return render(request, "accounts/people.html", context)


def change(request: HttpRequest, organisation_id: str, person_id: str) -> HttpResponse:
    """Change role and last day of a member."""
    membership = membership_for(request, organisation_id, person_id)
    by = acting(request)
    may_change = may_change_membership(by, membership)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = MembershipForm(request.POST or None, membership=membership)
    if form.is_valid():
        save_membership(
            user=membership.user,
            organisation=membership.organisation,
            by=by,
            sponsor=None
            if membership.organisation.is_host
            else membership.sponsor or by,
            **form.cleaned_data,
        )
        messages.success(request, _("Saved: %(name)s.") % {"name": membership.user})
        return redirect("organisation_people", organisation_id)
    context = {
        "membership": membership,
        "organisation": membership.organisation,
        "form": form,
        "may_change": may_change,
        "may_suspend": may_suspend(by, membership.user),
    }
    return render(request, "accounts/membership.html", context)


def end(request: HttpRequest, organisation_id: str, person_id: str) -> HttpResponse:
    """Ask once, then end a membership; it can be undone from the list."""
    membership = membership_for(request, organisation_id, person_id)
    by = acting(request)
    if not may_change_membership(by, membership):
        raise PermissionDenied
    if request.method != "POST":
        context = {"membership": membership, "organisation": membership.organisation}
        return render(request, "accounts/end_membership.html", context)
    ended = asdict(describe_membership(membership))
    request.session[ENDED_KEY] = {"organisation": organisation_id, "was": ended}
    words = _("%(name)s no longer belongs to %(organisation)s.")
    names = {"name": membership.user, "organisation": membership.organisation}
    end_membership(membership=membership, by=by)
    messages.success(request, words % names)
    return redirect("organisation_people", organisation_id)


@require_POST
def undo_end(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Take back the end of a membership that this session has just ended."""
    organisation = organisation_for(request, organisation_id, may_manage_people)
    ended = request.session.get(ENDED_KEY, {})
    if ended.get("organisation") != organisation.public_id:
        raise Http404
    del request.session[ENDED_KEY]
    membership = restore_membership(
        organisation=organisation, ended=Ended(**ended["was"]), by=acting(request)
    )
    words = _("%(name)s belongs to %(organisation)s as before.")
    names = {"name": membership.user, "organisation": organisation}
    messages.success(request, words % names)
    return redirect("organisation_people", organisation_id)


def suspend(request: HttpRequest, organisation_id: str, person_id: str) -> HttpResponse:
    """Ask once, then close (or open again) the door of one organisation for a person."""
    membership = membership_for(request, organisation_id, person_id)
    if not may_change_membership(acting(request), membership):
        raise PermissionDenied
    if request.method != "POST":
        return _ask_to_suspend(request, membership, is_open=not membership.is_suspended)
    active = request.POST.get("active") == "yes"
    set_membership_suspended(
        membership=membership, suspended=not active, by=acting(request)
    )
    names = {"name": membership.user, "organisation": membership.organisation}
    if active:
        words = _("%(name)s acts for %(organisation)s again.")
    else:
        words = _("%(name)s is suspended in %(organisation)s.")
    messages.success(request, words % names)
    return redirect("membership", organisation_id, person_id)


def close(request: HttpRequest, organisation_id: str, person_id: str) -> HttpResponse:
    """Ask once, then close (or open again) every door for a person: the host does."""
    membership = membership_for(request, organisation_id, person_id)
    person = membership.user
    if not may_suspend(acting(request), person):
        raise PermissionDenied
    if request.method != "POST":
        return _ask_to_suspend(
            request, membership, is_open=person.is_active, whole=True
        )
    active = request.POST.get("active") == "yes"
    set_person_active(user=person, active=active, by=acting(request))
    words = _("%(name)s can sign in again.") if active else _("%(name)s is suspended.")
    messages.success(request, words % {"name": person})
    return redirect("membership", organisation_id, person_id)


def _ask_to_suspend(
    request: HttpRequest, membership: Membership, *, is_open: bool, whole: bool = False
) -> HttpResponse:
    context = {
        "membership": membership,
        "organisation": membership.organisation,
        "is_open": is_open,
        "whole": whole,
    }
    return render(request, "accounts/suspend.html", context)


def invitations(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Send an invitation; list the open ones, of oneself or, for who leads, all."""
    organisation = organisation_for(request, organisation_id, _may_open_invitations)
    by = acting(request)
    leads = may_see_people(by, organisation)
    roles = invitable_roles(by, organisation)
    form = InviteForm(request.POST or None, organisation=organisation, roles=roles)
    if roles and form.is_valid() and _send(request, organisation, form):
        return redirect("invitations", organisation_id)
    found = open_invitations(organisation, sent_by=None if leads else by)
    context = {
        "organisation": organisation,
        "form": form if roles else None,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "may_manage": may_manage_people(by, organisation),
        "leads": leads,
        "may_read_log": may_read_log(by, organisation),
        "tab": "invitations",
    }
    return render(request, "accounts/invitations.html", context)


def _may_open_invitations(user: User, organisation: Organisation) -> bool:
    return may_see_people(user, organisation) or bool(
        invitable_roles(user, organisation)
    )


def _send(request: HttpRequest, organisation: Organisation, form: InviteForm) -> bool:
    """Send what the form asks for; put a refusal at its field."""
    data = form.cleaned_data
    try:
        invite(
            email=data["email"],
            organisation=organisation,
            by=acting(request),
            role=data["role"],
            membership_ends_on=data["ends_on"],
        )
    except ValidationError as error:
        form.add_error("email", error.messages)
        return False
    messages.success(request, _("Invited: %(email)s.") % {"email": data["email"]})
    return True


def _invitation_for(
    request: HttpRequest, organisation_id: str, invitation_id: str
) -> Invitation:
    """Find an open invitation that the person may take back. Raises Http404."""
    # One question, so that an organisation that is hidden takes no more than a missing.
    found = get_object_or_404(
        open_invitations(),
        public_id=invitation_id,
        organisation__public_id=organisation_id,
    )
    if not may_withdraw(acting(request), found):
        raise Http404
    return found


@require_POST
def withdraw(
    request: HttpRequest, organisation_id: str, invitation_id: str
) -> HttpResponse:
    """Take an invitation back."""
    found = _invitation_for(request, organisation_id, invitation_id)
    withdraw_invitation(invitation=found, by=acting(request))
    messages.success(request, _("Withdrawn: %(email)s.") % {"email": found.email})
    return redirect("invitations", organisation_id)


@require_POST
def again(
    request: HttpRequest, organisation_id: str, invitation_id: str
) -> HttpResponse:
    """Send a fresh link; the old one stops working."""
    found = _invitation_for(request, organisation_id, invitation_id)
    if found.role not in invitable_roles(acting(request), found.organisation):
        raise PermissionDenied
    try:
        send_again(invitation=found, by=acting(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Sent again: %(email)s.") % {"email": found.email})
    return redirect("invitations", organisation_id)
