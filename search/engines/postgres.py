"""PostgreSQL full text: always there, always exact. It joins the rule's own rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import (
    SearchHeadline,
    SearchQuery,
    SearchRank,
    SearchVector,
)
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Left

from knowledge.access.rule import visible_to
from search.content import all_file_ids, all_page_ids
from search.engines.base import (
    CONFIGS,
    FACETS,
    MARK_END,
    MARK_START,
    Choices,
    Entry,
    Gone,
    Hit,
    SearchRequest,
    SearchResult,
    Summary,
)
from search.models import Outbox, SearchDocument
from search.query import Query, normalise

# Weights of body (D), unused (C), headings (B), title (A).
WEIGHTS = [0.2, 0.3, 0.6, 1.0]
HEADLINE_CHARS = 20_000
WRITTEN = ["page", "type", "language", "title", "body", "vector", "digest", "updated"]
Cell = tuple[str, str, str, str]


class PostgresEngine:
    """The engine without a second server."""

    name = "postgres"
    place = "postgres"
    index = ""
    uuid = ""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer in two queries: one for all counts, one for the hits."""
        wanted = any_word(request.query)
        documents = _readable(request).filter(vector=wanted)
        counts = _count(documents)
        hits = _hits(documents, request, wanted)
        total = sum(n for cell, n in counts.items() if _fits(cell, request.choices))
        return SearchResult(hits, total, _facets(counts, request.choices))

    def write(
        self,
        entries: Iterable[Entry],
        gone: Iterable[Gone],
        *,
        refresh: bool,  # noqa: ARG002 - part of the interface
    ) -> None:
        """Store documents. They hold from the commit on, `refresh` or not."""
        forget = {(one.kind, one.object_id) for one in gone}
        for kind in SearchDocument.Kind.values:
            ids = [object_id for its_kind, object_id in forget if its_kind == kind]
            if ids:
                SearchDocument.objects.filter(kind=kind, object_id__in=ids).delete()
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
        kinds = SearchDocument.Kind
        for kind, ids in ((kinds.PAGE, all_page_ids()), (kinds.FILE, all_file_ids())):
            extra = SearchDocument.objects.filter(kind=kind)
            extra.exclude(object_id__in=ids.order_by()).delete()

    def replace_others(self, _index: str) -> None:
        """Do nothing: there is one table."""


def _document(entry: Entry) -> SearchDocument:
    config = CONFIGS[entry.language]
    vector = (
        SearchVector(Value(normalise(entry.title)), config=config, weight="A")
        + SearchVector(Value(normalise(entry.headings)), config=config, weight="B")
        + SearchVector(Value(normalise(entry.body)), config=config, weight="D")
    )
    return SearchDocument(
        kind=entry.kind,
        object_id=entry.object_id,
        page_id=entry.page_id,
        type=entry.type,
        language=entry.language,
        title=entry.title,
        body=entry.body,
        vector=vector,
        digest=entry.digest,
        updated=entry.updated,
    )


def _readable(request: SearchRequest) -> QuerySet[SearchDocument]:
    """Keep what the person may view now: published, and not a file about to change."""
    pending = Outbox.objects.filter(
        kind=Outbox.Kind.FILE, barrier=True, object_id=OuterRef("object_id")
    )
    root = "page__access__root"
    documents = SearchDocument.objects.filter(page__live=True)
    documents = documents.filter(~Q(kind=SearchDocument.Kind.FILE) | ~Exists(pending))
    return visible_to(request.reader, documents, through="page__").annotate(
        organisation=F(f"{root}__owner__public_id"),
        project=Coalesce(
            f"{root}__project__page__access__public_id",
            f"{root}__page__access__public_id",
            Value(""),
        ),
    )


def _in_each_language(text: str, search_type: str) -> list[SearchQuery]:
    """Read words as Dutch, German and English; a document is in one of them."""
    return [
        SearchQuery(text, config=config, search_type=search_type)
        for config in CONFIGS.values()
    ]


def any_word(query: Query) -> SearchQuery:
    """Match any of the words, each phrase and nothing that was excluded."""
    parts = [
        reduce(or_, _in_each_language(phrase, "phrase")) for phrase in query.phrases
    ]
    words = [one for word in query.words for one in _in_each_language(word, "plain")]
    if words:
        parts.append(reduce(or_, words))
    for text in query.excluded:
        parts += [~one for one in _in_each_language(text, "phrase")]
    return reduce(and_, parts)


def _count(documents: QuerySet[SearchDocument]) -> Counter[Cell]:
    """Count by organisation, project, type and language in one query.

    All facets and the total follow from these few rows.
    """
    rows = documents.order_by().values_list(*FACETS).annotate(n=Count("pk"))
    return Counter(
        {(org, project, kind, lang): n for org, project, kind, lang, n in rows}
    )


def _fits(cell: Cell, choices: Choices, but: str = "") -> bool:
    named = dict(zip(FACETS, cell, strict=True))
    return all(
        named[facet] in values for facet, values in choices.items() if facet != but
    )


def _facets(counts: Counter[Cell], choices: Choices) -> dict[str, dict[str, int]]:
    facets: dict[str, dict[str, int]] = {}
    for position, facet in enumerate(FACETS):
        values: Counter[str] = Counter()
        for cell, n in counts.items():
            if _fits(cell, choices, but=facet):
                values[cell[position]] += n
        values.pop("", None)
        facets[facet] = dict(values)
    return facets


def ranked(
    documents: QuerySet[SearchDocument], query: Query, wanted: SearchQuery
) -> QuerySet[SearchDocument]:
    """Order documents that match: all words before some words, then by the words' place."""
    all_words = reduce(or_, _in_each_language(" ".join(query.words), "plain"))
    return documents.annotate(
        complete=Case(When(vector=all_words, then=1), default=0),
        rank=SearchRank(F("vector"), wanted, weights=WEIGHTS, normalization=Value(1)),
    ).order_by("-complete", "-rank", "kind", "object_id")


def _hits(
    documents: QuerySet[SearchDocument], request: SearchRequest, wanted: SearchQuery
) -> Sequence[Hit]:
    """Give one page of hits. The text is marked on these rows only."""
    for facet, values in request.choices.items():
        documents = documents.filter(**{f"{facet}__in": values})
    rows = (
        ranked(documents, request.query, wanted)
        .annotate(
            marked_title=_marked("title", wanted, highlight_all=True),
            marked_body=_marked(Left("body", HEADLINE_CHARS), wanted, max_fragments=2),
        )
        .values_list(
            "kind",
            "object_id",
            "page_id",
            "page__path",
            "type",
            "language",
            "marked_title",
            "marked_body",
        )
    )
    return [Hit(*row) for row in rows[request.offset : request.offset + request.size]]


def _own_config() -> Combinable:
    """Give the name of the text search configuration that a document was built with."""
    whens = [When(language=code, then=Value(name)) for code, name in CONFIGS.items()]
    return Case(*whens, default=Value("simple"), output_field=TextField())


def _marked(
    text: str | Combinable,
    wanted: SearchQuery,
    *,
    highlight_all: bool = False,
    max_fragments: int | None = None,
) -> SearchHeadline:
    return SearchHeadline(
        text,
        wanted,
        config=_own_config(),
        start_sel=MARK_START,
        stop_sel=MARK_END,
        max_words=30,
        min_words=14,
        highlight_all=highlight_all or None,
        max_fragments=max_fragments,
        fragment_delimiter=" … " if max_fragments else None,
    )
