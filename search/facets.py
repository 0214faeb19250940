"""The values of facets by their names, as far as a person may know what they name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from search.engines.base import FACETS, PERIODS, Choices, SearchRequest, SearchResult
from search.models import SearchDocument
from search.narrowing import authors
from search.scope import Scope
from search.showing import Shown

PERIOD_LABELS = {
    "week": _("The past week"),
    "month": _("The past month"),
    "year": _("The past year"),
}


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet, with its count under the other choices."""

    value: str
    count: int
    chosen: bool
    label: str
    organisation: Organisation | None = None


@dataclass(frozen=True)
class Labels:
    """Names the values of facets, as far as this person may know what they name."""

    request: SearchRequest
    choices: Choices
    result: SearchResult
    shown: Shown
    organisations: Iterable[Organisation]

    def facets(self) -> dict[str, tuple[FacetValue, ...]]:
        """Give each facet's values; the most frequent first, chosen ones always."""
        return {
            facet: tuple(sorted(self._named(facet, labels), key=_place))
            for facet, labels in self._labels().items()
        }

    def _labels(self) -> Mapping[str, Mapping[str, object]]:
        organisations = {one.public_id: one for one in self.organisations}
        return dict(
            zip(
                FACETS,
                (
                    organisations,
                    self.shown.projects,
                    dict(SearchDocument.Type.choices),
                    dict(settings.CONTENT_LANGUAGES),
                    self._tags(),
                    self._authors(),
                    PERIOD_LABELS,
                ),
                strict=True,
            )
        )

    def _tags(self) -> dict[str, str]:
        """Name tags by themselves: those counted, and those that were asked for."""
        return {tag: tag for tag in (*self.result.facets["tag"], *self.choices.tag)}

    def _authors(self) -> dict[str, str]:
        """Name those who were counted; others only when the person knows them so."""
        counted = self.result.facets["author"]
        others = set(self.choices.author) - set(counted)
        found: dict[str, str] = {}
        if counted:
            people = User.objects.filter(public_id__in=list(counted))
            found = dict(people.values_list("public_id", "name"))
        if others:
            people = authors(self.request.reader, self.request.known)
            people = people.filter(public_id__in=others)
            found |= dict(people.values_list("public_id", "name"))
        return found

    def _named(self, facet: str, labels: Mapping[str, object]) -> list[FacetValue]:
        counts, chosen = self.result.facets[facet], self.choices.of(facet)
        return [
            FacetValue(
                value=value,
                count=counts.get(value, 0),
                chosen=value in chosen,
                label=str(labels[value]),
                organisation=_organisation(labels[value]),
            )
            for value in {*counts, *chosen}
            if value in labels
        ]


def _place(value: FacetValue) -> tuple[int, int, str]:
    """Sort by number, periods by their length."""
    return PERIODS.get(value.value, 0), -value.count, value.label


def _organisation(label: object) -> Organisation | None:
    return label if isinstance(label, Organisation) else None


def partners(
    scope: Scope, result: SearchResult, chosen: Iterable[str]
) -> tuple[FacetValue, ...]:
    """Count for each partner; chosen ones are shown always."""
    counts = scope.count(result.facets["project"])
    values = [
        FacetValue(
            value=id_,
            count=counts[id_],
            chosen=id_ in chosen,
            label=partner.name,
            organisation=partner,
        )
        for id_, partner in scope.partners.items()
        if counts[id_] or id_ in chosen
    ]
    return tuple(sorted(values, key=_place))
