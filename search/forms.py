"""What stands in the address of a search. Anything else that stands there is ignored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.conf import settings
from django.http import QueryDict

from knowledge.pages.models import MAX_TAG_CHARS
from search.engines.base import (
    FACETS,
    MAX_RESULTS,
    PAGE_SIZE,
    PERIODS,
    SORTS,
    Choices,
)
from search.models import SearchDocument
from search.query import Query, parse_query
from search.scope import EVERYWHERE, Within

PUBLIC_ID = re.compile(r"^[a-z0-9]{8}$")
# As `clean_tag` leaves it.
TAG = re.compile(rf'^[^\x00-\x1f",]{{1,{MAX_TAG_CHARS}}}$')
MAX_VALUES = 50
NO_CHANGES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
CLOSED = {
    "type": frozenset(SearchDocument.Type.values),
    "language": frozenset(code for code, _name in settings.CONTENT_LANGUAGES),
    "updated": frozenset(PERIODS),
}


@dataclass(frozen=True)
class SearchForm:
    """A search as an address says it, and addresses of searches beside it."""

    query: Query
    choices: Choices
    page: int
    sort: str = SORTS[0]
    of_people: bool = False
    within: Within = EVERYWHERE

    @classmethod
    def of(cls, data: QueryDict) -> "SearchForm":
        """Read an address. Nothing in it is an error."""
        values = {facet: _values(facet, data.getlist(facet)) for facet in FACETS}
        query = parse_query(data.get("q", ""))
        sort = data.get("sort", "")
        return cls(
            query,
            Choices(**values),
            _page(data.get("page", "")),
            sort if sort in SORTS else SORTS[0],
            data.get("tab") == "people",
            Within(
                "".join(_values("scope", [data.get("scope", "")])),
                _values("partner", data.getlist("partner")),
            ),
        )

    def address(
        self,
        changes: Mapping[str, tuple[str, ...]] = NO_CHANGES,
        *,
        page: int = 1,
        sort: str = "",
        text: str = "",
        people: bool = False,
    ) -> str:
        """Give the address of this search with other choices, page, order or text."""
        data = QueryDict(mutable=True)
        data["q"] = text or self.query.text
        for name, values in self._kept().items():
            data.setlist(name, list(changes.get(name, values)))
        if (sort or self.sort) != SORTS[0]:
            data["sort"] = sort or self.sort
        if people:
            data["tab"] = "people"
        if page > 1:
            data["page"] = str(page)
        return f"?{data.urlencode()}"

    def without(self, name: str, value: str) -> str:
        """Give the address of this search with one choice taken back."""
        rest = tuple(one for one in self._kept()[name] if one != value)
        return self.address({name: rest})

    def cleared(self) -> str:
        """Give the address of this search with all choices taken back."""
        return self.address(dict.fromkeys(self._kept(), ()))

    def _kept(self) -> dict[str, tuple[str, ...]]:
        """List all that was chosen, by the names that stand in an address."""
        scope = (self.within.organisation,) if self.within.organisation else ()
        chosen = {facet: self.choices.of(facet) for facet in FACETS}
        return chosen | {"scope": scope, "partner": self.within.partners}


def _values(facet: str, raw: list[str]) -> tuple[str, ...]:
    allowed = CLOSED.get(facet)
    pattern = TAG if facet == "tag" else PUBLIC_ID
    kept = (
        value
        for value in raw[:MAX_VALUES]
        if (value in allowed if allowed else pattern.match(value))
    )
    return tuple(dict.fromkeys(kept))


def _page(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 4):
        return 1
    return min(max(int(raw), 1), MAX_RESULTS // PAGE_SIZE)
