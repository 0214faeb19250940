"""Writes of what an organisation sets for its people's searches. Each is recorded."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.rights import may_steer_search
from knowledge.access.rule import visible_to
from search.models import (
    FEWEST_FORMS,
    MOST_FORMS,
    MOST_WORDS,
    Promotion,
    Synonym,
)
from search.query import CONTROL, EDGES, fold, normalise
from search.steering import MAX_PHRASE, promotions_of

MAX_SYNONYMS = 500
MAX_PROMOTIONS = 200


@transaction.atomic
def add_synonym(
    *, organisation: Organisation, words: Sequence[str], by: User
) -> Synonym:
    """Let words mean the same for the people of an organisation.

    Raises ValidationError when they are too few or too many, or are there already.
    """
    _lock(organisation, by)
    if organisation.synonyms.count() >= MAX_SYNONYMS:
        limit = {"n": MAX_SYNONYMS}
        raise ValidationError(_("There are %(n)d already: delete some first.") % limit)
    synonym = Synonym(organisation=organisation)
    _fill_synonym(synonym, words)
    synonym.save()
    _record_synonym("synonym.create", synonym, by)
    return synonym


@transaction.atomic
def change_synonym(*, synonym: Synonym, words: Sequence[str], by: User) -> Synonym:
    """Give other words. Raises ValidationError as `add_synonym` does."""
    _lock(synonym.organisation, by)
    _fill_synonym(synonym, words)
    synonym.save(update_fields=["words", "folded"])
    _record_synonym("synonym.change", synonym, by)
    return synonym


@transaction.atomic
def delete_synonym(*, synonym: Synonym, by: User) -> None:
    """Let the words mean different things again."""
    _lock(synonym.organisation, by)
    _record_synonym("synonym.delete", synonym, by)
    synonym.delete()


@transaction.atomic
def add_promotion(
    *,
    organisation: Organisation,
    words: Sequence[str],
    page: Page,
    by: User,
    note: str = "",
) -> Promotion:
    """Show a page first to the people of an organisation whose question has all words.

    Raises ValidationError when it is there already or the words do not fit, and
    PermissionDenied for a page that `by` may not view.
    """
    _lock(organisation, by)
    # Only those that the person may know of: the limit tells nothing of others.
    if promotions_of(by, organisation).count() >= MAX_PROMOTIONS:
        limit = {"n": MAX_PROMOTIONS}
        raise ValidationError(_("There are %(n)d already: delete some first.") % limit)
    promotion = Promotion(organisation=organisation, by=by)
    _fill_promotion(promotion, words, page, note, by)
    promotion.save()
    _record_promotion("promotion.create", promotion, by)
    return promotion


@transaction.atomic
def change_promotion(
    *, promotion: Promotion, words: Sequence[str], page: Page, by: User, note: str = ""
) -> Promotion:
    """Give other words, another page or note. Raises what `add_promotion` does."""
    _lock(promotion.organisation, by)
    _fill_promotion(promotion, words, page, note, by)
    promotion.save(update_fields=["words", "page", "note"])
    _record_promotion("promotion.change", promotion, by)
    return promotion


@transaction.atomic
def delete_promotion(*, promotion: Promotion, by: User) -> None:
    """Show the page where it stands by itself again."""
    _lock(promotion.organisation, by)
    _record_promotion("promotion.delete", promotion, by)
    promotion.delete()


def _lock(organisation: Organisation, by: User) -> None:
    """Let one write at a time in, of who may; limits hold for all of them together."""
    if not may_steer_search(by, organisation):
        raise PermissionDenied
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _fill_synonym(synonym: Synonym, words: Sequence[str]) -> None:
    forms = {fold(form): form for form in map(_clean, words) if _has_letters(form)}
    longest = max((len(form.split()) for form in forms), default=0)
    if not FEWEST_FORMS <= len(forms) <= MOST_FORMS:
        limits = {"few": FEWEST_FORMS, "most": MOST_FORMS}
        message = _("Name from %(few)d to %(most)d different words.")
        raise ValidationError(message % limits)
    if longest > MAX_PHRASE:
        limit = {"n": MAX_PHRASE}
        raise ValidationError(_("One of them has more than %(n)d words.") % limit)
    synonym.words, synonym.folded = list(forms.values()), sorted(forms)
    synonym.clean_fields()
    same = Synonym.objects.filter(
        organisation=synonym.organisation, folded=synonym.folded
    )
    if same.exclude(pk=synonym.pk).exists():
        raise ValidationError(_("These synonyms are there already."))


def _fill_promotion(
    promotion: Promotion, words: Sequence[str], page: Page, note: str, by: User
) -> None:
    if not visible_to(by, Page.objects.filter(pk=page.pk, live=True)).exists():
        raise PermissionDenied
    folded = sorted({fold(_clean(word)) for word in words if _has_letters(word)})
    if not 1 <= len(folded) <= MOST_WORDS:
        limit = {"most": MOST_WORDS}
        raise ValidationError(_("Name from one to %(most)d words.") % limit)
    promotion.words, promotion.page, promotion.note = folded, page, _clean_note(note)
    promotion.clean_fields()
    same = Promotion.objects.filter(
        organisation=promotion.organisation, page=page, words=folded
    )
    if same.exclude(pk=promotion.pk).exists():
        raise ValidationError(_("This page is promoted for these words already."))


def _clean(text: str) -> str:
    plain = normalise(CONTROL.sub(" ", text)).replace('"', " ")
    return " ".join(plain.split()).strip(EDGES)


def _clean_note(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).split())


def _has_letters(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _record_synonym(action: str, synonym: Synonym, by: User) -> None:
    record(
        action,
        by=by,
        organisation=synonym.organisation_id,
        target=synonym.public_id,
    )


def _record_promotion(action: str, promotion: Promotion, by: User) -> None:
    """Record the page, so that who may not view it reads nothing of this."""
    record(
        action,
        by=by,
        organisation=promotion.organisation_id,
        target=str(promotion.page_id),
    )
