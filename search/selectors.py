"""Reads of the search page. Everything shown went through the rule a second time."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.selectors import Person
from knowledge.access.selectors import known_organisations
from search.engines import registry
from search.engines.base import (
    FACETS,
    MAX_RESULTS,
    PERIODS,
    Choices,
    EngineUnavailableError,
    SearchRequest,
    SearchResult,
)
from search.languages import guess_language
from search.models import SearchDocument
from search.narrowing import authors, look_up
from search.people import FoundPerson, count_people, list_people
from search.query import Query
from search.showing import Found, Shown, show
from search.spelling import correct
from search.steering import Promoted, promoted, widen

logger = logging.getLogger(__name__)

# With fewer results, a word that nothing has may be a typing mistake.
FEW = 5
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
class Answer:
    """All that the search page shows."""

    query: Query
    choices: Choices
    page: int
    pages: int
    total: int
    engine: str
    # What may have been meant, and whether that was searched for instead.
    better: str = ""
    is_better: bool = False
    hits: tuple[Found, ...] = ()
    # What the reader's own organisations set: forms looked for, pages shown first.
    also: tuple[str, ...] = ()
    promoted: tuple[Promoted, ...] = ()
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    notes: tuple[str, ...] = ()
    people_total: int = 0
    people: tuple[FoundPerson, ...] = ()
    reduced: bool = False
    capped: bool = False


def find(
    user: Person,
    query: Query,
    choices: Choices,
    *,
    sort: str = "relevance",
    page: int = 1,
    size: int,
    of_people: bool = False,
) -> Answer:
    """Answer what a person asks, under the rule, in at most fifteen queries.

    With `of_people` this page of the answer is one of people, the counts are the same.

    With few results, up to six more look for what was meant; without any, that is
    searched for instead.

    Elasticsearch answers when it can be believed, else PostgreSQL does.
    """
    default = (get_language() or settings.LANGUAGE_CODE)[:2]
    known = known_organisations(user)
    organisations = {organisation.pk: organisation for organisation in known}
    narrowing, notes = look_up(user, query, known=known)
    request = SearchRequest(
        reader=user,
        query=widen(user, query),
        choices=choices,
        narrowing=narrowing,
        known=frozenset(organisations),
        sort=sort,
        page=page,
        size=size,
        language=guess_language(query.words, default=default),
    )
    engine, result, shown = _ask(request)
    better = (
        correct(user, query) if result.total < FEW and not choices.items() else None
    )
    instead = better if better and not result.total else None
    if instead:
        request = replace(request, query=widen(user, instead.query))
        engine, result, shown = _ask(request)
    number = count_people(user, query)
    reachable = min(number if of_people else result.total, MAX_RESULTS)
    found = (
        list_people(user, query, known=organisations, page=page, size=size)
        if of_people
        else []
    )
    labels = _Labels(request, result, shown, organisations.values())
    return Answer(
        query=query,
        better=better.text if better else "",
        is_better=instead is not None,
        choices=choices,
        page=page,
        pages=-(-reachable // size),
        total=result.total,
        engine=engine,
        hits=() if of_people else shown.hits,
        people_total=number,
        people=tuple(found),
        also=request.query.also,
        promoted=(
            () if of_people else promoted(user, request.query, choices, page=page)
        ),
        facets=labels.facets(),
        sort=sort,
        notes=(*query.notes, *notes),
        reduced=bool(settings.ELASTICSEARCH_URL) and engine == registry.postgres().name,
        capped=result.total > MAX_RESULTS,
    )


def _ask(request: SearchRequest) -> tuple[str, SearchResult, Shown]:
    """Ask Elasticsearch, and PostgreSQL when that fails or shows what it must not.

    A hit that the rule denies means that the index is behind in a way nothing told of:
    then none of its counts are believed either.
    """
    elastic = registry.elasticsearch()
    if elastic is not None:
        try:
            result = elastic.search(request)
        except EngineUnavailableError as error:
            logger.warning("search without Elasticsearch: %s", type(error.__cause__))
        else:
            shown = _show(request, result)
            if len(shown.hits) == len(result.hits):
                return elastic.name, result, shown
            logger.warning("the index of Elasticsearch is not what the pages are")
    postgres = registry.postgres()
    result = postgres.search(request)
    return postgres.name, result, _show(request, result)


def _show(request: SearchRequest, result: SearchResult) -> Shown:
    projects = {*result.facets["project"], *request.choices.project}
    return show(request.reader, result.hits, projects)


@dataclass(frozen=True)
class _Labels:
    """Names the values of facets, as far as this person may know what they name."""

    request: SearchRequest
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
                    self._authors(),
                    PERIOD_LABELS,
                ),
                strict=True,
            )
        )

    def _authors(self) -> dict[str, str]:
        """Name those who were counted; others only when the person knows them so."""
        counted = self.result.facets["author"]
        others = set(self.request.choices.author) - set(counted)
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
        counts, chosen = self.result.facets[facet], self.request.choices.of(facet)
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
