"""What tests put into the indexes and leave in Elasticsearch."""

from search import indexing
from search.engines import registry
from search.engines.elasticsearch import ElasticsearchEngine


def bring_up_to_date() -> None:
    """Do what the worker does, and make Elasticsearch show it at once.

    By itself it shows new text within a second.
    """
    indexing.drain_all()
    engine = registry.elasticsearch()
    if isinstance(engine, ElasticsearchEngine):
        engine._client.indices.refresh(index=engine.alias)


def drop_indices() -> None:
    """Delete what this process has indexed: what was undone in the database as well."""
    engine = registry.elasticsearch()
    if isinstance(engine, ElasticsearchEngine):
        indices = engine._client.indices
        for name in indices.get(index=f"{engine.alias}_v*").body:
            indices.delete(index=name)
