"""Writes of pages: create, edit, publish, restore, move, trash. Each asks the rule."""

from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.selectors import principals_of
from accounts.validators import one_line
from knowledge.access import roots
from knowledge.access.levels import Level
from knowledge.access.locks import keep_shape
from knowledge.access.models import PageAccess, PolicyRoot
from knowledge.access.rule import forget, require
from knowledge.access.selectors import acting_organisation
from knowledge.access.services import save_grant
from knowledge.pages.models import (
    ArticlePage,
    ContentPage,
    HomePage,
    OrganisationPage,
    PageFacts,
    ProjectPage,
    RevisionNote,
    new_slug,
)
from knowledge.pages.notes import CREATED, DISCARDED, restored_note
from knowledge.pages.signals import page_changed

P = TypeVar("P", bound=ContentPage)


@dataclass(frozen=True)
class Text:
    """What an author sends: title, Markdown, language, and a project's summary."""

    title: str
    body: str = ""
    language: str = "en"
    summary: str = ""


class EditConflict(Exception):  # noqa: N818 - an outcome, not an error
    """Somebody else saved since the author began. Carries both and loses neither."""

    def __init__(
        self, *, page: ContentPage, latest: Revision, theirs: ContentPage
    ) -> None:
        super().__init__(_("Somebody else saved this page since you began."))
        self.page = page
        self.latest = latest
        self.theirs = theirs


def _put(page: ContentPage, text: Text) -> None:
    page.title = one_line(text.title)
    page.body = text.body.replace("\r\n", "\n")
    page.language = text.language
    if isinstance(page, ProjectPage):
        page.summary = text.summary.strip()


def _save_revision(
    page: ContentPage, *, by: User, note: str, publish: bool, root: PolicyRoot
) -> Revision:
    """Store a revision; publish it when asked. The page row is locked by the caller."""
    revision = _store(page, by=by, note=note, publish=publish, root=root)
    if publish:
        revision.publish(user=by, skip_permission_checks=True)
        PageFacts.objects.update_or_create(
            page_id=page.pk,
            defaults={
                "changed_at": timezone.now(),
                "changed_by": by,
                "organisation_id": revision.note.organisation_id,
                "note": note,
            },
        )
        page_changed.send(type(page), page_id=page.pk)
    return revision


def _store(
    page: ContentPage, *, by: User, note: str, publish: bool, root: PolicyRoot
) -> Revision:
    """Write a revision, and say beside it whose it is and whether readers get it."""
    revision: Revision = page.save_revision(user=by, log_action=True, clean=False)
    # Its note, and with it its public id, was made with it (`receivers`).
    beside: RevisionNote = revision.note
    beside.text, beside.published = note, publish
    beside.organisation_id = acting_organisation(by, root=root)
    beside.save()
    return revision


def _add(parent: Page, page: P, text: Text, public_id: str = "") -> P:
    _put(page, text)
    page.slug = new_slug(page.title, public_id)
    page.live = False
    page.full_clean(exclude=["path", "depth", "url_path"])
    parent.add_child(instance=page)
    return page


@transaction.atomic
def create_project(
    *,
    owner: Organisation,
    text: Text,
    by: User,
    reach: str = PolicyRoot.Reach.ORGANISATION,
    parent: ProjectPage | None = None,
) -> ProjectPage:
    """Found a project. Any member of the owning organisation may.

    Raises PermissionDenied for others and ValidationError for a missing title. The
    founder manages it.
    """
    if not by.is_superuser and owner.pk not in principals_of(by).organisation_ids:
        raise PermissionDenied(_("You can found projects in your own organisation."))
    if parent is not None:
        keep_shape([parent])
        require(by, "share", parent)
        parent = ProjectPage.objects.select_for_update().get(pk=parent.pk)
    place = parent or organisation_page(owner)
    page = _add(place, ProjectPage(), text)
    root = roots.create_project_root(page=page, owner=owner, reach=reach)
    _give_founder(root, by)
    forget(by)
    _save_revision(page, by=by, note=CREATED, publish=True, root=root)
    record("project.create", by=by, organisation=owner, target=str(page.pk))
    return page


def _give_founder(root: PolicyRoot, by: User) -> None:
    """Let the founder manage, without end: founders belong to the owner."""
    from_owner = root.owner_id in principals_of(by).organisation_ids
    if from_owner:
        save_grant(root=root, subject=by, level=Level.MANAGE, by=by)


