"""What one person may find, as an index without readers in it can be asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, Value

from accounts.selectors import Person
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import standing
from search.engines.base import EngineUnavailableError
from search.models import IndexState, Outbox

# Elasticsearch refuses more than 65,536 terms in one clause.
CHUNK = 50_000
# With more than this waiting, leaving it out costs more than asking PostgreSQL.
MAX_PENDING = 1000
_INDEX = "index"


@dataclass(frozen=True)
class ReaderFilter:
    """Own organisations, plus open roots of others, less own roots that are closed.

    Never cut short: a missing closed root would open it.
    """

    organisations: tuple[int, ...] = ()
    open_roots: tuple[int, ...] = ()
    closed_roots: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether the person can see nothing at all."""
        return not (self.organisations or self.open_roots)


@dataclass(frozen=True)
class Pending:
    """What changed its readers and may stand as it was before in the `index` to ask."""

    paths: tuple[str, ...] = ()
    page_ids: tuple[int, ...] = ()
    file_ids: tuple[int, ...] = ()
    index: str = ""


def reader_filter(user: Person) -> ReaderFilter:
    """Work out the filter from the database, in one query besides the rule's own."""
    levels = standing(user).levels
    if not levels:
        return ReaderFilter()
    organisations = sorted(standing(user).principals.organisation_ids)
    own = set(
        PolicyRoot.objects.filter(owner_id__in=organisations).values_list(
            "pk", flat=True
        )
    )
    visible = set(levels)
    return ReaderFilter(
        organisations=tuple(organisations) if own & visible else (),
        open_roots=tuple(sorted(visible - own)),
        closed_roots=tuple(sorted(own - visible)),
    )


def pending(place: str = "") -> Pending:
    """List what Elasticsearch must not be believed about yet, in one query.

    With the `place` of an engine it also names the index that is believed. Raises
    EngineUnavailableError when too much is pending, or when changes were missed.
    """
    waiting = Outbox.objects.filter(barrier=True, in_elasticsearch=False).order_by("pk")
    named = IndexState.objects.filter(place=place).values_list(
        Value(_INDEX), Value(None, BigIntegerField()), "index"
    )
    found = waiting.values_list("kind", "object_id", "path")[: MAX_PENDING + 1]
    answer = list(found.union(named, all=True))
    rows = [row for row in answer if row[0] != _INDEX]
    kinds = Outbox.Kind
    if len(rows) > MAX_PENDING or any(kind == kinds.GAP for kind, _pk, _path in rows):
        raise EngineUnavailableError
    return Pending(
        paths=tuple({path for kind, _pk, path in rows if kind == kinds.SUBTREE}),
        page_ids=tuple({pk for kind, pk, _path in rows if kind == kinds.PAGE and pk}),
        file_ids=tuple({pk for kind, pk, _path in rows if kind == kinds.FILE and pk}),
        index="".join(name for kind, _pk, name in answer if kind == _INDEX),
    )


def chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    """Cut ids into portions that one clause takes."""
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
