"""Queries of every request: written by the ORM once, run with other values.

The ORM takes several times as long to write such a query as the database to answer it.
A query is prepared with stand-ins, ids that no row has; each run puts real ids there.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Func, QuerySet, Value
from django.utils import timezone

# The first of the ids that stand in for others; the next ones are below it.
STAND_IN = -1_000_000_000


@dataclass(frozen=True)
class Prepared:
    """A statement and its parameters, among them stand-ins. Without statement: no rows."""

    sql: str
    parameters: tuple[Any, ...]

    def rows(
        self,
        values: Mapping[int, int],
        many: Mapping[int, Iterable[int]] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Run it today, with real ids for stand-ins, and `many` for those of `one_of`."""
        if not self.sql:
            return []
        today, lists = timezone.localdate(), many or {}

        def real(one: Any) -> Any:
            if isinstance(one, list):
                return list(lists[one[0]])
            return today if isinstance(one, datetime.date) else values.get(one, one)

        parameters = [real(one) for one in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def prepare(queryset: QuerySet[Any, Any]) -> Prepared:
    """Write a query down. The only day in it is today; it is another one at each run."""
    try:
        sql, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:
        return Prepared("", ())
    return Prepared(sql, parameters)


def one_of(ids: Iterable[int]) -> Func:
    """Give ids for `__in` as one parameter: a thousand of them take as long as one."""
    array = Value(list(ids), output_field=ArrayField(BigIntegerField()))
    return Func(
        array,
        template="(SELECT unnest(%(expressions)s))",
        output_field=BigIntegerField(),
    )
