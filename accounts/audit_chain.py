"""Check that nobody changed the audit log behind the back of the site.

The database makes the chain (migration 0003); here it is computed once more, from the
rows as they stand, by other code than what made it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from accounts.models import AuditEvent, AuditLink

START = "0" * 64
BATCH = 2000


@dataclass(frozen=True)
class Head:
    """A place in the chain: how many events there were, and the hash of the last."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read what `str` wrote. Raises ValueError."""
        number, _colon, found = text.partition(":")
        return cls(int(number), found)


@dataclass(frozen=True)
class Verdict:
    """Up to where the chain holds; `broken` says what is wrong after that."""

    head: Head
    broken: str = ""


def current_head() -> Head:
    """Give the end of the chain, to be kept where the site cannot write."""
    last = AuditLink.objects.order_by("number").last()
    return Head(last.number, last.hash) if last else Head(0, START)


def verify(known: Iterable[Head] = ()) -> Verdict:
    """Walk the whole chain and stop at the first thing that is wrong.

    `known` are heads noted before: without one, events cut off at the end, or a chain
    made anew from the start, cannot be told from a younger log.
    """
    expected = {head.number: head.hash for head in known}
    head = Head(0, START)
    for row in _rows():
        if problem := _problem(head, row, expected):
            return Verdict(head, problem)
        head = Head(row["number"], row["hash"])
    if missing := [number for number in expected if number > head.number]:
        return Verdict(head, f"number {min(missing)} was noted, but is gone")
    stray = AuditEvent.objects.filter(link=None).order_by("pk").first()
    return Verdict(head, f"event {stray.pk} is not in the chain" if stray else "")


def _rows() -> Iterator[dict[str, Any]]:
    links = AuditLink.objects.order_by("number").annotate(
        # As the database writes JSON: the order of keys and the digits of numbers.
        facts=Cast("event__details", TextField())
    )
    rows: Iterable[dict[str, Any]] = links.values(
        "number",
        "hash",
        "event_id",
        "event__at",
        "event__actor_id",
        "event__action",
        "event__organisation_id",
        "event__other_organisation_id",
        "event__target",
        "facts",
    ).iterator(BATCH)  # type: ignore[assignment]
    yield from rows


def _problem(before: Head, row: dict[str, Any], expected: dict[int, str]) -> str:
    number = row["number"]
    # A link whose event is gone is not among the rows either.
    if number != before.number + 1:
        return f"number {before.number + 1} is missing"
    if row["hash"] != _hash(before, row):
        return f"number {number}: event {row['event_id']} or its place was changed"
    if expected.get(number, row["hash"]) != row["hash"]:
        return f"number {number} is not what was noted"
    return ""


def _hash(before: Head, row: dict[str, Any]) -> str:
    at = row["event__at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    fields = (
        row["number"],
        row["event_id"],
        at,
        row["event__actor_id"],
        row["event__action"],
        row["event__organisation_id"],
        row["event__other_organisation_id"],
        row["event__target"],
        row["facts"],
    )
    text = before.hash + "".join(_field(value) for value in fields)
    return hashlib.sha256(text.encode()).hexdigest()


def _field(value: object) -> str:
    return "-" if value is None else f"{len(str(value).encode())}:{value}"
