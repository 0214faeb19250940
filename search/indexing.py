"""Take the outbox into the engines.

State is read after the rows that announce it, and a row goes only after the engine took
it in. PostgreSQL reads what is published; Elasticsearch follows it, and may lag or be
down.
"""

import logging

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from search.engines import registry
from search.engines.base import Engine, EngineUnavailableError
from search.locks import try_lock
from search.models import Outbox
from search.rebuilding import is_needed, rebuild, unfinished
from search.states import BATCH, source_of, states_of

logger = logging.getLogger(__name__)


def drain_all() -> int:
    """Drain until nothing waits any more. Returns the number of rows taken in."""
    total = 0
    while count := drain():
        total += count
    return total


def drain(limit: int = BATCH) -> int:
    """Take at most `limit` waiting rows into each engine; the oldest first.

    Returns the number of rows that an engine took in. 0 also means that another
    process is at it, or that Elasticsearch does not answer.
    """
    count = _drain_into(registry.postgres(), limit)
    elastic = registry.elasticsearch()
    if elastic is not None:
        count += _catch_up(elastic, limit)
    _clear()
    return count


def _catch_up(engine: Engine, limit: int) -> int:
    try:
        if is_needed(engine):
            return _rebuild_beside_the_rest(engine)
        return _drain_into(engine, limit)
    except EngineUnavailableError as error:
        # The rows stay; the next run tries again.
        logger.warning("Elasticsearch takes no changes: %s", error.reason)
        return 0


def _rebuild_beside_the_rest(engine: Engine) -> int:
    """Build what is missing. PostgreSQL answers meanwhile, so it must keep up."""
    return rebuild(
        engine,
        progress=lambda _count: _drain_into(registry.postgres(), BATCH),
        only_if_needed=True,
    )


@transaction.atomic
def _drain_into(engine: Engine, limit: int) -> int:
    if not try_lock(engine.name):
        return 0
    ready = Outbox.objects.ready(engine.name, follows=engine.follows)
    rows = list(ready.order_by("pk")[:limit])
    if not rows:
        return 0
    barrier = any(row.barrier for row in rows)
    beside = unfinished(engine)
    for entries, gone in states_of(rows, source_of(engine)):
        engine.write(entries, gone, refresh=barrier)
        if beside is not None:
            beside.write(entries, gone, refresh=False)
    done = [row.pk for row in rows]
    Outbox.objects.filter(pk__in=done).update(**{f"in_{engine.name}": True})
    return len(rows)


@transaction.atomic
def _clear() -> None:
    """Delete rows that every engine took in.

    Without Elasticsearch its part is done unseen, which leaves a gap: should it be set
    up later, nothing in it is believed before it was rebuilt.
    """
    done = Outbox.objects.filter(in_postgres=True).exclude(kind=Outbox.Kind.GAP)
    if registry.elasticsearch() is not None:
        done.filter(in_elasticsearch=True).delete()
    elif done.exists():
        # The newest one counts: a rebuild that began before it is not enough.
        if not Outbox.objects.gaps().update(created=timezone.now()):
            Outbox.objects.bulk_create(
                [Outbox(kind=Outbox.Kind.GAP, barrier=True, in_postgres=True)],
                ignore_conflicts=True,
            )
        done.delete()


def waiting() -> int:
    """Count the rows that some engine has not taken in yet."""
    behind = Q(in_postgres=False)
    if registry.elasticsearch() is not None:
        behind |= Q(in_elasticsearch=False)
    return Outbox.objects.filter(behind).exclude(kind=Outbox.Kind.GAP).count()
