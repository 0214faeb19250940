"""A question of one person, as PostgreSQL is asked it. It joins the rule's own rows."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import add, and_, or_

from django.contrib.postgres.search import (
    SearchHeadline,
    SearchQuery,
    SearchRank,
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
from django.db.models.functions import Coalesce, Greatest, Left, Lower

from accounts.selectors import Person
from knowledge.access.rule import standing, visible_to
from search.engines.base import (
    CONFIGS,
    FACETS,
    MARK_END,
    MARK_START,
    PERIODS,
    Choices,
    Hit,
    Narrowing,
    SearchRequest,
    period_start,
)
from search.models import Outbox, SearchDocument
from search.query import Query, Term, fold

# Weights of body (D), unused (C), headings (B), title (A).
WEIGHTS = [0.2, 0.3, 0.6, 1.0]
HEADLINE_CHARS = 20_000
SNIPPET_CHARS = 150
ROOT = "page__access__root"
# Where the value of each facet stands in a row.
COLUMNS = {facet: facet for facet in FACETS} | {
    "tag": "tags",
    "author": "signed",
    "updated": "period",
}
# The value of each facet; of tags all that a document has.
Cell = tuple[str | tuple[str, ...], ...]


def present(user: Person) -> QuerySet[SearchDocument]:
    """Keep what a person may view now: published, and not a file about to change."""
    pending = Outbox.objects.filter(
        kind=Outbox.Kind.FILE, barrier=True, object_id=OuterRef("object_id")
    )
    documents = SearchDocument.objects.filter(page__live=True)
    documents = documents.filter(~Q(kind=SearchDocument.Kind.FILE) | ~Exists(pending))
    return visible_to(user, documents, through="page__")


def readable(request: SearchRequest) -> QuerySet[SearchDocument]:
    """Keep what the person may view now, with the values of the facets."""
    return present(request.reader).annotate(
        organisation=F(f"{ROOT}__owner__public_id"),
        project=Coalesce(
            f"{ROOT}__project__page__access__public_id",
            f"{ROOT}__page__access__public_id",
            Value(""),
        ),
        signed=Case(
            When(is_signed(request.reader, request.known), then=F("author")),
            default=Value(""),
        ),
        period=Case(
            *(
                When(updated__gte=period_start(name), then=Value(name))
                for name in PERIODS
            ),
            default=Value(""),
        ),
    )


def is_signed(user: Person, known: Collection[int]) -> Q:
    """Say whether the person may know who changed it last, as `signatures.sign` does."""
    own = standing(user)
    if own.superuser:
        return ~Q(pk=None)
    return (
        Q(author_organisation_id__in=known)
        | Q(**{f"{ROOT}__owner_id__in": own.principals.organisation_ids})
        | Q(author=getattr(user, "public_id", ""))
    )


def narrowed(
    documents: QuerySet[SearchDocument], narrowing: Narrowing
) -> QuerySet[SearchDocument]:
    """Keep what is as the question says."""
    for condition in narrowing.conditions:
        fits = _is_one_of(condition.field, condition.values)
        documents = documents.filter(~fits if condition.negative else fits)
    if narrowing.since:
        documents = documents.filter(updated__gte=narrowing.since)
    if narrowing.before:
        documents = documents.filter(updated__lt=narrowing.before)
    return documents


def _is_one_of(facet: str, values: Sequence[str]) -> Q:
    lookup = "overlap" if facet == "tag" else "in"
    return Q(**{f"{COLUMNS[facet]}__{lookup}": list(values)})


def matching(query: Query) -> Q:
    """Match any of the words, one of each required group and nothing excluded."""
    found = Q()
    if query.words:
        found &= Q(vector=any_of(_words(query)))
    for group in query.required:
        found &= reduce(or_, map(_has, group))
    for term in query.excluded:
        found &= ~_has(term)
    return found


def _has(term: Term) -> Q:
    if term.prefix:
        return Q(plain=_lexemes(fold(term.text), "simple", _suffix(term)))
    return Q(vector=any_of([term]))


def any_of(terms: Iterable[Term]) -> SearchQuery:
    """Match any of the terms, each read as Dutch, German and English.

    A document is in one language, which the question does not know.
    """
    return reduce(
        or_,
        (
            _lexemes(term.text, config, _suffix(term))
            for term in terms
            for config in CONFIGS.values()
        ),
    )


def _suffix(term: Term) -> str:
    """Say of each lexeme that it stands in a title (A), or only begins so (*)."""
    wanted = f"{'*' * term.prefix}{'A' * term.title}"
    return f":{wanted}" if wanted else ""


def _lexemes(text: str, config: str, suffix: str) -> SearchQuery:
    """Read text as one thing: its words stand side by side."""
    quoted = text.replace("\\", " ").replace("'", "''")
    return SearchQuery(f"'{quoted}'{suffix}", config=config, search_type="raw")


def count_cells(documents: QuerySet[SearchDocument]) -> Counter[Cell]:
    """Count by the values of all facets in one query.

    All facets and the total follow from these few rows.
    """
    rows = documents.order_by().values_list(*COLUMNS.values()).annotate(n=Count("pk"))
    counts: Counter[Cell] = Counter()
    for *cell, n in rows:
        key = (tuple(v) if isinstance(v, list) else v for v in cell)
        counts[tuple(key)] += n
    return counts


def fits(cell: Cell, choices: Choices, but: str = "") -> bool:
    """Say whether documents with these values are among what was chosen."""
    named = dict(zip(FACETS, cell, strict=True))
    return all(
        set(values) & set(_values(facet, named[facet]))
        for facet, values in choices.items()
        if facet != but
    )


def _values(facet: str, value: str | tuple[str, ...]) -> Sequence[str]:
    """Give the values that a document counts for: its period lies in longer ones."""
    if isinstance(value, tuple):
        return value
    if facet == "updated" and value:
        return [name for name, days in PERIODS.items() if days >= PERIODS[value]]
    return [value] if value else []


def count_facets(counts: Counter[Cell], choices: Choices) -> dict[str, dict[str, int]]:
    """Add up the counts of each facet under the choices in the others."""
    facets: dict[str, dict[str, int]] = {}
    for position, facet in enumerate(FACETS):
        values: Counter[str] = Counter()
        for cell, n in counts.items():
            if fits(cell, choices, but=facet):
                values.update(dict.fromkeys(_values(facet, cell[position]), n))
        facets[facet] = dict(values)
    return facets


def ranked(
    documents: QuerySet[SearchDocument], query: Query
) -> QuerySet[SearchDocument]:
    """Order documents that match: all words before some words, then by the words' place."""
    all_words = _all_words(query)
    return documents.annotate(
        complete=Case(When(vector=all_words, then=1), default=0), rank=_rank(query)
    ).order_by("-complete", "-rank", "kind", "object_id")


