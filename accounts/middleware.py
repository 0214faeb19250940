"""Doors and language, decided anew in each request."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from accounts import sessions
from accounts.models import User
from accounts.second_step import second_step_due
from accounts.selectors import NOBODY, principals_of

GetResponse = Callable[[HttpRequest], HttpResponse]

# All that a stranger may ask for. Everything else, existing or not, asks to sign in.
PUBLIC_PREFIXES = (
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/password/reset/",
    "/accounts/2fa/authenticate/",
    "/invitation/",
    "/search/alerts/off/",
    "/health/",
    "/i18n/",
    "/static/",
    "/favicon.ico",
    "/robots.txt",
)
# What somebody needs who has to add a second step of sign-in first.
WITHOUT_SECOND_STEP = (*PUBLIC_PREFIXES, "/accounts/")


class DoorMiddleware:
    """Let in who belongs to an active organisation today; end every other session.

    A suspended person or organisation, an ended membership and a passed end date close
    the door at the next request, and so does a sign-in that is too old. Operators
    (superusers) come in without a membership.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse strangers the same way everywhere: existing and missing look alike."""
        user = request.user
        if isinstance(user, User):
            user.principals = principals_of(user)  # type: ignore[attr-defined]
            is_nobody = user.principals == NOBODY and not user.is_superuser  # type: ignore[attr-defined]
            if is_nobody or sessions.is_over(request.session, user):
                logout(request)
                request.user = AnonymousUser()
            else:
                sessions.touch(request.session)
        if not request.user.is_authenticated and not request.path.startswith(
            PUBLIC_PREFIXES
        ):
            if settings.SESSION_COOKIE_NAME in request.COOKIES:
                # A sign-in that was ended elsewhere: the browser shall forget, too.
                request.has_signed_out = True  # type: ignore[attr-defined]
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return self.get_response(request)


class SecondStepMiddleware:
    """Lead who must add a second step of sign-in to adding it, whatever they ask for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Until the day it is due, say so on every page; from then on open no other."""
        user = request.user
        if isinstance(user, User):
            due = second_step_due(request, user)
            request.second_step_due = due  # type: ignore[attr-defined]
            is_open = request.path.startswith(WITHOUT_SECOND_STEP)
            if due and due <= timezone.now() and not is_open:
                return redirect("mfa_activate_totp")
        return self.get_response(request)


class PersonLocaleMiddleware:
    """Speak the language of the person, else of the cookie, else of the browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the language for this request."""
        chosen = getattr(request.user, "language", "")
        known = dict(settings.LANGUAGES)
        language = (
            chosen
            if chosen in known
            else translation.get_language_from_request(request)
        )
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
