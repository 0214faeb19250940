"""Elasticsearch: language analysis, ranking and room to grow. It is never the authority.

An index holds where a document stands, never who reads it. What a person may find is
part of each question, and each hit is read from the database before it is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError
from elasticsearch.dsl import Index, Search
from elasticsearch.helpers import scan, streaming_bulk

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
from search.engines.mapping import (
    SCHEMA,
    build_mapping,
    similarities,
)
from search.engines.ranking import count_words, matching, weigh_words
from search.query import Query
from search.reader import pending, reader_filter

# Seconds: a person waits no longer before PostgreSQL answers instead.
SEARCH_TIMEOUT = 2.0
WRITE_TIMEOUT = 60.0
# Seconds in which a server that failed is not asked again, by this process.
REST = 10
CHUNK_BYTES = 10 * 1024 * 1024
# Of a title, to sort by.
SORTED_CHARS = 200
FAILURES = (ApiError, TransportError)


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn every failure to talk into the one that callers know."""
    try:
        yield
    except FAILURES as error:
        raise EngineUnavailableError from error


class ElasticsearchEngine:
    """One alias on one server. `index` is the alias, or an index being built."""

    name = "elasticsearch"

    def __init__(
        self, *, url: str, api_key: str = "", prefix: str, index: str = ""
    ) -> None:
        self._settings = {"url": url, "api_key": api_key, "prefix": prefix}
        self.alias = prefix
        self.index = index or prefix
        self._client = Elasticsearch(
            url, api_key=api_key or None, max_retries=0, retry_on_timeout=False
        )
        self._resting = f"search:resting:{url}"

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question under the rule. Raises EngineUnavailableError."""
        waiting = pending()
        if cache.get(self._resting):
            raise EngineUnavailableError
        reader = reader_filter(request.reader)
        if reader.is_empty:
            return SearchResult([], 0, {facet: {} for facet in FACETS})
        client = self._client.options(request_timeout=SEARCH_TIMEOUT)
        found = Search(using=client, index=self.alias).query(readable(reader, waiting))
        try:
            weights = _weights(found, request.query, request.language)
            response = build_search(found, request, weights).execute()
        except NotFoundError as error:
            raise EngineUnavailableError from error
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
        with _speaking():
            client = self._client.options(request_timeout=WRITE_TIMEOUT)
            outcomes = streaming_bulk(
                client,
                actions,
                max_chunk_bytes=CHUNK_BYTES,
                raise_on_error=False,
                raise_on_exception=True,
            )
            for succeeded, item in outcomes:
                if not succeeded and not _is_harmless(item):
                    raise EngineUnavailableError(str(item)[:500])
            if refresh:
                client.indices.refresh(index=self.index)

    def digests(self) -> Mapping[str, str]:
        """Give the digest of every document, by key."""
        with _speaking():
            self._client.indices.refresh(index=self.index)
            found = scan(
                self._client,
                index=self.index,
                query={"query": {"match_all": {}}, "_source": ["key", "digest"]},
            )
            sources = [hit["_source"] for hit in found]
        return {source["key"]: source["digest"] for source in sources}

    def needs_rebuild(self) -> bool:
        """Say whether there is no index yet, or one of another shape."""
        with _speaking():
            if not self._client.indices.exists_alias(name=self.alias):
                return True
            found = self._client.indices.get_mapping(index=self.alias).body
        shapes = [entry["mappings"].get("_meta", {}) for entry in found.values()]
        return any(shape.get("schema") != SCHEMA for shape in shapes)

    def rank(self, query: Query, language: str, number: int) -> list[int]:
        """Give the pages of the best hits of anybody's, for the evaluation only."""
        search = Search(using=self._client, index=self.index)
        with _speaking():
            weights = _weights(search, query, language)
            wanted = search.query(matching(query, language, weights))
            found = wanted.source(["page_id"]).sort(*ORDER)[:number]
            return [hit.page_id for hit in found.execute()]

    def drop(self) -> None:
        """Delete the index, of a scratch engine."""
        with _speaking():
            self._client.indices.delete(index=self.index, ignore_unavailable=True)

    def begin_rebuild(self) -> "ElasticsearchEngine":
        """Make an empty index beside the one that answers."""
        now = timezone.now().strftime("%Y%m%d%H%M%S%f")
        name = f"{self.alias}_v{SCHEMA}_{now}"
        index = Index(name, using=self._client)
        index.settings(
            number_of_shards=settings.ELASTICSEARCH_SHARDS,
            number_of_replicas=settings.ELASTICSEARCH_REPLICAS,
            similarity=similarities(),
        )
        index.mapping(build_mapping())
        with _speaking():
            index.create()
        return ElasticsearchEngine(**self._settings, index=name)

    def finish_rebuild(self, fresh: "ElasticsearchEngine", _keys: set[str]) -> None:
        """Let the new index answer from now on, in one step, and delete the others."""
        indices = self._client.indices
        with _speaking():
            indices.refresh(index=fresh.index)
            old = set(indices.get(index=f"{self.alias}_v*").body) - {fresh.index}
            removals = [{"remove_index": {"index": name}} for name in sorted(old)]
            addition = {"add": {"index": fresh.index, "alias": self.alias}}
            indices.update_aliases(actions=[addition, *removals])

    def _index_actions(self, entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        for entry in entries:
            yield {
                "_op_type": "index",
                "_index": self.index,
                "_id": entry.key,
                "_source": _source(entry),
            }

    def _delete_actions(self, gone: Iterable[Gone]) -> Iterator[dict[str, Any]]:
        for one in gone:
            yield {"_op_type": "delete", "_index": self.index, "_id": one.key}


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


def _is_harmless(item: Mapping[str, Any]) -> bool:
    """Say whether a refusal is fine: gone already, or a newer state is there."""
    (operation, answer), *_rest = item.items()
    status = answer.get("status")
    return status == 409 or (operation == "delete" and status == 404)


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
