"""What holds for every answer: headers, sizes, rates, and the record of operators."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.audit import record
from accounts.limits import Rate, count
from accounts.models import User
from kbsite.errors import kept_text, too_large, too_many
from knowledge.pages.admin_gate import PREFIX

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)

# Features that no page of ours uses, and no page in a frame of ours shall use.
CLOSED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera"),
    *("display-capture", "encrypted-media", "geolocation", "gyroscope", "hid"),
    *("idle-detection", "local-fonts", "magnetometer", "microphone", "midi"),
    *("payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in CLOSED)
# Addresses that are not there, asked for by one person: then somebody is guessing.
MISSING_LIMIT = 100
MISSING_SECONDS = 600


class AnswerHeadersMiddleware:
    """Keep every dynamic answer out of every cache, and close the browser's side doors.

    The outermost: refusals and redirects of the others pass through it as well.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers; static files keep the caching that WhiteNoise gave them."""
        response = self.get_response(request)
        headers = response.headers
        if not request.path.startswith(settings.STATIC_URL):
            headers["Cache-Control"] = "no-store, private"
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.path.startswith(PREFIX):
            headers.setdefault("Content-Security-Policy", settings.ADMIN_POLICY)
        if getattr(request, "has_signed_out", False):
            headers["Clear-Site-Data"] = '"cache"'
        return response


class BodySizeMiddleware:
    """Refuse what is larger than any upload, before a byte of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the length the browser announced; without one nothing is read."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > settings.BODY_MAX_BYTES:
            return too_large(request)
        return self.get_response(request)


class KeptTextMiddleware:
    """Give an author the text back who was signed out while writing it.

    Around the door, which leads every stranger to the sign-in: a text would be gone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Show the text instead of the way to the sign-in, and that way below it."""
        response = self.get_response(request)
        if request.method != "POST" or request.user.is_authenticated:
            return response
        kept = kept_text(request)
        if response.status_code == 302 and kept.get("body"):
            context = {"kept": kept, "sign_in": response.headers["Location"]}
            return render(request, "signed_out.html", context, status=403)
        return response


class RateLimitMiddleware:
    """Bound how often one person does what costs or reaches others.

    `RATE_LIMITS` names the address (`METHOD name`) and the rate. Shared by all
    processes. Many missing addresses are allowed, and told to who reads the log.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count answers for what is missing or hidden."""
        response = self.get_response(request)
        if response.status_code == 404 and isinstance(request.user, User):
            person = request.user.public_id
            found = count("missing", person, seconds=MISSING_SECONDS)
            if found.hits == MISSING_LIMIT:
                log.warning("%s asked for %s missing pages", person, found.hits)
        return response

    def process_view(
        self, request: HttpRequest, *_view: Any, **_kwargs: Any
    ) -> HttpResponse | None:
        """Count the act; answer 429 instead of doing it once too often."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        act = f"{request.method} {name}"
        limit = settings.RATE_LIMITS.get(act)
        if limit is None:
            return None
        rate = _rate(limit)
        found = count(act, _who(request), seconds=rate.seconds)
        if found.hits > rate.hits:
            return too_many(request, seconds=found.seconds_left)
        return None


@cache
def _rate(text: str) -> Rate:
    return Rate.parse(text)


def _who(request: HttpRequest) -> str:
    """Name the person, or for strangers the address they come from."""
    if isinstance(request.user, User):
        return request.user.public_id
    return str(get_adapter().get_client_ip(request))


class OperatorMiddleware:
    """Record every screen that an operator opens, before it is shown.

    Which page or file, and whose, is recorded where it is found; this is the net below:
    no list, search or dialog is opened unseen.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before the address is known."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        _view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Record the address by its name and ids: no words of titles or searches."""
        if isinstance(request.user, User) and request.user.is_superuser:
            match = request.resolver_match
            record(
                "operator.request",
                by=request.user,
                target=(match.view_name if match else "")[:80],
                method=request.method,
                ids=[_id_of(value) for value in (*args, *kwargs.values())],
            )


def _id_of(value: object) -> str:
    """Give the id at the end of an address. A token is longer than any id."""
    found = str(value).strip("/").rpartition("-")[2]
    return found if len(found) <= 16 else "…"
