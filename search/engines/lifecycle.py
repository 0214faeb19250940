"""The index in Elasticsearch that is believed: made, filled, replaced, looked at.

Which one that is stands in our own database (`IndexState`), by name and by the number
that the server gave it. So a server that lost it, or that comes back with an older one,
is not believed. An alias of the same name is kept for whoever looks from outside.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from django.conf import settings
from django.utils import timezone
from elastic_transport import TransportError
from elasticsearch import ApiError, NotFoundError
from elasticsearch.dsl import Index
from elasticsearch.helpers import scan

from search.engines.base import EngineUnavailableError, Summary
from search.engines.bulk import BulkSender
from search.engines.client import Server
from search.engines.mapping import SCHEMA, build_mapping, similarities
from search.models import IndexState

FAILURES = (ApiError, TransportError)
# Seconds without progress until writing gives up: the worker has other work to do, and
# its rows wait; a rebuild has nothing else.
PATIENCE = 5.0
PATIENCE_OF_REBUILD = 120.0


@contextmanager
def speaking() -> Iterator[None]:
    """Turn every failure to talk into the one that callers know."""
    try:
        yield
    except FAILURES as error:
        raise EngineUnavailableError from error


class ElasticsearchIndex:
    """The index that is believed, or with `index` one that is being built."""

    name = "elasticsearch"
    follows = "postgres"

    def __init__(
        self, *, server: Server, prefix: str, index: str = "", uuid: str = ""
    ) -> None:
        self.server = server
        self.alias = self.place = prefix
        self.index = index
        self.uuid = uuid
        self._client = server.connect()
        patience = PATIENCE_OF_REBUILD if index else PATIENCE
        self._sender = BulkSender(patience=patience)
        self._resting = f"search:resting:{','.join(server.urls)}"

    def index_name(self) -> str:
        """Name the index to ask. Raises EngineUnavailableError when there is none."""
        name = self.index or IndexState.objects.believed(self.place)[0]
        if not name:
            raise EngineUnavailableError
        return name

    def send(self, actions: Iterable[Mapping[str, Any]]) -> None:
        """Write documents, through the alias that an index has from its beginning.

        Elasticsearch makes up an index that is not there: never an alias, and so never
        one of the name that is asked.
        """
        target = _door(self.index_name())
        with speaking():
            self._sender.send(
                self._client, [{**action, "_index": target} for action in actions]
            )

    def refresh(self) -> None:
        """Let everything written so far be found."""
        with speaking():
            self._client.indices.refresh(index=self.index_name())

    def summaries(self) -> Mapping[str, Summary]:
        """Sum every document up, by key."""
        self.refresh()
        with speaking():
            found = scan(
                self._client,
                index=self.index_name(),
                query={"query": {"match_all": {}}},
                _source=["key", "digest", "root_id", "owner_id"],
                size=2000,
            )
            sources = [hit["_source"] for hit in found]
        return {
            source["key"]: Summary(
                source["digest"], source["root_id"], source["owner_id"]
            )
            for source in sources
        }

    def needs_rebuild(self) -> bool:
        """Say whether the index that we know of is not there, or of another shape."""
        name, uuid = IndexState.objects.believed(self.place)
        return not name or not self._is_there(name, uuid)

    def begin_rebuild(self) -> Self:
        """Make an empty index beside the one that answers."""
        now = timezone.now().strftime("%Y%m%d%H%M%S%f")
        name = f"{self.alias}_v{SCHEMA}_{now}"
        index = Index(name, using=self._client)
        index.settings(
            number_of_shards=settings.ELASTICSEARCH_SHARDS,
            number_of_replicas=settings.ELASTICSEARCH_REPLICAS,
            similarity=similarities(),
        )
        index.aliases(**{_door(name): {}})
        index.mapping(build_mapping())
        with speaking():
            index.create()
            uuid = self._uuid_of(self._client.indices.get(index=name).body[name])
        return self._of(name, uuid)

    def continue_rebuild(self, index: str, uuid: str) -> Self | None:
        """Go on with an index that was begun, unless it is not there any more."""
        return self._of(index, uuid) if self._is_there(index, uuid) else None

    def finish_rebuild(self, fresh: Self) -> None:
        """Make sure that all of it can be found. Raises EngineUnavailableError."""
        if not self._is_there(fresh.index, fresh.uuid):
            message = "the new index is gone"
            raise EngineUnavailableError(message)
        fresh.refresh()

    def replace_others(self, index: str) -> None:
        """Give the index the alias, and delete all others of ours."""
        indices = self._client.indices
        with speaking():
            old = set(indices.get(index=f"{self.alias}_v*").body) - {index}
            removals = [{"remove_index": {"index": name}} for name in sorted(old)]
            addition = {"add": {"index": index, "alias": self.alias}}
            indices.update_aliases(actions=[addition, *removals])

    def health(self) -> dict[str, Any]:
        """Say what the server thinks of itself and of the index, for operators."""
        client, name = self.server.in_a_hurry(self._client), self.index_name()
        with speaking():
            found = client.cluster.health(index=name).body
            # Nobody can count what is not there.
            is_red = found["status"] == "red"
            count = None if is_red else client.count(index=name).body["count"]
        return {
            "health": found["status"],
            "nodes": found["number_of_nodes"],
            "documents": count,
        }

    def drop(self) -> None:
        """Delete the index, of a scratch engine."""
        with speaking():
            self._client.indices.delete(index=self.index, ignore_unavailable=True)

    def _of(self, index: str, uuid: str) -> Self:
        return type(self)(server=self.server, prefix=self.alias, index=index, uuid=uuid)

    def _is_there(self, index: str, uuid: str) -> bool:
        """Say whether the server has this very index, in the shape of this version."""
        with speaking():
            try:
                found = self._client.indices.get(index=index).body.get(index)
            except NotFoundError:
                return False
        if found is None or self._uuid_of(found) != uuid:
            return False
        return bool(found["mappings"].get("_meta", {}).get("schema") == SCHEMA)

    @staticmethod
    def _uuid_of(described: Mapping[str, Any]) -> str:
        return str(described["settings"]["index"]["uuid"])


def _door(index: str) -> str:
    """Name the alias that documents are written through."""
    return f"{index}_in"
