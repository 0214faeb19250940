"""Reads of the search page. Everything shown went through the rule a second time."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.selectors import known_organisations
from search.engines import registry
from search.engines.base import (
    MAX_RESULTS,
    Choices,
    EngineUnavailableError,
    SearchRequest,
    SearchResult,
)
from search.facets import FacetValue, Labels, partners
from search.languages import guess_language
from search.narrowing import look_up
from search.people import FoundPerson, count_people, list_people
from search.query import Query
from search.scope import EVERYWHERE, Scope, Within, scope_of, scopes_of
from search.showing import Found, Shown, show
from search.spelling import correct
from search.steering import Promoted, promoted, widen

logger = logging.getLogger(__name__)

# With fewer results, a word that nothing has may be a typing mistake.
FEW = 5


@dataclass(frozen=True)
class Answer:
    """All that the search page shows."""

    query: Query
    choices: Choices
    page: int
    total: int
    engine: str
    pages: int = 0
    # What may have been meant, and whether that was searched for instead.
    better: str = ""
    is_better: bool = False
    hits: tuple[Found, ...] = ()
    # What the reader's own organisations set: forms looked for, pages shown first.
    also: tuple[str, ...] = ()
    promoted: tuple[Promoted, ...] = ()
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    # All of what an organisation has was searched, and of which ones it may be.
    scope: Organisation | None = None
    scopes: tuple[Organisation, ...] = ()
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
    within: Within = EVERYWHERE,
) -> Answer:
    """Answer what a person asks, under the rule, in at most sixteen queries.

    `within` an organisation takes three more.

    With `of_people` this page of the answer is one of people, the counts are the same.

    With few results, up to six more look for what was meant; without any, that is
    searched for instead.

    Elasticsearch answers when it can be believed, else PostgreSQL does.
    """
    known = known_organisations(user)
    scopes = scopes_of(user, known)
    scope = _scope(user, within, scopes)
    narrowing, notes = look_up(user, query, known=known)
    if scope:
        narrowing = scope.narrow(narrowing)
    elif within.organisation:
        notes.append(_("You do not lead that organisation. This is all you may view."))
    default = (get_language() or settings.LANGUAGE_CODE)[:2]
    request = SearchRequest(
        reader=user,
        query=widen(user, query),
        choices=scope.choose(choices, within.partners) if scope else choices,
        narrowing=narrowing,
        known=frozenset(organisation.pk for organisation in known),
        sort=sort,
        page=page,
        size=size,
        language=guess_language(query.words, default=default),
    )
    engine, result, shown = _ask(request)
    narrowed = bool(scope or choices.items())
    better = correct(user, query) if result.total < FEW and not narrowed else None
    instead = better if better and not result.total else None
    if instead:
        request = replace(request, query=widen(user, instead.query))
        engine, result, shown = _ask(request)
    answer = Answer(
        query=query,
        better=better.text if better else "",
        is_better=instead is not None,
        choices=choices,
        page=page,
        total=result.total,
        engine=engine,
        also=request.query.also,
        facets=Labels(request, choices, result, shown, known).facets(),
        sort=sort,
        scope=scope.organisation if scope else None,
        scopes=scopes,
        notes=(*query.notes, *notes),
        people_total=count_people(user, query),
        reduced=bool(settings.ELASTICSEARCH_URL) and engine == registry.postgres().name,
        capped=result.total > MAX_RESULTS,
    )
    if scope:
        counts = partners(scope, result, within.partners)
        answer = replace(answer, facets={**answer.facets, "partner": counts})
    if of_people:
        organisations = {organisation.pk: organisation for organisation in known}
        found = list_people(user, query, known=organisations, page=page, size=size)
        return replace(
            answer, people=tuple(found), pages=_pages(answer.people_total, size)
        )
    first = promoted(user, request.query, choices, page=page) if not scope else ()
    return replace(
        answer, hits=shown.hits, promoted=first, pages=_pages(result.total, size)
    )


def _pages(number: int, size: int) -> int:
    return -(-min(number, MAX_RESULTS) // size)


def _scope(
    user: Person, within: Within, scopes: Iterable[Organisation]
) -> Scope | None:
    for organisation in scopes:
        if organisation.public_id == within.organisation:
            return scope_of(user, organisation)
    return None


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
