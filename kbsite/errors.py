"""What people see when something is refused or broken. What they wrote stays theirs."""

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

RETRY_SECONDS = 10


def kept_text(request: HttpRequest) -> dict[str, str]:
    """Give back what an author sent, if one of our own pages sent it.

    A form on another site could put words of its own on a page of ours.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return {}
    return {name: request.POST.get(name, "") for name in ("title", "body")}


def too_many(
    request: HttpRequest, _exception: Exception | None = None, *, seconds: int = 60
) -> HttpResponse:
    """Ask for patience; `seconds` says how much."""
    if not request.accepts("text/html"):
        words = _("Too much at once. Try again in a minute.")
        response: HttpResponse = JsonResponse({"error": words}, status=429)
    else:
        response = render(request, "429.html", {"kept": kept_text(request)}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """Refuse what is larger than anything the site takes, without reading it."""
    if not request.accepts("text/html"):
        return JsonResponse({"error": _("This is too large to send.")}, status=413)
    return render(request, "413.html", status=413)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form has expired, with its text and a way back.

    `reason` is Django's, for developers; it is in the log.
    """
    context = {"kept": kept_text(request), "reason": reason, "back": request.path}
    return render(request, "403_csrf.html", context, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke; if the database is away, that it will be back.

    Rendered without the request: what the frame asks of the database may be broken.
    """
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    template = loader.get_template("503.html" if away else "500.html")
    # The log has it too, so that somebody can find what the person met.
    number = structlog.contextvars.get_contextvars().get("request_id", "")
    html = template.render({"kept": kept_text(request), "number": number})
    response = HttpResponse(html, status=503 if away else 500)
    if away:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response
