"""How many documents of Elasticsearch an act rewrites: of a changed grant, none."""

import datetime
from collections.abc import Callable

from django.db.models import Count
from django.utils import timezone
from elasticsearch.helpers import scan

from accounts.models import User
from knowledge.access.levels import Level
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import standing
from knowledge.access.services import save_grant, withdraw_grant
from scripts.bench.raw_search import the_engine
from scripts.bench.world import MEMBER
from search import indexing
from search.engines.base import SearchRequest
from search.engines.elasticsearch import ElasticsearchEngine
from search.query import parse_query

Act = Callable[[], object]


def measure() -> dict[str, int]:
    """Give somebody the largest project that the person does not see, and take it away."""
    person = User.objects.get(email=MEMBER)
    hidden = PolicyRoot.objects.exclude(pk__in=list(standing(person).levels))
    root = hidden.annotate(size=Count("pages")).order_by("-size", "pk")[0]
    return give_and_take(root, person)


def give_and_take(root: PolicyRoot, person: User) -> dict[str, int]:
    """Count what a grant and its withdrawal rewrite, and how much the person finds.

    Raises RuntimeError when the grant makes no difference: then it would prove nothing.
    """
    day = timezone.localdate() + datetime.timedelta(days=30)
    before = _found(person)
    rewritten = count_rewritten(
        root,
        lambda: save_grant(
            root=root, subject=person, level=Level.VIEW, by=None, ends_on=day
        ),
    )
    opened = _found(person) - before
    rewritten += count_rewritten(
        root, lambda: withdraw_grant(root=root, subject=person, by=None)
    )
    if opened <= 0 or _found(person) != before:
        message = "the grant makes no difference to what is found"
        raise RuntimeError(message)
    return {"opened": opened, "rewritten": rewritten}


def count_rewritten(root: PolicyRoot, act: Act) -> int:
    """Count what is written into the index for an act, until nothing waits any more.

    By the server's own counter of the whole index, and by the versions below a root.
    """
    engine = the_engine()
    indexing.drain_all()
    operations, versions = _operations(engine), _versions(engine, root.pk)
    act()
    indexing.drain_all()
    changed = versions.items() ^ _versions(engine, root.pk).items()
    return max(_operations(engine) - operations, len({key for key, _v in changed}))


def _operations(engine: ElasticsearchEngine) -> int:
    """Count what was ever written into the index or deleted in it."""
    engine.refresh()
    found = engine._client.indices.stats(index=engine.index_name(), metric="indexing")
    counted = found["_all"]["primaries"]["indexing"]
    return int(counted["index_total"]) + int(counted["delete_total"])


def _versions(engine: ElasticsearchEngine, root_id: int) -> dict[str, int]:
    """Give the version of each document below a root."""
    below = {"term": {"root_id": root_id}}
    hits = scan(
        engine._client,
        index=engine.index_name(),
        query={"query": below, "version": True, "_source": False},
    )
    return {hit["_id"]: hit["_version"] for hit in hits}


def _found(person: User) -> int:
    """Count all that a person finds, in a request of its own."""
    fresh = User.objects.get(pk=person.pk)
    request = SearchRequest(reader=fresh, query=parse_query(""))
    return the_engine().search(request).total
