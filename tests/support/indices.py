"""What tests leave in Elasticsearch."""

from search.engines import registry
from search.engines.elasticsearch import ElasticsearchEngine


def drop_indices() -> None:
    """Delete what this process has indexed: what was undone in the database as well."""
    engine = registry.elasticsearch()
    if isinstance(engine, ElasticsearchEngine):
        indices = engine._client.indices
        for name in indices.get(index=f"{engine.alias}_v*").body:
            indices.delete(index=name)