def _all_words(query: Query) -> SearchQuery:
    """Match what has every word, in any of its forms."""
    if any(len(query.forms(word)) > 1 for word in query.words):
        return reduce(and_, (any_of(_word(query, word)) for word in query.words))
    whole = " ".join(query.words)
    found = (
        SearchQuery(whole, config=config, search_type="plain")
        for config in CONFIGS.values()
    )
    return reduce(or_, found)


def _rank(query: Query) -> Combinable:
    """Weigh a document by its words. Of the forms of a word the best one counts."""
    if not query.synonyms:
        return _weight(_positive(query))
    words = [
        [_weight(any_of([form])) for form in _word(query, word)] for word in query.words
    ]
    groups = [[_weight(any_of([term])) for term in group] for group in query.required]
    best = [
        Greatest(*forms) if len(forms) > 1 else forms[0] for forms in (*words, *groups)
    ]
    return reduce(add, best)


def _weight(wanted: SearchQuery) -> SearchRank:
    return SearchRank(F("vector"), wanted, weights=WEIGHTS, normalization=Value(1))


def _positive(query: Query) -> SearchQuery:
    """Give all that may be in a hit, to weigh and to mark it."""
    groups = (term for group in query.required for term in group)
    return any_of([*_words(query), *groups])


def _words(query: Query) -> list[Term]:
    """Give the words in all their forms."""
    return [form for word in query.words for form in _word(query, word)]


def _word(query: Query, word: str) -> list[Term]:
    return [Term(form) for form in query.forms(word)]


def _in_order(
    documents: QuerySet[SearchDocument], request: SearchRequest
) -> QuerySet[SearchDocument]:
    if request.by_weight:
        return ranked(documents, request.query)
    if request.sort == "title":
        return documents.order_by(Lower("title"), "kind", "object_id")
    return documents.order_by("-updated", "kind", "object_id")


def read_hits(
    documents: QuerySet[SearchDocument], request: SearchRequest
) -> Sequence[Hit]:
    """Give one page of hits. The text is marked on these rows only."""
    for facet, values in request.choices.items():
        if facet == "updated":
            documents = documents.filter(updated__gte=min(map(period_start, values)))
        else:
            documents = documents.filter(_is_one_of(facet, values))
    title, body = _excerpts(request.query)
    rows = _in_order(documents, request).annotate(shown_title=title, shown_body=body)
    found = rows.values_list(
        "kind",
        "object_id",
        "page_id",
        "page__path",
        "type",
        "language",
        "shown_title",
        "shown_body",
    )
    return [Hit(*row) for row in found[request.offset : request.offset + request.size]]


def _excerpts(query: Query) -> tuple[Combinable, Combinable]:
    """Give what is shown of title and text, with marks around what matched."""
    if not query.has_terms:
        return F("title"), Left("body", SNIPPET_CHARS)
    wanted = _positive(query)
    return (
        _marked("title", wanted, highlight_all=True),
        _marked(Left("body", HEADLINE_CHARS), wanted, max_fragments=2),
    )


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
