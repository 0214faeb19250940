"""Find the page of an address for one reader. Knows pages only as Wagtail's Page."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from wagtail.models import Page

from accounts.selectors import Person
from knowledge.access.models import PageAccess
from knowledge.access.rule import visible_to

# Each kind that has a text, by the name of its table's link from Page.
KINDS = ("articlepage", "projectpage")
# What every view of a page needs. In the same query: a page view has a budget.
RELATED = (
    *KINDS,
    "access__root__owner",
    "access__root__page",
    "access__root__project__page",
    "facts__changed_by",
    "facts__organisation",
)
ID_LENGTH = 8


def public_id_in(address: str) -> str:
    """Read the public id at the end of an address, whatever the words before it."""
    return address[-ID_LENGTH:]


def find_visible(user: Person, address: str) -> Page | None:
    """Find the page that an address names, of its own kind, if the person may view it.

    One query for whether it is there, one for all that a view of it needs. None alike
    for what is missing and what is hidden.
    """
    public_id = public_id_in(address)
    if not (public_id.isascii() and public_id.isalnum()):
        return None
    places = PageAccess.objects.filter(public_id=public_id).order_by()
    place = visible_to(user, places, through="page__").values_list("page_id").first()
    if place is None:
        return None
    pages = visible_to(user, Page.objects.select_related(*RELATED))
    found = pages.filter(pk=place[0]).first()
    return found and _of_its_kind(found)


def _of_its_kind(found: Any) -> Page | None:
    for kind in KINDS:
        try:
            page: Any = getattr(found, kind)
        except ObjectDoesNotExist:
            continue
        page.access = found.access
        facts = getattr(found, "facts", None)
        if facts is not None:
            page.facts = facts
        result: Page = page
        return result
    return None
