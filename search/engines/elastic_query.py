"""A question of one person, as Elasticsearch is asked it. The rule is part of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch.dsl import A, Q, Search
from elasticsearch.dsl.aggs import Agg
from elasticsearch.dsl.query import Bool, MatchAll
from elasticsearch.dsl.query import Query as Clause

from knowledge.access.rule import standing
from search.engines.base import (
    FACETS,
    MARK_END,
    MARK_START,
    PERIODS,
    Choices,
    Narrowing,
    SearchRequest,
    period_start,
)
from search.engines.mapping import LANGUAGES, PARTS
from search.engines.ranking import matching, occurs
from search.reader import Pending, ReaderFilter, chunks

BUCKETS = 100
# Partners are counted by their projects, so all of them are wanted.
MOST_PROJECTS = 5000
# Equal hits in the order in which they were written: a key's own digits mean nothing.
ORDER = ("_score", "kind", "object_id")


def readable(reader: ReaderFilter, waiting: Pending) -> Clause:
    """Give the rule as a clause: what the person may find, less what is not known yet."""
    return Bool(filter=[_access(reader)], must_not=_barriers(waiting))


def build_search(
    found: Search[Any], request: SearchRequest, weights: Mapping[str, float]
) -> Search[Any]:
    """Put a question together about what the person may find.

    The rule is inside the query, never a filter after it. Only the person's own
    narrowing comes after, so that facets keep their counts.
    """
    signed = _is_signed(request)
    search = found.query(
        Bool(
            must=[matching(request.query, request.language, weights)],
            must_not=[occurs(term) for term in request.query.excluded],
            filter=_narrowed(request.narrowing, signed),
        )
    )
    if request.choices.items():
        search = search.post_filter(_chosen(request.choices, signed))
    for facet in FACETS:
        others = _chosen(request.choices, signed, but=facet)
        bucket = search.aggs.bucket(facet, A("filter", filter=others))
        bucket.bucket("values", _values(facet, signed))
    return _marked(search, request)


def _values(facet: str, signed: Clause) -> Agg[Any]:
    """Count the documents with each value of a facet."""
    if facet == "updated":
        return A("filters", filters={name: _since(name) for name in PERIODS})
    size = MOST_PROJECTS if facet == "project" else BUCKETS
    terms = A("terms", field=facet, size=size, shard_size=size * 10)
    if facet == "author":
        named = A("filter", filter=signed)
        named.bucket("values", terms)
        return named
    return terms


def _marked(search: Search[Any], request: SearchRequest) -> Search[Any]:
    """Ask for one page of hits in their order, with what matched marked."""
    fields = [f"{part}_{code}" for part in PARTS for code in LANGUAGES]
    orders = {"title": "sort_title", "newest": "-updated"}
    first = "_score" if request.by_weight else orders.get(request.sort, "-updated")
    return (
        search.source(["kind", "object_id", "page_id", "path", "type", "language"])
        .extra(track_total_hits=True, from_=request.offset, size=request.size)
        .sort(first, *ORDER[1:])
        .highlight(
            *[name for name in fields if name.startswith("title")],
            number_of_fragments=0,
        )
        .highlight(
            *[name for name in fields if name.startswith("body")],
            number_of_fragments=2,
            fragment_size=150,
            no_match_size=150,
        )
        .highlight_options(
            type="unified",
            pre_tags=[MARK_START],
            post_tags=[MARK_END],
            require_field_match=False,
            max_analyzed_offset=100_000,
        )
    )


def _access(reader: ReaderFilter) -> Clause:
    """Own organisations and open roots, less what is closed."""
    ways = [Q("terms", root_id=ids) for ids in chunks(reader.open_roots)]
    if reader.organisations:
        ways.append(Q("terms", owner_id=list(reader.organisations)))
    closed = [Q("terms", root_id=ids) for ids in chunks(reader.closed_roots)]
    return Bool(should=ways, minimum_should_match=1, must_not=closed)


def _barriers(waiting: Pending) -> list[Clause]:
    clauses: list[Clause] = [Q("prefix", path=path) for path in waiting.paths]
    if waiting.page_ids:
        clauses.append(Q("terms", page_id=list(waiting.page_ids)))
    if waiting.file_ids:
        files = [Q("term", kind="file"), Q("terms", object_id=list(waiting.file_ids))]
        clauses.append(Bool(filter=files))
    return clauses


def _is_signed(request: SearchRequest) -> Clause:
    """Say whether the person may know who changed it last, as `signatures.sign` does."""
    own = standing(request.reader)
    if own.superuser:
        return MatchAll()
    ways = [
        Q("terms", author_organisation_id=sorted(request.known)),
        Q("terms", owner_id=sorted(own.principals.organisation_ids)),
        Q("term", author=getattr(request.reader, "public_id", "")),
    ]
    return Bool(should=ways, minimum_should_match=1)


def _narrowed(narrowing: Narrowing, signed: Clause) -> list[Clause]:
    clauses = []
    for condition in narrowing.conditions:
        fits = _is_one_of(condition.field, condition.values, signed)
        clauses.append(Bool(must_not=[fits]) if condition.negative else fits)
    span = {}
    if narrowing.since:
        span["gte"] = narrowing.since.isoformat()
    if narrowing.before:
        span["lt"] = narrowing.before.isoformat()
    if span:
        clauses.append(Q("range", updated=span))
    return clauses


def _is_one_of(facet: str, values: Sequence[str], signed: Clause) -> Clause:
    if facet == "updated":
        return Bool(should=list(map(_since, values)), minimum_should_match=1)
    fits = Q("terms", **{facet: list(values)})
    return Bool(filter=[fits, signed]) if facet == "author" else fits


def _since(name: str) -> Clause:
    return Q("range", updated={"gte": period_start(name).isoformat()})


def _chosen(choices: Choices, signed: Clause, but: str = "") -> Clause:
    picked = [
        _is_one_of(facet, values, signed)
        for facet, values in choices.items()
        if facet != but
    ]
    return Bool(filter=picked) if picked else MatchAll()
