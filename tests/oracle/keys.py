"""Keys of the database that can be told from any other number, and who finds them."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from django.db import connection

# Every table counts in a range of its own. Below the largest key of an integer column,
# and above any time in seconds, so that no other number falls into one by accident.
FIRST = 2_000_000_000
STEP = 1_000_003

_TABLES = """
    SELECT format('%I', sequence.relname), owner.relname
    FROM pg_class AS sequence
    JOIN pg_depend ON pg_depend.objid = sequence.oid AND pg_depend.deptype IN ('a', 'i')
    JOIN pg_class AS owner ON owner.oid = pg_depend.refobjid
    WHERE sequence.relkind = 'S' AND pg_depend.classid = 'pg_class'::regclass
    ORDER BY owner.relname
"""
_NUMBER = re.compile(r"(?<![0-9])2[01][0-9]{8}(?![0-9])")
_BASE_36 = re.compile(r"(?<![0-9a-z])[wxyz][0-9a-z]{5}(?![0-9a-z])", re.IGNORECASE)
_HEX = re.compile(r"(?<![0-9a-f])7[0-9a-f]{7}(?![0-9a-f])", re.IGNORECASE)
# More than a run draws of any table. A word that is read as a number falls into so
# little of a range only when it is one.
MOST = 5_000


class Keys:
    """The ranges, once the tables count in them."""

    def __init__(self, tables: list[str]) -> None:
        self.tables = tables

    def table_of(self, key: int) -> str:
        """Name the table whose key a number is, or nothing."""
        starts = range(FIRST, FIRST + len(self.tables) * STEP, STEP)
        place = bisect_right(starts, key) - 1
        inside = place >= 0 and key - starts[place] < MOST
        return self.tables[place] if inside else ""

    def found_in(self, text: str) -> list[str]:
        """Name the tables whose keys stand in a text: as they are, or written shorter."""
        return [
            f"{table} {written}"
            for written, key in _numbers(text)
            if (table := self.table_of(key))
        ]


def _numbers(text: str) -> Iterator[tuple[str, int]]:
    for pattern, base in ((_NUMBER, 10), (_BASE_36, 36), (_HEX, 16)):
        for match in pattern.finditer(text):
            yield match.group(), int(match.group(), base)


def spread() -> Keys:
    """Let every table that counts go on in its own range. Undone with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        rows = cursor.fetchall()
        for number, (sequence, _table) in enumerate(rows):
            start = FIRST + number * STEP
            cursor.execute(f"ALTER SEQUENCE {sequence} RESTART WITH {start}")
    return Keys([table for _sequence, table in rows])
