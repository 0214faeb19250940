"""Reads of files. Each names its reader."""

from django.db.models import QuerySet
from django.http import Http404
from wagtail.models import Page

from accounts.selectors import Person
from knowledge.access.models import PageAccess
from knowledge.access.rule import (
    allowed_actions,
    get_visible_or_404,
    visible_to,
    visible_with,
)
from knowledge.files.models import Attachment, Rendition

_PAGE = "page__"


def page_at(user: Person, address: str) -> Page:
    """Find the page of an address `words-id`. Raises Http404, hidden or missing alike."""
    public_id = address.rpartition("-")[2]
    pages = Page.objects.select_related("access__root")
    page: Page = get_visible_or_404(user, pages, access__public_id=public_id)
    return page


def acts_on(user: Person, page: Page) -> frozenset[str]:
    """Give the acts that are open to the reader on a page, for buttons."""
    access: PageAccess = page.access  # type: ignore[attr-defined]
    return allowed_actions(user, access.root_id)


def files_of(user: Person, page: Page) -> QuerySet[Attachment]:
    """List the files of a page that the reader may view."""
    files = Attachment.objects.present().filter(page_id=page.pk)
    return visible_to(user, files, through=_PAGE).select_related(
        "uploaded_by", "organisation"
    )


def deleted_files_of(user: Person, page: Page) -> QuerySet[Attachment]:
    """List the deleted files of a page for readers who may bring them back."""
    files = Attachment.objects.deleted().filter(page_id=page.pk)
    return visible_with(user, files, "delete", through=_PAGE).order_by("-deleted_at")


def get_file(user: Person, public_id: str) -> Attachment:
    """Find a file. Raises Http404 alike for missing, deleted and hidden."""
    files = Attachment.objects.present().select_related("page")
    return get_visible_or_404(user, files, through=_PAGE, public_id=public_id)


def get_file_of(
    user: Person, address: str, public_id: str, *, deleted: bool = False
) -> Attachment:
    """Find a file of the page at an address. Raises Http404 as `get_file` does.

    A deleted one exists for readers who may bring it back, and for nobody else.
    """
    files: QuerySet[Attachment] = Attachment.objects.present()
    if deleted:
        gone = Attachment.objects.deleted()
        files = visible_with(user, gone, "delete", through=_PAGE)
    return get_visible_or_404(
        user,
        files.select_related("page"),
        through=_PAGE,
        public_id=public_id,
        page__access__public_id=address.rpartition("-")[2],
    )


def get_image(user: Person, public_id: str, spec: int) -> Attachment:
    """Find an image of which a small version may exist. Raises Http404."""
    file = get_file(user, public_id)
    if spec not in Rendition.Spec.values or not file.is_image:
        raise Http404
    return file
