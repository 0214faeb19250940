"""What an organisation sets for its people's searches, for who leads it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.lookups import acting, organisation_with
from accounts.models import Organisation
from accounts.rights import may_read_log, may_steer_search
from search.forms_steering import PromotionForm, SynonymForm
from search.models import Promotion, Synonym
from search.services_steering import (
    add_promotion,
    add_synonym,
    change_promotion,
    change_synonym,
    delete_promotion,
    delete_synonym,
)
from search.steering import promotions_of, synonyms_of


def overview(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """List synonyms and promoted results; add one."""
    organisation = organisation_with(request, organisation_id, may_steer_search)
    by = acting(request)
    adding = request.POST.get("add", "")
    synonym = SynonymForm(request.POST if adding == "synonym" else None)
    promotion = PromotionForm(
        request.POST if adding == "promotion" else None, reader=by
    )
    added = _added_synonym(request, organisation, synonym) or _added_promotion(
        request, organisation, promotion
    )
    if added:
        return redirect("organisation_search", organisation_id)
    context = {
        "organisation": organisation,
        "tab": "search",
        "may_read_log": may_read_log(by, organisation),
        "synonyms": synonyms_of(organisation),
        "promotions": promotions_of(by, organisation),
        "synonym_form": synonym,
        "promotion_form": promotion,
    }
    return render(request, "search/steering.html", context)


def _added_synonym(
    request: HttpRequest, organisation: Organisation, form: SynonymForm
) -> bool:
    """Add what the form asks for; put a refusal at its words."""
    if not form.is_valid():
        return False
    words, by = form.cleaned_data["words"], acting(request)
    try:
        add_synonym(organisation=organisation, words=words, by=by)
    except ValidationError as error:
        return _refused(form, error)
    messages.success(request, _("Synonyms added."))
    return True


def _added_promotion(
    request: HttpRequest, organisation: Organisation, form: PromotionForm
) -> bool:
    if not form.is_valid():
        return False
    try:
        add_promotion(
            organisation=organisation, by=acting(request), **form.cleaned_data
        )
    except ValidationError as error:
        return _refused(form, error)
    messages.success(request, _("Promoted result added."))
    return True


def _refused(form: forms.Form, error: ValidationError) -> bool:
    form.add_error("words", error.messages)
    return False


def synonym(
    request: HttpRequest, organisation_id: str, synonym_id: str
) -> HttpResponse:
    """Change synonyms."""
    found = _synonym(request, organisation_id, synonym_id)
    form = SynonymForm(request.POST or None, synonym=found)
    if form.is_valid():
        words = form.cleaned_data["words"]
        try:
            change_synonym(synonym=found, words=words, by=acting(request))
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Synonyms changed."))
            return redirect("organisation_search", organisation_id)
    context = {"organisation": found.organisation, "form": form, "synonym": found}
    return render(request, "search/steering_form.html", context)


def delete_synonyms(
    request: HttpRequest, organisation_id: str, synonym_id: str
) -> HttpResponse:
    """Ask once, then delete synonyms."""
    found = _synonym(request, organisation_id, synonym_id)
    if request.method == "POST":
        delete_synonym(synonym=found, by=acting(request))
        messages.success(request, _("Synonyms deleted."))
        return redirect("organisation_search", organisation_id)
    context = {"organisation": found.organisation, "synonym": found}
    return render(request, "search/steering_delete.html", context)


def promotion(
    request: HttpRequest, organisation_id: str, promotion_id: str
) -> HttpResponse:
    """Change a promoted result."""
    found = _promotion(request, organisation_id, promotion_id)
    by = acting(request)
    form = PromotionForm(request.POST or None, reader=by, promotion=found)
    if form.is_valid():
        try:
            change_promotion(promotion=found, by=by, **form.cleaned_data)
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Promoted result changed."))
            return redirect("organisation_search", organisation_id)
    context = {"organisation": found.organisation, "form": form, "promotion": found}
    return render(request, "search/steering_form.html", context)


def delete_promoted(
    request: HttpRequest, organisation_id: str, promotion_id: str
) -> HttpResponse:
    """Ask once, then delete a promoted result; the page itself stays."""
    found = _promotion(request, organisation_id, promotion_id)
    if request.method == "POST":
        delete_promotion(promotion=found, by=acting(request))
        messages.success(request, _("Promoted result deleted. The page stays."))
        return redirect("organisation_search", organisation_id)
    context = {"organisation": found.organisation, "promotion": found}
    return render(request, "search/steering_delete.html", context)


def _synonym(request: HttpRequest, organisation_id: str, synonym_id: str) -> Synonym:
    organisation = organisation_with(request, organisation_id, may_steer_search)
    found = synonyms_of(organisation).filter(public_id=synonym_id).first()
    if found is None:
        raise Http404
    return found


def _promotion(
    request: HttpRequest, organisation_id: str, promotion_id: str
) -> Promotion:
    """Find one whose page the person may view now. Raises Http404."""
    organisation = organisation_with(request, organisation_id, may_steer_search)
    found = promotions_of(acting(request), organisation)
    one = found.filter(public_id=promotion_id).first()
    if one is None:
        raise Http404
    return one
