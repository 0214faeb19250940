"""Read documents as PostgreSQL has them, for the engine that follows it.

A page is rendered and a file opened once, for PostgreSQL. Where a document stands is read
from the page, as at each question: that may change without its text.
"""

from collections.abc import Iterable

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from search.engines.base import Entry, Gone
from search.models import SearchDocument

ROOT = "page__access__root"
PROJECT = Coalesce(
    f"{ROOT}__project__page__access__public_id",
    f"{ROOT}__page__access__public_id",
    Value(""),
)
FIELDS = (
    "kind",
    "object_id",
    "page_id",
    "type",
    "language",
    "title",
    "headings",
    "body",
    "updated",
    "author",
    "author_organisation_id",
    "tags",
    "digest",
)


def load(kind: str, ids: Iterable[int]) -> tuple[list[Entry], list[Gone]]:
    """Give the documents that are there, and which are not. One query."""
    wanted = set(ids)
    rows = SearchDocument.objects.filter(
        kind=kind, object_id__in=wanted, page__access__isnull=False
    ).values(
        *FIELDS,
        path=F("page__path"),
        root_id=F(f"{ROOT}_id"),
        owner_id=F(f"{ROOT}__owner_id"),
        organisation=F(f"{ROOT}__owner__public_id"),
        project=PROJECT,
    )
    entries = [Entry(**row | {"tags": tuple(row["tags"])}) for row in rows]
    known = {entry.object_id for entry in entries}
    return entries, [Gone(kind, pk) for pk in sorted(wanted - known)]


def ids_after(kind: str, last_id: int, number: int) -> list[int]:
    """List the next documents of a kind after an id."""
    rows = SearchDocument.objects.filter(kind=kind, object_id__gt=last_id)
    ids = rows.order_by("object_id").values_list("object_id", flat=True)
    return list(ids[:number])
