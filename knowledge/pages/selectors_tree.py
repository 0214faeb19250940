"""The tree beside a page and the path above it, as one reader sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Left, Length, RowNumber
from wagtail.models import Page

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.rule import ACTIONS, standing, visible_to

# Siblings shown before the link "show all".
MAX_SIBLINGS = 200
STEP = Page.steplen


@dataclass
class Node:
    """A page in the tree.

    `locked`: a restricted page that the reader manages and may not read. `has_more`:
    there are more children than are shown. `may_restore`: a project to whose trash the
    reader may go.
    """

    title: str
    slug: str
    path: str
    locked: bool = False
    restricted: bool = False
    owner: Organisation | None = None
    has_children: bool = False
    is_open: bool = False
    is_current: bool = False
    has_more: bool = False
    may_restore: bool = False
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """What stands left of a page: its project with the open branch, and the path."""

    project: Node | None
    crumbs: tuple[Node, ...]


def path_above(path: str, stop: str = "") -> list[str]:
    """List the tree paths of the pages above, topmost first, from `stop` on."""
    ends = range(max(len(stop), STEP), len(path), STEP)
    return [path[:end] for end in ends]


def _known(user: Person, pages: QuerySet[Page]) -> QuerySet[Page]:
    """Keep what the reader views, and restricted pages whose parent root they manage."""
    own = standing(user)
    # What lies in the trash has no access row.
    locked = Q(
        pk__in=[pk for pk in own.managed if pk not in own.levels],
        access__isnull=False,
        live=True,
    )
    visible = visible_to(user, pages)
    return visible | pages.filter(locked) if own.managed else visible


def tree_around(user: Person, page: Page, project_path: str) -> Tree:
    """Read the branch of the tree that leads to a page, in two queries.

    A page above it that the reader may not view leaves no trace: what is below it
    moves up to the nearest page that is visible.
    """
    opened = [*path_above(page.path, project_path), page.path]
    wanted = Q(path__in=opened)
    for path in opened:
        wanted |= Q(path__startswith=path, depth=len(path) // STEP + 1)
    limit = Q(place__lte=MAX_SIBLINGS + 1) | Q(path__in=opened)
    nodes = _read(user, wanted, limit=limit)
    for path in opened:
        if path in nodes:
            nodes[path].is_open = True
            nodes[path].is_current = path == page.path
    _mark_parents(user, nodes, project_path)
    for path in sorted(nodes):
        near = _nearest(path, nodes)
        if near is not None:
            near.children.append(nodes[path])
    _cut_long(nodes.values())
    crumbs = tuple(nodes[path] for path in opened[:-1] if path in nodes)
    return Tree(nodes.get(project_path), crumbs)


def _cut_long(nodes: Iterable[Node]) -> None:
    """Leave out the sibling that only told that there are more."""
    for node in nodes:
        if len(node.children) > MAX_SIBLINGS:
            node.has_more = True
            node.children = [
                child
                for number, child in enumerate(node.children)
                if number < MAX_SIBLINGS or child.is_open
            ]


def branch(user: Person, page: Page) -> list[Node]:
    """Read the pages directly below a page, and which have children, in two queries."""
    directly = Q(path__startswith=page.path, depth=page.depth + 1)
    nodes = _read(user, directly)
    _mark_parents(user, nodes, page.path)
    return [nodes[path] for path in sorted(nodes)]


def _read(user: Person, wanted: Q, limit: Q | None = None) -> dict[str, Node]:
    """Read nodes by tree path, perhaps only the first of very many siblings."""
    pages = _known(user, Page.objects.filter(wanted))
    if limit is not None:
        parent = Left("path", Length("path") - STEP)
        place = Window(RowNumber(), partition_by=parent, order_by=F("path").asc())
        pages = pages.annotate(place=place).filter(limit)
    readable = standing(user).levels
    return {
        row.path: _node(row, readable)
        for row in pages.select_related("access__root__owner").order_by("path")
    }


def _node(row: Any, readable: Mapping[int, int]) -> Node:
    root = row.access.root
    decides = root.pk == row.pk
    is_project = decides and root.parent_id is None
    return Node(
        title=row.title,
        slug=row.slug,
        path=row.path,
        locked=decides and root.pk not in readable,
        restricted=decides and not is_project,
        owner=root.owner if is_project else None,
        may_restore=is_project and readable.get(root.pk, 0) >= ACTIONS["delete"],
    )


def _nearest(path: str, nodes: Mapping[str, Node]) -> Node | None:
    above = path[:-STEP]
    while above and above not in nodes:
        above = above[:-STEP]
    return nodes.get(above)


def _mark_parents(user: Person, nodes: Mapping[str, Node], inside: str) -> None:
    """Mark which nodes have children that the reader sees, in one query."""
    depths = {len(path) // STEP + 1 for path in nodes}
    below = Page.objects.filter(path__startswith=inside, depth__in=depths)
    parents = (
        _known(user, below)
        .annotate(parent_path=Left("path", Length("path") - STEP))
        .filter(parent_path__in=list(nodes))
        .order_by()
        .values_list("parent_path", flat=True)
        .distinct()
    )
    for path in parents:
        nodes[path].has_children = True
