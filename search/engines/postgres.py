"""PostgreSQL full text: always there, always exact. It joins the rule's own rows."""

from collections.abc import Iterable, Mapping

from django.contrib.postgres.search import (
    SearchVector,
)
from django.db.models import (
    Value,
)

from search.content import all_ids
from search.engines.base import (
    CONFIGS,
    Entry,
    Gone,
    SearchRequest,
    SearchResult,
    Summary,
)
from search.engines.postgres_query import (
    count_cells,
    count_facets,
    fits,
    matching,
    narrowed,
    read_hits,
    readable,
)
from search.models import SearchDocument
from search.query import fold, normalise
from search.spelling import forget, learn

WRITTEN = [
    "page",
    "type",
    "language",
    "title",
    "headings",
    "body",
    "vector",
    "plain",
    "tags",
    "author",
    "author_organisation_id",
    "digest",
    "updated",
]


class PostgresEngine:
    """The engine without a second server."""

    name = "postgres"
    place = "postgres"
    index = ""
    uuid = ""
    follows = ""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer in two queries: one for all counts, one for the hits."""
        documents = readable(request).filter(matching(request.query))
        documents = narrowed(documents, request.narrowing)
        counts = count_cells(documents)
        hits = read_hits(documents, request)
        total = sum(n for cell, n in counts.items() if fits(cell, request.choices))
        return SearchResult(hits, total, count_facets(counts, request.choices))

    def write(
        self,
        entries: Iterable[Entry],
        gone: Iterable[Gone],
        *,
        refresh: bool,  # noqa: ARG002 - part of the interface
    ) -> None:
        """Store documents. They hold from the commit on, `refresh` or not."""
        gone, entries = list(gone), list(entries)
        for kind in SearchDocument.Kind.values:
            ids = [one.object_id for one in gone if one.kind == kind]
            if ids:
                SearchDocument.objects.filter(kind=kind, object_id__in=ids).delete()
        learn(entries)
        SearchDocument.objects.bulk_create(
            [_document(entry) for entry in entries],
            batch_size=200,
            update_conflicts=True,
            unique_fields=["kind", "object_id"],
            update_fields=WRITTEN,
        )

    def summaries(self) -> Mapping[str, Summary]:
        """Sum every document up, by key. Root and owner are joined, not kept."""
        rows = SearchDocument.objects.values_list("kind", "object_id", "digest")
        return {
            f"{kind}-{pk}": Summary(digest) for kind, pk, digest in rows.iterator(2000)
        }

    def needs_rebuild(self) -> bool:
        """Say no: the table comes with the migrations."""
        return False

    def begin_rebuild(self) -> "PostgresEngine":
        """Write over the documents in place."""
        return self

    def continue_rebuild(self, _index: str, _uuid: str) -> "PostgresEngine":
        """Go on in place."""
        return self

    def finish_rebuild(self, _fresh: "PostgresEngine") -> None:
        """Delete documents of what is not there: nothing was written over them."""
        for kind in SearchDocument.Kind:
            extra = SearchDocument.objects.filter(kind=kind)
            extra.exclude(object_id__in=all_ids(kind).order_by()).delete()
        forget()

    def replace_others(self, _index: str) -> None:
        """Do nothing: there is one table."""


def _document(entry: Entry) -> SearchDocument:
    config = CONFIGS[entry.language]
    vector = (
        SearchVector(Value(normalise(entry.title)), config=config, weight="A")
        + SearchVector(Value(normalise(entry.headings)), config=config, weight="B")
        + SearchVector(Value(normalise(entry.body)), config=config, weight="D")
    )
    plain = SearchVector(
        Value(fold(entry.title)), config="simple", weight="A"
    ) + SearchVector(
        Value(fold(f"{entry.headings}\n{entry.body}")), config="simple", weight="D"
    )
    return SearchDocument(
        kind=entry.kind,
        object_id=entry.object_id,
        page_id=entry.page_id,
        type=entry.type,
        language=entry.language,
        title=entry.title,
        headings=entry.headings,
        body=entry.body,
        vector=vector,
        plain=plain,
        tags=list(entry.tags),
        author=entry.author,
        author_organisation_id=entry.author_organisation_id,
        digest=entry.digest,
        updated=entry.updated,
    )
