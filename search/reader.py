"""What one person may find, as an index without readers in it can be asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.selectors import Person
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import standing
from search.engines.base import EngineUnavailableError
from search.models import Outbox

# Elasticsearch refuses more than 65,536 terms in one clause.
CHUNK = 50_000
# With more than this waiting, leaving it out costs more than asking PostgreSQL.
MAX_PENDING = 1000


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
    """What changed its readers and may stand in the index as it was before."""

    paths: tuple[str, ...] = ()
    page_ids: tuple[int, ...] = ()
    file_ids: tuple[int, ...] = ()


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


def pending() -> Pending:
    """List what Elasticsearch must not be believed about yet, in one query.

    Raises EngineUnavailableError when that is too much, or when it missed changes.
    """
    rows = list(
        Outbox.objects.filter(barrier=True, in_elasticsearch=False)
        .order_by("pk")
        .values_list("kind", "object_id", "path")[: MAX_PENDING + 1]
    )
    kinds = Outbox.Kind
    if len(rows) > MAX_PENDING or any(kind == kinds.GAP for kind, _pk, _path in rows):
        raise EngineUnavailableError
    return Pending(
        paths=tuple({path for kind, _pk, path in rows if kind == kinds.SUBTREE}),
        page_ids=tuple({pk for kind, pk, _path in rows if kind == kinds.PAGE and pk}),
        file_ids=tuple({pk for kind, pk, _path in rows if kind == kinds.FILE and pk}),
    )


def chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    """Cut ids into portions that one clause takes."""
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
