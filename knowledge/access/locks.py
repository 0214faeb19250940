"""Who changes the shape of a project waits for who writes in it, and the other way round.

A row lock does not do: a page that another transaction is just adding has no row yet
that a move, a restriction or a deletion could lock, and it would stay behind outside.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models.functions import Coalesce
from wagtail.models import Page

from knowledge.access.models import PageAccess, Trash

# The first half of the key: these locks are ours, whatever else locks numbers.
SPACE = 7310304


def keep_shape(pages: Iterable[Page]) -> None:
    """Wait for moves, restrictions and deletions in the projects of these pages.

    Until the end of the transaction none begins; other writers do. Read path and root
    of a page after this, not before.
    """
    _lock(pages, "pg_advisory_xact_lock_shared")


def change_shape(*pages: Page) -> None:
    """Wait for everybody who writes in the projects of these pages, and keep them out."""
    _lock(pages, "pg_advisory_xact_lock")


def _lock(pages: Iterable[Page], function: str) -> None:
    ids = [page.pk for page in pages]
    held: set[int] = set()
    # A page that moved while this waited is in a project that must be locked, too.
    while missing := _projects_of(ids) - held:
        for project_id in sorted(missing):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {function}(%s, %s)", [SPACE, project_id])
        held |= missing


def _projects_of(page_ids: list[int]) -> set[int]:
    rows = PageAccess.objects.filter(page_id__in=page_ids)
    shown = rows.values_list(Coalesce("root__project_id", "root_id"), flat=True)
    trash = Trash.objects.filter(page_id__in=page_ids)
    thrown = trash.values_list(Coalesce("root__project_id", "root_id"), flat=True)
    return set(shown.union(thrown))
