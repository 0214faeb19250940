"""Founding partners, suspending and reactivating them: for admins of the host."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms import OrganisationForm
from accounts.lookups import acting, organisation_for
from accounts.models import Organisation
from accounts.rights import may_found_organisations, may_set_status
from accounts.services import (
    create_organisation,
    preview_organisation,
    set_organisation_status,
)


def found(request: HttpRequest) -> HttpResponse:
    """Found a partner; `look` shows its badge first."""
    if not may_found_organisations(acting(request)):
        raise Http404
    form = OrganisationForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        try:
            if "look" not in request.POST:
                return _found(request, form)
            context["preview"] = preview_organisation(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
    return render(request, "accounts/found_organisation.html", context)


def _found(request: HttpRequest, form: OrganisationForm) -> HttpResponse:
    made = create_organisation(by=acting(request), **form.cleaned_data)
    words = _("%(name)s is added. Now invite its first admin.")
    messages.success(request, words % {"name": made.name})
    return redirect("invitations", made.public_id)


def set_status(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Ask once, then suspend or reactivate a partner."""
    organisation = organisation_for(request, organisation_id, may_set_status)
    if request.method != "POST":
        context = {"organisation": organisation}
        return render(request, "accounts/organisation_status.html", context)
    status = Organisation.Status
    active = request.POST.get("active") == "yes"
    set_organisation_status(
        organisation=organisation,
        status=status.ACTIVE if active else status.SUSPENDED,
        by=acting(request),
    )
    words = _("%(name)s is active again.") if active else _("%(name)s is suspended.")
    messages.success(request, words % {"name": organisation.name})
    return redirect("people")
