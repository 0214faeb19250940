"""What a move would do: who reads the page at the new place and who no longer does."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from wagtail.models import Page

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import allowed_actions, visible_to
from knowledge.access.selectors import Audience, audiences
from knowledge.pages.models import ArticlePage, ContentPage
from knowledge.pages.selectors import get_page_or_404, pages_below, project_of
from knowledge.pages.selectors_tree import path_above


@dataclass(frozen=True)
class Destination:
    """A place for a page, with the titles above it: its project first."""

    page: Page
    above: tuple[str, ...]

    @property
    def title(self) -> str:
        """Give the title of the page that will stand above."""
        return str(self.page.title)


@dataclass(frozen=True)
class Move:
    """A move that was chosen and not yet made."""

    target: ContentPage
    pages: int
    changes_audience: bool
    gains: tuple[Organisation, ...]
    loses: tuple[Organisation, ...]
    before: Audience
    after: Audience
    allowed: bool


def find_move(user: Person, page: ArticlePage, public_id: str) -> Move | None:
    """Work out what moving a page below another would change, for who asks.

    None when the target is missing, hidden, closed to the person, or below the page.
    """
    try:
        target = get_page_or_404(user, public_id, "create")
    except (Http404, PermissionDenied):
        return None
    if target.path.startswith(page.path):
        return None
    own, new = _root_to_compare(page), target.access.root
    # Who may edit a restricted page may also view the root that it narrows.
    both = audiences(user, [own, new])
    before, after = both[own.pk], both[new.pk]
    changes = own.pk != new.pk
    rights = (allowed_actions(user, root.pk) for root in (page.access.root, new))
    return Move(
        target=target,
        pages=pages_below(user, page),
        changes_audience=changes,
        gains=_without(after, before),
        loses=_without(before, after),
        before=before,
        after=after,
        allowed=not changes or all("share" in right for right in rights),
    )


def destinations(user: Person, pages: Iterable[Page]) -> list[Destination]:
    """Say of each page where it stands, in one query more.

    Titles alone are not unique. Only pages that the person may view are named.
    """
    above = {page: _path_in_project(page) for page in pages}
    paths = {path for line in above.values() for path in line}
    named = visible_to(user, Page.objects.filter(path__in=paths))
    titles = dict(named.values_list("path", "title"))
    return [
        Destination(page, tuple(titles[path] for path in line if path in titles))
        for page, line in above.items()
    ]


def _path_in_project(page: Page) -> list[str]:
    """List the tree paths above a page, from its project on."""
    root: PolicyRoot = page.access.root  # type: ignore[attr-defined]
    return path_above(page.path, project_of(root).page.path)


def _root_to_compare(page: ArticlePage) -> PolicyRoot:
    """Give the root that a move would change: of a restricted page, the one above."""
    root: PolicyRoot = page.access.root
    return root.parent if root.pk == page.pk and root.parent else root


def _without(one: Audience, two: Audience) -> tuple[Organisation, ...]:
    ids = {organisation.pk for organisation in two.organisations}
    return tuple(o for o in one.organisations if o.pk not in ids)
