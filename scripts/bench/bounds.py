"""What a measurement is held against."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil

# Of roots that a filter names, and by how much it may make a question longer.
FILTERS = {500: 1.1, 5_000: 1.5}
WITHOUT = "no filter"


def name_of(count: int) -> str:
    """Name the case of a number of roots."""
    return f"filter of {count:,} roots"


@dataclass(frozen=True)
class Bound:
    """A figure that must be at most `limit`, or with `at_least` no smaller."""

    what: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Say whether it is as it must be. What is no number never is."""
        if self.at_least:
            return self.measured >= self.limit
        return self.measured <= self.limit

    def as_dict(self) -> dict[str, object]:
        """Give plain data for JSON."""
        return asdict(self) | {"measured": round(self.measured, 3), "holds": self.holds}


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest of the values that so large a share of them does not exceed."""
    # 0.95 * 20 is a little more than 19 to a computer.
    place = ceil(round(len(values) * share, 6))
    return sorted(values)[max(place, 1) - 1]
