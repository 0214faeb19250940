"""Which engines this installation has."""

from functools import lru_cache

from django.conf import settings

from search.engines.base import Engine
from search.engines.client import Server
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.postgres import PostgresEngine


def postgres() -> Engine:
    """Give the engine that is always there."""
    return PostgresEngine()


def elasticsearch() -> ElasticsearchEngine | None:
    """Give Elasticsearch when the settings name one. It may not answer."""
    if not settings.ELASTICSEARCH_URL:
        return None
    return _elasticsearch(Server.from_settings(), settings.ELASTICSEARCH_INDEX_PREFIX)


def all_engines() -> list[Engine]:
    """List the engines to keep up to date."""
    elastic = elasticsearch()
    return [postgres()] + ([elastic] if elastic else [])


@lru_cache(maxsize=4)
def _elasticsearch(server: Server, prefix: str) -> ElasticsearchEngine:
    """Keep one client and its connections per server."""
    return ElasticsearchEngine(server=server, prefix=prefix)
