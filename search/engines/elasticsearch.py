"""Elasticsearch: language analysis, ranking and room to grow. It is never the authority.

An index holds where a document stands, never who reads it. What a person may find is
part of each question, and each hit is read from the database before it is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.cache import cache
from django.db import connection
from elasticsearch import NotFoundError
from elasticsearch.dsl import Search

from search.engines.base import (
    FACETS,
    EngineUnavailableError,
    Entry,
    Gone,
    Hit,
    SearchRequest,
    SearchResult,
)
from search.engines.elastic_query import ORDER, build_search, readable
from search.engines.lifecycle import FAILURES, ElasticsearchIndex, speaking
from search.engines.ranking import count_words, matching, weigh_words
from search.query import Query
from search.reader import pending, reader_filter

# Seconds in which a server that failed is not asked again, by this process.
REST = 10
# Of a title, to sort by.
SORTED_CHARS = 200


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
        actions = [*self.index_actions(entries), *self._delete_actions(gone)]
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

    def index_actions(self, entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        """Give documents as they are sent."""
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
        "tag": list(entry.tags),
        "updated": entry.updated.isoformat(),
        "author": entry.author,
        "author_organisation_id": entry.author_organisation_id,
        "sort_title": entry.title.casefold()[:SORTED_CHARS],
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


def _read(answer: Mapping[str, Any]) -> SearchResult:
    counts = answer["aggregations"]
    facets = {facet: _counted(counts[facet]["values"]) for facet in FACETS}
    hits = [_hit(found) for found in answer["hits"]["hits"]]
    return SearchResult(hits, answer["hits"]["total"]["value"], facets)


def _counted(answer: Mapping[str, Any]) -> dict[str, int]:
    buckets = answer.get("values", answer)["buckets"]
    if isinstance(buckets, Mapping):
        found = {name: bucket["doc_count"] for name, bucket in buckets.items()}
    else:
        found = {bucket["key"]: bucket["doc_count"] for bucket in buckets}
    return {value: count for value, count in found.items() if value and count}


def _hit(found: Mapping[str, Any]) -> Hit:
    marked = found.get("highlight", {})
    language = found["_source"]["language"]
    return Hit(
        **found["_source"],
        title="".join(marked.get(f"title_{language}", [])),
        snippet=" … ".join(marked.get(f"body_{language}", [])),
    )
