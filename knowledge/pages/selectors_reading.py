"""Everything a page view shows to one reader. Fifteen queries with the request's own."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.selectors import Person
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import allowed_actions, visible_to
from knowledge.access.selectors import Audience, audience
from knowledge.access.signatures import Signature, sign
from knowledge.files.models import Attachment
from knowledge.files.selectors import files_of
from knowledge.markup import LinkTarget, Rendered, render, resolve_links
from knowledge.pages.models import ContentPage, ProjectPage
from knowledge.pages.selectors import project_of
from knowledge.pages.selectors_tree import Node, Tree, tree_around

# Files named beside the text; the page of files lists all.
MAX_FILES = 20


@dataclass(frozen=True)
class Text:
    """A rendered text with its links resolved for one reader."""

    html: str
    rendered: Rendered


@dataclass(frozen=True)
class Reading:
    """A page as one reader sees it."""

    page: ContentPage
    root: PolicyRoot
    text: Text
    tree: Tree
    audience: Audience
    changed_by: Signature
    allowed: frozenset[str]
    has_draft: bool
    files: list[Attachment]

    @property
    def public_id(self) -> str:
        """Give the id of the permanent link."""
        return str(self.page.access.public_id)

    @property
    def is_project(self) -> bool:
        """Say whether the page is a project."""
        return isinstance(self.page, ProjectPage)

    @property
    def children(self) -> list[Node]:
        """List the pages below that the reader sees."""
        current = self.tree.project
        if not self.is_project or current is None:
            return []
        return current.children


def read(user: Person, page: ContentPage) -> Reading:
    """Put together what the reader sees of a page that was found for this reader."""
    root = page.access.root
    allowed = allowed_actions(user, root.pk)
    shown = page if page.live else page.get_latest_revision_as_object()
    shares = audience(user, root)
    facts = getattr(page, "facts", None)
    return Reading(
        page=shown if shown is page else _with_place(shown, page),
        root=root,
        text=text_for(user, page, shown.body),
        tree=tree_around(user, page, project_of(root).page.path),
        audience=shares,
        changed_by=_signature(user, page) if facts else Signature(),
        allowed=allowed,
        has_draft="drafts" in allowed and page.live and page.has_unpublished_changes,
        files=list(files_of(user, page)[:MAX_FILES]),
    )


def _with_place(shown: ContentPage, page: ContentPage) -> ContentPage:
    shown.access = page.access
    return shown


def _signature(user: Person, page: ContentPage) -> Signature:
    return sign(
        user,
        person=page.facts.changed_by,
        organisation=page.facts.organisation,
        owner_id=page.access.root.owner_id,
    )


def text_for(user: Person, page: ContentPage, source: str) -> Text:
    """Render Markdown as it stands on a page, with the links this reader may follow.

    Raises SourceTooLong.
    """
    rendered = render(source)
    targets = _link_targets(user, page, rendered.wikilinks)
    may_create = "create" in allowed_actions(user, page.access.root_id)

    def resolve(title: str) -> LinkTarget | None:
        found = targets.get(title.casefold())
        if found is None and may_create:
            return _create_link(page, title)
        return found

    return Text(resolve_links(rendered.html, resolve), rendered)


def _create_link(page: ContentPage, title: str) -> LinkTarget:
    address = reverse("page_new", args=[page.slug])
    words = _("There is no page “%(title)s” yet: write it")
    return LinkTarget(
        f"{address}?{urlencode({'title': title})}",
        words % {"title": title},
        is_missing=True,
    )


def _link_targets(
    user: Person, page: ContentPage, titles: frozenset[str]
) -> dict[str, LinkTarget]:
    """Find the pages that links name, in one query: the own project first, then age."""
    if not titles:
        return {}
    project = project_of(page.access.root)
    nearby = Q(access__root=project) | Q(access__root__project=project)
    found = (
        visible_to(user, Page.objects.all())
        .annotate(
            lower=Lower("title"),
            far=Case(When(nearby, then=Value(0)), default=Value(1)),
        )
        .filter(lower__in=[title.lower() for title in titles])
        .order_by("far", "pk")
        .values_list("title", "slug")
    )
    targets: dict[str, LinkTarget] = {}
    for title, slug in found:
        targets.setdefault(title.casefold(), LinkTarget(f"/{slug}/", title))
    return targets
