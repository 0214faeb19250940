"""The history of a page as one reader may see it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404
from wagtail.models import Revision

from accounts.public_ids import LONG_ID
from accounts.selectors import Person
from knowledge.access.rule import allowed_actions
from knowledge.access.selectors import known_ids
from knowledge.access.signatures import Signature, sign
from knowledge.pages.models import ContentPage, RevisionNote
from knowledge.pages.notes import note_in_words


@dataclass(frozen=True)
class Version:
    """One revision in the list."""

    revision: Revision
    public_id: str
    by: Signature
    note: str
    is_published: bool
    is_current: bool


def visible_revisions(user: Person, page: ContentPage) -> QuerySet[Revision]:
    """List the revisions of a page, newest first: drafts only for who may edit.

    A revision without a note has no public id, and so does not exist.
    """
    revisions = (
        Revision.objects.page_revisions()
        .filter(object_id=str(page.pk), note__isnull=False)
        .select_related("user", "note__organisation")
    )
    if "drafts" not in allowed_actions(user, page.access.root_id):
        revisions = revisions.filter(note__published=True)
    ordered: QuerySet[Revision] = revisions.order_by("-pk")
    return ordered


def get_revision_or_404(user: Person, page: ContentPage, public_id: str) -> Revision:
    """Fetch one revision. Raises Http404 for another page's, a hidden and a missing one."""
    if not LONG_ID.match(public_id):
        raise Http404
    found = visible_revisions(user, page).filter(note__public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def revision_before(
    user: Person, page: ContentPage, revision: Revision
) -> Revision | None:
    """Find the version that the reader saw before this one."""
    return visible_revisions(user, page).filter(pk__lt=revision.pk).first()


def versions(
    user: Person, page: ContentPage, revisions: Iterable[Revision]
) -> list[Version]:
    """Say of each revision who made it and why, in one query more."""
    known = known_ids(user)
    owner_id = page.access.root.owner_id
    current_id = _current_id(user, page)
    rows = []
    for revision in revisions:
        note = getattr(revision, "note", None)
        by = sign(
            user,
            person=revision.user,
            organisation=note.organisation if note else None,
            owner_id=owner_id,
            known=known,
        )
        rows.append(
            Version(
                revision=revision,
                public_id=note.public_id if note else "",
                by=by,
                note=note_in_words(note.text) if note else "",
                is_published=bool(note and note.published),
                is_current=revision.pk == current_id,
            )
        )
    return rows


def _current_id(user: Person, page: ContentPage) -> int | None:
    """Find the version that stands on the page now, as far as the reader knows.

    A discarded draft leaves one behind that readers do not see: the text is the same.
    """
    if "drafts" in allowed_actions(user, page.access.root_id):
        return page.live_revision_id
    return visible_revisions(user, page).values_list("pk", flat=True).first()


def known_version(user: Person, page: ContentPage, revision: Revision) -> Version:
    """Say of one revision who made it and why."""
    return versions(user, page, [revision])[0]


def open_draft(user: Person, page: ContentPage) -> Version | None:
    """Tell whose unpublished text stands over a published page, if there is one.

    For readers who may edit: everybody else knows of no drafts.
    """
    if not (page.live and page.has_unpublished_changes and page.latest_revision):
        return None
    return known_version(user, page, page.latest_revision)


def version_id(revision_id: int | None) -> str:
    """Give the public id of a revision, for who may know the revision."""
    if revision_id is None:
        return ""
    notes = RevisionNote.objects.filter(revision_id=revision_id)
    return notes.values_list("public_id", flat=True).first() or ""


def find_base(page: ContentPage, public_id: str) -> Revision | None:
    """Find the revision an author began with, among those of this page.

    For who may edit. What cannot be a public id names none.
    """
    if not LONG_ID.match(public_id):
        return None
    own = Revision.objects.page_revisions().filter(object_id=str(page.pk))
    found: Revision | None = own.filter(note__public_id=public_id).first()
    return found
