"""Writes of the tree: move, put into the trash, bring back. Each asks the rule."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.move_page import MovePageAction
from wagtail.models import Page

from accounts.audit import record
from accounts.models import User
from knowledge.access import roots
from knowledge.access.locks import change_shape
from knowledge.access.models import PageAccess, PolicyRoot, Trash
from knowledge.access.rule import decide_on_root, require
from knowledge.access.selectors import acting_organisation
from knowledge.pages.models import ArticlePage, ProjectPage
from knowledge.pages.services import organisation_page
from knowledge.pages.signals import subtree_changed


def changes_audience(page: Page, target: Page) -> bool:
    """Say whether a move gives the page other readers."""
    root_ids = PageAccess.objects.filter(page_id__in=[page.pk, target.pk])
    root_of = dict(root_ids.values_list("page_id", "root_id"))
    own = root_of.get(page.pk)
    if own == page.pk:
        own = PolicyRoot.objects.get(pk=page.pk).parent_id
    return own != root_of.get(target.pk)


@transaction.atomic
def move_page(*, page: ArticlePage, target: Page, by: User) -> ArticlePage:
    """Move an article with everything below it to become the last child of `target`.

    Needs *edit* on both; where other people will see it, *manage* on both. The address
    stays. Raises PermissionDenied, Http404 or ValidationError.
    """
    change_shape(page, target)
    list(Page.objects.select_for_update().filter(pk__in=[page.pk, target.pk]))
    page.refresh_from_db()
    target = Page.objects.get(pk=target.pk)
    action = "share" if changes_audience(page, target) else "move"
    require(by, action, page)
    require(by, action, target)
    if target.pk == page.pk or target.is_descendant_of(page):
        raise ValidationError(_("A page cannot be moved below itself."))
    if not isinstance(target.specific, (ProjectPage, ArticlePage)):
        raise ValidationError(_("An article belongs in a project."))
    old_path, was_below = page.path, page.get_parent()
    access = PageAccess.objects.select_related("root")
    was_owned_by = access.get(page_id=page.pk).root.owner_id
    MovePageAction(page, target, pos="last-child", user=by).execute(
        skip_permission_checks=True
    )
    moved: ArticlePage = ArticlePage.objects.get(pk=page.pk)
    roots.rebuild_subtree(moved, by=by)
    root = access.get(page_id=page.pk).root
    other: int | None = was_owned_by
    if was_owned_by == root.owner_id:
        other = acting_organisation(by, root=root)
    record(
        "page.move",
        by=by,
        organisation=root.owner_id,
        other=other,
        target=str(page.pk),
        was=was_below.pk if was_below else None,
        now=target.pk,
    )
    subtree_changed.send(ArticlePage, path=old_path, new_path=moved.path)
    return moved


@transaction.atomic
def trash_page(*, page: Page, by: User) -> Trash:
    """Put a page and everything below it into the trash. `restore_page` undoes it.

    A project needs *manage*. Other projects inside it stay: they move up to where it
    was, whoever manages them, so that no refusal tells of one. Raises PermissionDenied
    or Http404.
    """
    change_shape(page)
    page = Page.objects.get(pk=page.pk)
    is_project = PolicyRoot.objects.filter(
        pk=page.pk, kind=PolicyRoot.Kind.PROJECT
    ).exists()
    require(by, "share" if is_project else "delete", page)
    if is_project:
        _let_projects_out(page, by)
        # Wagtail counted its children anew.
        page.refresh_from_db()
    trash = roots.put_in_trash(page=page, by=by)
    record(
        "page.trash",
        by=by,
        organisation=trash.root.owner_id,
        other=trash.organisation_id,
        target=str(page.pk),
        pages=trash.page_count,
    )
    subtree_changed.send(type(page), path=page.path, new_path="")
    return trash


def _let_projects_out(page: Page, by: User) -> None:
    """Move the projects inside a project to where it is itself. Their readers stay.

    Its lock keeps others from founding one meanwhile.
    """
    inside = ProjectPage.objects.filter(path__startswith=page.path)
    change_shape(*inside.exclude(pk=page.pk))
    place = page.get_parent()
    if not isinstance(place.specific, ProjectPage):
        place = organisation_page(PolicyRoot.objects.get(pk=page.pk).owner)
    below = Page.objects.child_of(page).type(ProjectPage)
    for pk in list(below.order_by("path").values_list("pk", flat=True)):
        # Each move changes paths that others were read with.
        moved = Page.objects.get(pk=pk)
        old_path, place = moved.path, Page.objects.get(pk=place.pk)
        MovePageAction(moved, place, pos="last-child", user=by).execute(
            skip_permission_checks=True
        )
        moved = Page.objects.get(pk=pk)
        # Its owner may know neither who did this nor what was above it.
        owner_id = PolicyRoot.objects.get(pk=pk).owner_id
        record("page.move", by=None, organisation=owner_id, target=str(pk))
        subtree_changed.send(ProjectPage, path=old_path, new_path=moved.path)


@transaction.atomic
def restore_page(*, trash: Trash, by: User) -> Page:
    """Bring a page back from the trash to where it was.

    Raises PermissionDenied without *edit* on its root, ValidationError when the page
    above it is in the trash itself.
    """
    change_shape(trash.page)
    found = Trash.objects.select_for_update(of=("self",)).filter(pk=trash.pk).first()
    if found is None:
        raise ValidationError(_("Somebody has restored this already."))
    trash, page = found, found.page
    if not decide_on_root(by, "share" if trash.is_project else "delete", trash.root_id):
        raise PermissionDenied(_("You cannot restore this page."))
    parent = page.get_parent()
    if (
        not trash.is_project
        and not PageAccess.objects.filter(page_id=parent.pk).exists()
    ):
        raise ValidationError(_("Restore the page above it first."))
    count = roots.take_from_trash(trash=trash, by=by)
    record(
        "page.restore",
        by=by,
        organisation=trash.root.owner_id,
        other=acting_organisation(by, root=trash.root),
        target=str(page.pk),
        pages=count,
    )
    subtree_changed.send(type(page), path=page.path, new_path=page.path)
    return page
