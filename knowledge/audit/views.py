"""The log of an organisation, on the screen and as a file."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.lookups import acting, organisation_for
from accounts.models import Organisation
from accounts.rights import may_export_log, may_read_log
from accounts.spreadsheets import csv_response
from knowledge.audit.entries import entries
from knowledge.audit.forms import LogForm
from knowledge.audit.selectors import log_for, reader_of
from knowledge.audit.services import export_log

PER_PAGE = 50
# As far as one turns pages; who wants older events chooses a period.
LAST_PAGE = 200


@require_safe
def log(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Show the organisation's own half of each event, or give it as a file."""
    organisation = organisation_for(request, organisation_id, may_read_log)
    user = acting(request)
    is_admin = may_export_log(user, organisation)
    form = LogForm(request.GET, organisation=organisation, is_admin=is_admin)
    if request.GET.get("format") == "csv":
        return _file(request, organisation, form)
    reader, number = reader_of(user, organisation), _number(request)
    start = (number - 1) * PER_PAGE
    # One more than is shown tells whether there are older ones, without counting.
    events = list(log_for(reader, form.wanted())[start : start + PER_PAGE + 1])
    context = {
        "organisation": organisation,
        "tab": "log",
        "may_read_log": True,
        "may_export": is_admin,
        "form": form,
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "entries": entries(reader, events[:PER_PAGE]),
        "number": number,
        "older": number + 1 if len(events) > PER_PAGE and number < LAST_PAGE else 0,
        "newer": number - 1,
    }
    return render(request, "audit/log.html", context)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and len(text) < 6 else 1
    return min(max(number, 1), LAST_PAGE)


def _file(
    request: HttpRequest, organisation: Organisation, form: LogForm
) -> HttpResponse:
    """Send the same lines as a table for spreadsheets, all pages of them."""
    if request.method != "GET":
        # Asking for the headers takes nothing away, and shall not be recorded as that.
        raise PermissionDenied
    rows = export_log(
        organisation=organisation, by=acting(request), wanted=form.wanted()
    )
    return csv_response(rows, name=f"log-{organisation.public_id}")
