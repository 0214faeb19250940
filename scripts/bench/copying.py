"""Make an installation several times as large by copying its projects in the database.

Each project comes again beside itself, below the same organisation: with its pages, its
grants and its documents, under ids and addresses of their own. People and organisations
stay what they are. Revisions and logs are not copied: no search reads them.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.db import connection, models, transaction
from django.db.models import Max
from wagtail.models import Page

from accounts.models import User
from accounts.public_ids import LENGTH, new_public_id
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, UserGrant
from knowledge.access.rule import visible_to
from knowledge.files.models import Attachment
from knowledge.pages.models import ArticlePage, PageFacts, ProjectPage
from scripts.bench.world import MANAGER
from search import content, stored
from search.checking import find_problems_among
from search.engines import registry
from search.engines.base import Entry
from search.models import SearchDocument
from search.rebuilding import rebuild
from search.states import portions

# Home, organisation and project are the first steps below the root of the tree.
PROJECT_DEPTH = 4
BATCH = 500
# Documents that are compared with their pages: these are rendered.
CHECKED = 200

TABLE = """
    CREATE TEMPORARY TABLE page_copy (
        old_id bigint, new_id bigint, path text, slug text, url_path text,
        public_id text, digest text
    ) ON COMMIT DROP
"""


@dataclass(frozen=True)
class Rows:
    """How the rows of one table follow a page: by which column, changed in which ways.

    Without an expression a column is copied. `o` is the row, `m` says of its page what
    the copy of it is.
    """

    model: type[models.Model]
    key: str
    expressions: Mapping[str, str]


SHIFT = "+ m.new_id - m.old_id"
ALL_ROWS = (
    Rows(
        Page,
        "id",
        {
            "id": "m.new_id",
            "path": "m.path",
            "slug": "m.slug",
            "url_path": "m.url_path",
            "translation_key": "gen_random_uuid()",
            "latest_revision_id": "NULL",
            "live_revision_id": "NULL",
        },
    ),
    Rows(ProjectPage, "page_ptr_id", {"page_ptr_id": "m.new_id"}),
    Rows(ArticlePage, "page_ptr_id", {"page_ptr_id": "m.new_id"}),
    Rows(
        PolicyRoot,
        "page_id",
        {
            "page_id": "m.new_id",
            "parent_id": f"o.parent_id {SHIFT}",
            "project_id": f"o.project_id {SHIFT}",
        },
    ),
    Rows(
        PageAccess,
        "page_id",
        {
            "page_id": "m.new_id",
            "root_id": f"o.root_id {SHIFT}",
            "public_id": "m.public_id",
        },
    ),
    Rows(GroupGrant, "content_object_id", {"content_object_id": "m.new_id"}),
    Rows(UserGrant, "content_object_id", {"content_object_id": "m.new_id"}),
    Rows(PageFacts, "page_id", {"page_id": "m.new_id"}),
    Rows(
        SearchDocument,
        "page_id",
        {"page_id": "m.new_id", "object_id": "m.new_id", "digest": "m.digest"},
    ),
)


def build(times: int) -> dict[str, float]:
    """Multiply an installation, check a part of it, and index it in Elasticsearch.

    Raises RuntimeError when the copies are not what the services would have made.
    """
    before = _visible()
    pages = multiply(times)
    if _visible() != before * times:
        message = "the manager does not see the same of every copy"
        raise RuntimeError(message)
    _check()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    engine, started = registry.elasticsearch(), time.perf_counter()
    if engine is not None:
        rebuild(engine)
    indexing = time.perf_counter() - started
    return {"pages": pages, "indexing": indexing}


def _visible() -> int:
    """Count the pages of projects that the manager sees."""
    manager = User.objects.get(email=MANAGER)
    pages = Page.objects.filter(depth__gte=PROJECT_DEPTH)
    return visible_to(manager, pages).count()


def _check() -> None:
    """Compare some of the documents with their pages, and look at a part of the tree."""
    some = SearchDocument.objects.order_by("digest")[:CHECKED]
    keys = [f"{kind}-{pk}" for kind, pk in some.values_list("kind", "object_id")]
    problems = find_problems_among(registry.postgres(), keys)
    organisation = Page.objects.filter(depth=PROJECT_DEPTH - 1).order_by("path").last()
    broken = [ids for ids in Page.find_problems(parent=organisation) if ids]
    if problems or broken:
        message = f"the copies are not sound: {problems} {broken}"
        raise RuntimeError(message)


@transaction.atomic
def multiply(times: int) -> int:
    """Make every project stand there `times` times. Returns the number of pages added.

    Raises ValueError when there are files: their bytes would have to be copied, too.
    """
    if Attachment.objects.exists():
        message = "only pages can be copied, and there are files"
        raise ValueError(message)
    # All before the first is sent: a connection that sends rows answers nothing.
    rows = list(_Copier(times).rows())
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        with cursor.copy("COPY page_copy FROM STDIN") as sent:
            for row in rows:
                sent.write_row(row)
        cursor.execute("ANALYZE page_copy")
        for part in ALL_ROWS:
            cursor.execute(_insertion(part))
        cursor.execute(
            "UPDATE wagtailcore_page SET numchild = numchild * %s WHERE depth = %s",
            [times, PROJECT_DEPTH - 1],
        )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('wagtailcore_page', 'id'), max(id))"
            " FROM wagtailcore_page"
        )
    return len(rows)


def _insertion(rows: Rows) -> str:
    """Write the statement that copies the rows of one table."""
    meta = rows.model._meta
    columns = [field.column for field in meta.local_concrete_fields if field.column]
    # A row that has a number of its own gets a new one.
    if "id" not in rows.expressions and "id" in columns:
        columns.remove("id")
    values = [rows.expressions.get(name, f'o."{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {meta.db_table} ({names}) SELECT {', '.join(values)}"  # noqa: S608
        f" FROM {meta.db_table} o JOIN page_copy m ON m.old_id = o.{rows.key}"
    )


class _Copier:
    """Thinks out of every page what its copies are."""

    def __init__(self, times: int) -> None:
        self._times = times
        self._stride: int = Page.objects.aggregate(last=Max("pk"))["last"]
        self._last_steps = _last_steps()
        self._used = set(PageAccess.objects.values_list("public_id", flat=True))
        # Of each copy, by the path of the page: the address. By its public id: the new.
        self._addresses: dict[tuple[int, str], str] = {}
        self._public_ids: dict[tuple[int, str], str] = {}

    def rows(self) -> Iterator[tuple[object, ...]]:
        """List the copies of all pages, parents first."""
        pages = Page.objects.filter(depth__gte=PROJECT_DEPTH).order_by("path")
        for portion in portions(pages.iterator(BATCH), BATCH):
            entries, _gone = stored.load("page", [page.pk for page in portion])
            by_page = {entry.page_id: entry for entry in entries}
            for page in portion:
                for copy in range(1, self._times):
                    yield self._row(page, copy, by_page.get(page.pk))

    def _row(self, page: Page, copy: int, entry: Entry | None) -> tuple[object, ...]:
        shift = copy * self._stride
        path = self._path(page.path, copy)
        public_id = self._public_ids[copy, page.slug[-LENGTH:]] = self._draw()
        slug = page.slug[:-LENGTH] + public_id
        above = self._addresses.get((copy, page.path[: -Page.steplen]))
        if above is None:
            above = page.url_path.removesuffix(f"{page.slug}/")
        url_path = self._addresses[copy, page.path] = f"{above}{slug}/"
        digest = ""
        if entry is not None:
            copied = replace(
                entry,
                object_id=page.pk + shift,
                page_id=page.pk + shift,
                path=path,
                root_id=entry.root_id + shift,
                project=self._public_ids[copy, entry.project],
            )
            digest = content.digest_of(copied)
        return (page.pk, page.pk + shift, path, slug, url_path, public_id, digest)

    def _path(self, path: str, copy: int) -> str:
        """Put a project behind all others below its organisation."""
        end = PROJECT_DEPTH * Page.steplen
        above, step = path[: end - Page.steplen], path[end - Page.steplen : end]
        place = Page._str2int(step) + copy * self._last_steps[above]
        return f"{Page._get_path(above, PROJECT_DEPTH, place)}{path[end:]}"

    def _draw(self) -> str:
        """Draw a public id that nothing has: among so many two may be equal."""
        while (drawn := new_public_id()) in self._used:
            pass
        self._used.add(drawn)
        return drawn


def _last_steps() -> dict[str, int]:
    """Give the last place that is taken below each organisation, by its path."""
    last: dict[str, int] = {}
    for path in Page.objects.filter(depth=PROJECT_DEPTH).values_list("path", flat=True):
        above, step = path[: -Page.steplen], path[-Page.steplen :]
        last[above] = max(last.get(above, 0), Page._str2int(step))
    return last
