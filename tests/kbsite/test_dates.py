"""Days and times as templates write them."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation


def write(text: str, **context) -> str:
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "24 Nov 2026", "24 Nov 2026, 04:27"),
        ("nl", "24 nov 2026", "24 nov 2026, 04:27"),
    ],
)
def test_days_and_times_follow_the_language_and_the_time_zone(language, day, moment):
    at = datetime(2026, 11, 24, 3, 27, tzinfo=UTC)
    with translation.override(language):
        assert write("{{ at|day }}", at=at) == day
        assert write("{{ at|moment }}", at=at) == moment
        assert write("{{ on|day }}", on=date(2026, 11, 24)) == day
        assert write("{{ none|day }}", none=None) == ""
