"""Count what people do, in the database, so that all processes count together."""

import datetime
import hashlib
import re
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
RATE = re.compile(r"^(\d+)/(\d*)([smhd])$")

# A count whose time is up starts anew; the statement is atomic, so none gets lost.
COUNT = """
INSERT INTO accounts_counter AS c (key, until, hits) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
  hits = CASE WHEN c.until <= %s THEN 1 ELSE c.hits + 1 END,
  until = CASE WHEN c.until <= %s THEN excluded.until ELSE c.until END
RETURNING hits, until
"""


class Rate(NamedTuple):
    """So many times in so many seconds."""

    hits: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `300/m` or `60/10m`. Raises ValueError."""
        found = RATE.match(text)
        if found is None:
            raise ValueError(text)
        hits, number, unit = found.groups()
        return cls(int(hits), int(number or 1) * UNITS[unit])


class Count(NamedTuple):
    """How often it happened in this time, and when counting starts anew."""

    hits: int
    until: datetime.datetime

    @property
    def seconds_left(self) -> int:
        """Give the time until counting starts anew, rounded up."""
        left = self.until - timezone.now()
        return max(1, int(left.total_seconds()) + 1)


def count(what: str, who: str, *, seconds: int) -> Count:
    """Count one more of `what` by `who`, in the time that began with the first.

    Only a hash of both is kept.
    """
    now = timezone.now()
    key = hashlib.sha256(f"{what}\0{who}".encode()).hexdigest()
    until = now + datetime.timedelta(seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, until, now, now])
        return Count(*cursor.fetchone())


def forget_old_counts() -> int:
    """Remove counts whose time is up. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_counter WHERE until <= %s", [timezone.now()]
        )
        return int(cursor.rowcount)
