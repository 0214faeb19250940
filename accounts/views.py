"""What everybody needs: accepting an invitation and one's own page."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.forms import AcceptForm, ProfileForm
from accounts.invitations import InvitationError, accept_invitation, find_invitation
from accounts.lookups import acting
from accounts.models import Invitation, User
from accounts.rights import may_come_in
from accounts.selectors import account_of, memberships_of
from accounts.services import save_profile
from accounts.sessions import end_sessions, sessions_of

PASSWORD_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"  # noqa: S105


@sensitive_post_parameters("password")
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show a usable invitation and accept it; every other one looks the same."""
    try:
        found = find_invitation(token)
        if owner := account_of(found.email):
            return _accept_as(owner, request, found, token)
        return _accept_new(request, found, token)
    except InvitationError:
        return render(request, "accounts/invitation_closed.html", status=410)


def _accept_new(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    """Make the account of the invited address and sign its owner in."""
    if request.user.is_authenticated:
        return _ask_to_sign_in(request, found)
    form = AcceptForm(request.POST or None, invitation=found)
    if form.is_valid():
        try:
            user = accept_invitation(token=token, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            login(request, user, backend=PASSWORD_BACKEND)
            return _welcome(request, found)
    context = {"invitation": found, "form": form}
    return render(request, "accounts/invitation.html", context)


def _accept_as(
    owner: User, request: HttpRequest, found: Invitation, token: str
) -> HttpResponse:
    """Add the membership to the account that the invited address already has.

    Its owner signs in first. Who belongs nowhere any more cannot: then the link in
    the mail is proof enough for a membership, and the sign-in comes after.
    """
    returns = request.user.is_anonymous and not may_come_in(owner)
    if request.user != owner and not returns:
        return _ask_to_sign_in(request, found)
    if request.method == "POST":
        accept_invitation(token=token, user=owner)
        return _welcome(request, found)
    return render(request, "accounts/invitation.html", {"invitation": found})


def _ask_to_sign_in(request: HttpRequest, found: Invitation) -> HttpResponse:
    return render(request, "accounts/invitation_sign_in.html", {"invitation": found})


def _welcome(request: HttpRequest, found: Invitation) -> HttpResponse:
    words = _("You now belong to %(organisation)s.")
    messages.success(request, words % {"organisation": found.organisation.name})
    return redirect("/")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak another language: in this browser, and on the account if signed in."""
    code = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and code in dict(settings.LANGUAGES):
        save_profile(user=user, name=user.name, language=code, by=user)
    return set_language(request)


def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own name and language; list one's memberships."""
    user = acting(request)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        save_profile(user=user, by=user, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    context = {
        "form": form,
        "memberships": memberships_of(user),
        "sessions": sessions_of(user, this=request.session.session_key),
    }
    return render(request, "accounts/profile.html", context)


@require_POST
def end_own_sessions(request: HttpRequest) -> HttpResponse:
    """End one of one's own sign-ins, or all but this one."""
    user = acting(request)
    which = request.POST.get("which", "")
    keep = request.session.session_key
    if end_sessions(user=user, keep=keep, by=user, which=which):
        messages.success(request, _("Signed out there."))
    return redirect("profile")
