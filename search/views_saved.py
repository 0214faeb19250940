"""Searches that a person keeps: saved ones with their mails, and recent ones."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.lookups import acting
from accounts.rights import leads_people
from accounts.spreadsheets import csv_response
from search.exporting import export_hits
from search.forms import SearchForm
from search.forms_saved import SavedForm
from search.keeping import form_of, saved_of
from search.saving import (
    change_saved,
    delete_saved,
    forget_recent,
    read_stop_token,
    save_search,
    stop_alert,
)


@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """List one's own saved searches."""
    context = {"saved": saved_of(acting(request))}
    return render(request, "search/saved.html", context)


def save(request: HttpRequest) -> HttpResponse:
    """Save the search that stands in the address."""
    user, search = acting(request), SearchForm.of(request.GET)
    if not search.query:
        return redirect("search:results")
    initial = {"name": search.query.text[:120]}
    form = SavedForm(request.POST or None, initial=initial)
    address = search.address()
    if form.is_valid():
        try:
            kept = save_search(by=user, address=address[1:], **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = _("“%(name)s” is saved.") % {"name": kept.name}
            messages.success(request, words)
            return redirect("search:saved")
    context = {"form": form, "search": search, "address": address}
    return render(request, "search/save.html", context)


def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Rename a saved search, or change its mails."""
    user = acting(request)
    kept = get_object_or_404(saved_of(user), public_id=public_id)
    initial = {"name": kept.name, "alert": kept.alert}
    form = SavedForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            change_saved(saved=kept, by=user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("search:saved")
    search = form_of(kept)
    context = {"form": form, "saved": kept, "search": search}
    return render(request, "search/saved_change.html", context)


def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once, then delete a saved search."""
    user = acting(request)
    kept = get_object_or_404(saved_of(user), public_id=public_id)
    if request.method != "POST":
        return render(request, "search/saved_delete.html", {"saved": kept})
    delete_saved(saved=kept, by=user)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": kept.name})
    return redirect("search:saved")


def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails of a saved search, for whoever holds the mail; say nothing of it."""
    try:
        read_stop_token(token)
        if request.method == "POST":
            stop_alert(token=token)
    except BadSignature as error:
        raise Http404 from error
    context = {"is_stopped": request.method == "POST"}
    return render(request, "search/stop_alert.html", context)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget one recent search, or all of them."""
    forget_recent(by=acting(request), public_id=request.POST.get("which", ""))
    return redirect("search:results")


def export(request: HttpRequest) -> HttpResponse:
    """Give the results as a table to who leads people; for others there is no such page."""
    user = acting(request)
    if not leads_people(user):
        raise Http404
    if request.method != "GET":
        # Asking for the headers takes nothing away, and shall not be recorded as that.
        raise PermissionDenied
    rows = export_hits(form=SearchForm.of(request.GET), by=user)
    return csv_response(rows, name="search")
