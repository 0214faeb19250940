"""Elasticsearch: language analysis, ranking and room to grow. It is never the authority.

An index holds where a document stands, never who reads it. What a person may find is
part of each question, and each hit is read from the database before it is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.cache import cache
from django.db import connection
from elasticsearch import NotFoundError
from elasticsearch.dsl import A, Q, Search
from elasticsearch.dsl.query import Bool
from elasticsearch.dsl.query import Query as Clause

from search.engines.base import (
    FACETS,
    MARK_END,
    MARK_START,
    Choices,
    EngineUnavailableError,
    Entry,
    Gone,
    Hit,
    SearchRequest,
    SearchResult,
)
from search.engines.lifecycle import FAILURES, ElasticsearchIndex, speaking
from search.engines.mapping import LANGUAGES, PARTS
from search.engines.ranking import count_words, matching, phrase, weigh_words
from search.query import Query
from search.reader import Pending, ReaderFilter, chunks, pending, reader_filter

# Seconds in which a server that failed is not asked again, by this process.
REST = 10
BUCKETS = 100
# Equal hits in the order in which they were written: a key's own digits mean nothing.
ORDER = ("_score", "kind", "object_id")


class ElasticsearchEngine(ElasticsearchIndex):
    """Asks and fills the index; how that begins and ends is in `lifecycle`."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question under the rule. Raises EngineUnavailableError."""
        try:
            return self._search(request)
        except NotFoundError:
            # Perhaps a rebuild has just put another index in its place.
            with speaking():
                return self._search(request)

    def _search(self, request: SearchRequest) -> SearchResult:
        waiting = pending(self.place)
        if not waiting.index or cache.get(self._resting):
            raise EngineUnavailableError
        reader = reader_filter(request.reader)
        if reader.is_empty:
            return SearchResult([], 0, {facet: {} for facet in FACETS})
        client = self.server.in_a_hurry(self._client)
        search = Search(using=client, index=waiting.index)
        # A part of the answers would be taken for all of them.
        search = search.params(allow_partial_search_results=False)
        found = search.query(readable(reader, waiting))
        try:
            weights = _weights(found, request.query, request.language)
            response = build_search(found, request, weights).execute()
        except NotFoundError:
            raise
        except FAILURES as error:
            cache.set(self._resting, True, REST)
            raise EngineUnavailableError from error
        return _read(response.to_dict())

    def write(
        self, entries: Iterable[Entry], gone: Iterable[Gone], *, refresh: bool
    ) -> None:
        """Take in documents. A later version of a document is never overwritten."""
        version = _next_version()
        actions = [*self._index_actions(entries), *self._delete_actions(gone)]
        for action in actions:
            action |= {"version": version, "version_type": "external"}
        self.send(actions)
        if refresh:
            self.refresh()

    def rank(self, query: Query, language: str, number: int) -> list[int]:
        """Give the pages of the best hits of anybody's, for the evaluation only."""
        search = Search(using=self._client, index=self.index_name())
        with speaking():
            weights = _weights(search, query, language)
            wanted = search.query(matching(query, language, weights))
            found = wanted.source(["page_id"]).sort(*ORDER)[:number]
            return [hit.page_id for hit in found.execute()]

    def _index_actions(self, entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        for entry in entries:
            yield {"_op_type": "index", "_id": entry.key, "_source": _source(entry)}

    def _delete_actions(self, gone: Iterable[Gone]) -> Iterator[dict[str, Any]]:
        for one in gone:
            yield {"_op_type": "delete", "_id": one.key}


def _source(entry: Entry) -> dict[str, Any]:
    language = entry.language
    return {
        "key": entry.key,
        "kind": entry.kind,
        "object_id": entry.object_id,
        "page_id": entry.page_id,
        "path": entry.path,
        "root_id": entry.root_id,
        "owner_id": entry.owner_id,
        "organisation": entry.organisation,
        "project": entry.project,
        "type": entry.type,
        "language": language,
        "updated": entry.updated.isoformat(),
        "digest": entry.digest,
        f"title_{language}": entry.title,
        f"headings_{language}": entry.headings,
        f"body_{language}": entry.body,
    }


def _next_version() -> int:
    """Draw a version from the outbox's own numbers: later writes have higher ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('search_outbox', 'id'))")
        return int(cursor.fetchone()[0])


def _weights(search: Search[Any], query: Query, language: str) -> dict[str, float]:
    """Weigh the words of a question by the documents that its reader may find."""
    if not query.words:
        return {}
    answer = count_words(search, query, language).execute()
    return weigh_words(query.words, answer.to_dict())


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
    search = found.query(
        Bool(
            must=[matching(request.query, request.language, weights)],
            must_not=[phrase(text) for text in request.query.excluded],
        )
    )
    if request.choices.items():
        search = search.post_filter(_chosen(request.choices))
    for facet in FACETS:
        others = _chosen(request.choices, but=facet)
        search.aggs.bucket(facet, A("filter", filter=others)).bucket(
            "values", A("terms", field=facet, size=BUCKETS, shard_size=BUCKETS * 10)
        )
    highlighted = [f"{part}_{code}" for part in PARTS for code in LANGUAGES]
    return (
        search.source(["kind", "object_id", "page_id", "path", "type", "language"])
        .extra(track_total_hits=True, from_=request.offset, size=request.size)
        .sort(*ORDER)
        .highlight(
            *[name for name in highlighted if name.startswith("title")],
            number_of_fragments=0,
        )
        .highlight(
            *[name for name in highlighted if name.startswith("body")],
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


def _chosen(choices: Choices, but: str = "") -> Clause:
    picked = [
        Q("terms", **{facet: list(values)})
        for facet, values in choices.items()
        if facet != but
    ]
    return Bool(filter=picked) if picked else Q("match_all")


def _read(answer: Mapping[str, Any]) -> SearchResult:
    facets = {
        facet: {
            bucket["key"]: bucket["doc_count"]
            for bucket in answer["aggregations"][facet]["values"]["buckets"]
            if bucket["key"]
        }
        for facet in FACETS
    }
    hits = [_hit(found) for found in answer["hits"]["hits"]]
    return SearchResult(hits, answer["hits"]["total"]["value"], facets)


def _hit(found: Mapping[str, Any]) -> Hit:
    marked = found.get("highlight", {})
    language = found["_source"]["language"]
    return Hit(
        **found["_source"],
        title="".join(marked.get(f"title_{language}", [])),
        snippet=" … ".join(marked.get(f"body_{language}", [])),
    )