def organisation_page(organisation: Organisation) -> OrganisationPage:
    """Find or make the organisation's place in the tree."""
    found = OrganisationPage.objects.filter(organisation=organisation).first()
    if found is None:
        home = HomePage.objects.get()
        found = OrganisationPage(
            title=organisation.name,
            slug=new_slug(organisation.name),
            organisation=organisation,
        )
        home.add_child(instance=found)
    return found


@transaction.atomic
def create_article(
    *,
    parent: Page,
    text: Text,
    by: User,
    publish: bool = True,
    note: str = "",
    public_id: str = "",
) -> ArticlePage:
    """Write a new article below a project or an article.

    `public_id` was drawn for this author when the form was shown: the same form sent
    twice gives one page, the one of the first time. Raises PermissionDenied, Http404 or
    ValidationError.
    """
    keep_shape([parent])
    require(by, "create", parent)
    parent = Page.objects.select_for_update().get(pk=parent.pk)
    if public_id:
        made: ArticlePage | None = ArticlePage.objects.filter(
            slug__endswith=public_id
        ).first()
        if made is not None:
            # It may have gone where its author sees it no more.
            require(by, "view", made)
            return made
    page = _add(parent, ArticlePage(), text, public_id)
    access = roots.add_page(page)
    if access is None:
        raise ValidationError(_("An article belongs in a project."))
    _save_revision(page, by=by, note=note, publish=publish, root=access.root)
    return page


def _lock(page: P) -> P:
    """Wait for other writers of the page, then read it as they left it.

    Both tables must be locked: PostgreSQL reads anew only the rows that it locks, and
    the latest revision stands in Wagtail's own table.
    """
    rows = type(page).objects.select_for_update(of=("self", "page_ptr"))
    locked: P = rows.get(pk=page.pk)
    return locked


@transaction.atomic
def save_page(
    *,
    page: ContentPage,
    text: Text,
    base_revision_id: int | None,
    by: User,
    publish: bool,
    note: str = "",
) -> Revision:
    """Save an edit, as a draft or published.

    `base_revision_id` is the revision the author began with. Raises EditConflict when
    it is not the latest any more, PermissionDenied, Http404 or ValidationError.
    """
    require(by, "edit", page)
    locked = _lock(page)
    if locked.latest_revision_id != base_revision_id:
        latest = locked.latest_revision
        raise EditConflict(page=locked, latest=latest, theirs=latest.as_object())
    draft: ContentPage = locked.get_latest_revision_as_object()
    _put(draft, text)
    if publish and draft.first_published_at is None:
        # Readers come now: the address must not tell them the title of a draft.
        draft.slug = new_slug(draft.title, roots.public_id_of(draft))
    draft.full_clean(exclude=["path", "depth", "url_path"])
    root = PageAccess.objects.select_related("root").get(page_id=page.pk).root
    return _save_revision(draft, by=by, note=note, publish=publish, root=root)


@transaction.atomic
def restore_revision(
    *, page: ContentPage, revision: Revision, by: User, base_revision_id: int | None
) -> Revision:
    """Publish an earlier text again, as a new revision. Raises as `save_page` does.

    The note of it is for readers, so it names no draft.
    """
    old = revision.as_object()
    text = Text(
        title=old.title,
        body=old.body,
        language=old.language,
        summary=getattr(old, "summary", ""),
    )
    was_published = RevisionNote.objects.filter(revision=revision, published=True)
    return save_page(
        page=page,
        text=text,
        base_revision_id=base_revision_id,
        by=by,
        publish=True,
        note=restored_note(revision.created_at) if was_published.exists() else "",
    )


@transaction.atomic
def discard_draft(*, page: ContentPage, by: User) -> None:
    """Go back to the published text by publishing it again as the newest revision.

    The draft stays in the history of those who may see drafts. For readers nothing
    happens: not in the history, not in what was changed last. Raises PermissionDenied
    or Http404.
    """
    require(by, "edit", page)
    locked = _lock(page)
    if not locked.live or not locked.has_unpublished_changes:
        return
    root = PageAccess.objects.select_related("root").get(page_id=page.pk).root
    revision = _store(locked, by=by, note=DISCARDED, publish=False, root=root)
    revision.publish(user=by, skip_permission_checks=True)
