"""Reads of projects and pages. Each names its reader and goes through the rule."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404
from wagtail.models import Page

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.models import PageAccess, PolicyRoot, Trash
from knowledge.access.rule import ACTIONS, decide_on_root, standing, visible_to
from knowledge.access.selectors import Audience, audiences, known_ids
from knowledge.access.signatures import Signature, sign
from knowledge.pages.lookup import find_visible, public_id_in
from knowledge.pages.models import ContentPage, PageFacts, ProjectPage
from knowledge.pages.notes import note_in_words

HOME_PROJECTS = 8


@dataclass(frozen=True)
class Card:
    """A project in a list: what the reader sees of it, and who takes part."""

    page: ProjectPage
    audience: Audience
    pages: int
    changed_at: datetime.datetime | None


@dataclass(frozen=True)
class Change:
    """One line of the feed: a page, and who changed it last."""

    page: Page
    at: datetime.datetime
    by: Signature
    note: str
    owner: Organisation


def get_page_or_404(user: Person, address: str, action: str = "view") -> ContentPage:
    """Fetch the page of an address for an act.

    Raises Http404 alike for what is missing and what is hidden, and PermissionDenied,
    with the reason, for a page that the person may view but not treat so.
    """
    page = find_visible(user, address)
    if not isinstance(page, ContentPage):
        raise Http404
    decision = decide_on_root(user, action, page.access.root_id)
    if not decision:
        raise PermissionDenied(decision.reason)
    return page


def project_of(root: PolicyRoot) -> PolicyRoot:
    """Give the project that a root is or belongs to."""
    return root.project or root


def visible_projects(user: Person) -> QuerySet[ProjectPage]:
    """List the projects that a person may view, by title."""
    projects: QuerySet[ProjectPage] = visible_to(user, ProjectPage.objects.all())
    return projects.select_related("access__root__owner").order_by("title", "pk")


def project_figures(
    user: Person, project_ids: Iterable[int]
) -> Mapping[int, tuple[int, datetime.datetime | None]]:
    """Count the pages the person sees in each project, and find the last change."""
    ids = list(project_ids)
    rows = visible_to(user, PageAccess.objects.all(), through="page__").filter(
        Q(root_id__in=ids) | Q(root__project_id__in=ids)
    )
    grouped = (
        rows.annotate(project=Coalesce("root__project_id", "root_id"))
        .values("project")
        .annotate(pages=Count("pk"), changed=Max("page__facts__changed_at"))
        .values_list("project", "pages", "changed")
    )
    return {project: (pages, changed) for project, pages, changed in grouped}


def cards(user: Person, projects: Iterable[ProjectPage]) -> list[Card]:
    """Say of each project what a list shows, in three queries for all."""
    projects = list(projects)
    figures = project_figures(user, [project.pk for project in projects])
    taking_part = audiences(user, [project.access.root for project in projects])
    return [
        Card(project, taking_part[project.pk], *figures.get(project.pk, (0, None)))
        for project in projects
    ]


def my_cards(user: Person, limit: int = HOME_PROJECTS) -> tuple[list[Card], int]:
    """Give the projects for the start page, last changed first, and how many there are.

    Those in which the person may edit or whose owner is an own organisation come
    before those that are open to the whole network.
    """
    own = standing(user)
    projects = {project.pk: project for project in visible_projects(user)}
    figures = project_figures(user, projects)

    def rank(pk: int) -> tuple[bool, float]:
        changed = figures.get(pk, (0, None))[1]
        owner_id = projects[pk].access.root.owner_id
        close = owner_id in own.principals.organisation_ids
        close = close or own.levels[pk] >= ACTIONS["edit"]
        return (not close, -changed.timestamp() if changed else 0.0)

    shown = [projects[pk] for pk in sorted(projects, key=rank)[:limit]]
    taking_part = audiences(user, [project.access.root for project in shown])
    return (
        [Card(p, taking_part[p.pk], *figures.get(p.pk, (0, None))) for p in shown],
        len(projects),
    )


def recent_changes(user: Person, whose: str = "") -> QuerySet[PageFacts]:
    """List what changed, newest first: all, "mine", or "partners" (not my own)."""
    facts = visible_to(user, PageFacts.objects.all(), through="page__")
    own = standing(user).principals.organisation_ids
    if whose == "mine":
        facts = facts.filter(changed_by_id=user.pk)
    elif whose == "partners":
        facts = facts.exclude(organisation_id__in=own).exclude(organisation=None)
    related = ("page__access__root__owner", "changed_by", "organisation")
    return facts.select_related(*related).order_by("-changed_at", "-pk")


def changes(user: Person, facts: Iterable[PageFacts]) -> list[Change]:
    """Say of each change what the feed shows, in one query more."""
    rows = list(facts)
    known = known_ids(user)
    return [
        Change(
            page=row.page,
            at=row.changed_at,
            by=sign(
                user,
                person=row.changed_by,
                organisation=row.organisation,
                owner_id=row.page.access.root.owner_id,  # type: ignore[attr-defined]
                known=known,
            ),
            note=note_in_words(row.note),
            owner=row.page.access.root.owner,  # type: ignore[attr-defined]
        )
        for row in rows
    ]


def child_pages(user: Person, page: Page) -> QuerySet[Page]:
    """List the pages directly below a page that the person may view, in tree order."""
    children = Page.objects.filter(path__startswith=page.path, depth=page.depth + 1)
    return visible_to(user, children).order_by("path")


def pages_below(user: Person, page: ContentPage) -> int:
    """Count the page and what the person sees below it, but for other projects."""
    subtree = Page.objects.filter(path__startswith=page.path)
    project_id = page.access.root.project_id or page.access.root_id
    below = Q(access__root=project_id) | Q(access__root__project=project_id)
    subtree = subtree.filter(below)
    return visible_to(user, subtree).count()


def trash_of(user: Person) -> QuerySet[Trash]:
    """List what lies in the trash where the person may delete and so restore."""
    levels = standing(user).levels
    roots = [pk for pk, level in levels.items() if level >= ACTIONS["delete"]]
    managed = [pk for pk, level in levels.items() if level >= ACTIONS["share"]]
    whole = Q(root_id=F("page_id"), root__kind=PolicyRoot.Kind.PROJECT)
    related = ("page", "trashed_by", "organisation", "root__owner", "root__page")
    return Trash.objects.filter(
        ~whole | Q(root_id__in=managed), root_id__in=roots
    ).select_related(*related)


def get_trash_or_404(user: Person, address: str) -> Trash:
    """Fetch an entry of the trash by the id in its page's address. Raises Http404."""
    public_id = public_id_in(address)
    called = Q(page__slug=public_id) | Q(page__slug__endswith=f"-{public_id}")
    found = trash_of(user).filter(called).first()
    if found is None:
        raise Http404
    return found


def move_targets(user: Person, page: Page, words: str = "") -> QuerySet[Page]:
    """List where an article may go: pages the person may write below, not its own."""
    levels = standing(user).levels
    roots = [pk for pk, level in levels.items() if level >= ACTIONS["create"]]
    pages = Page.objects.filter(access__root_id__in=roots)
    pages = pages.exclude(path__startswith=page.path)
    if words:
        pages = pages.filter(title__icontains=words)
    found: QuerySet[Page] = pages.select_related("access__root__owner")
    return found.order_by("title", "pk")
