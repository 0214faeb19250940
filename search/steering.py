"""What organisations set for their own people's searches: synonyms, promoted results.

Both are read for one person: of the organisations that the person belongs to today, never
of others, and of pages what the rule shows at this moment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from wagtail.models import Page

from accounts.models import Organisation, User
from accounts.selectors import Person
from knowledge.access.rule import is_allowed, standing, visible_to
from search.engines.base import Choices
from search.models import Promotion, Synonym
from search.query import EDGES, MAX_WORDS, Query, fold, widened
from search.showing import Place, place_of

MAX_SHOWN = 3
# Of one synonym: a name of more words is rather a title.
MAX_PHRASE = 4
# In a question of words there are promoted results in these tabs.
PROMOTED_IN = ((), ("article",))
# An address ends in the id of its page, whatever stands before it.
ADDRESS = re.compile(r"(?:^|[/-])(?P<id>[a-z0-9]{8})/?(?:[?#].*)?$")
MAX_SAME = 2


@dataclass(frozen=True)
class Promoted:
    """A page that the reader's own organisation shows first."""

    page: Place
    owner: Organisation
    organisation: Organisation
    note: str


def widen(user: Person, query: Query) -> Query:
    """Let the synonyms of the reader's own organisations count for words. One query.

    A synonym of more words than one stands in the question where its words stand side by
    side; then its other forms count for each of them.
    """
    own = standing(user).principals.organisation_ids
    words = query.bare_words
    if not own or not words:
        return query
    parts = dict(_runs([fold(word) for word in words]))
    rows = Synonym.objects.filter(organisation__in=own, folded__overlap=list(parts))
    found: dict[str, dict[str, str]] = {word: {} for word in words}
    for forms in rows.order_by("pk").values_list("words", flat=True):
        by_fold = {fold(form): form for form in forms}
        for key in by_fold.keys() & parts.keys():
            for place in parts[key]:
                found[words[place]] |= by_fold
    asked = _runs([word.casefold() for word in words])
    return widened(query, _bounded(found, asked=set(asked)))


def _runs(words: Sequence[str]) -> Mapping[str, set[int]]:
    """Give the words, alone and side by side, and at which places each run stands."""
    runs: dict[str, set[int]] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_PHRASE, len(words)) + 1):
            places = runs.setdefault(" ".join(words[start:end]), set())
            places.update(range(start, end))
    return runs


def _bounded(
    found: Mapping[str, Mapping[str, str]], *, asked: set[str]
) -> dict[str, tuple[str, ...]]:
    """Leave out what was asked anyway, and what is more than an engine is asked."""
    left = MAX_WORDS
    kept = {}
    for word, forms in found.items():
        others = [form for form in forms.values() if form.casefold() not in asked][
            :left
        ]
        if others:
            kept[word] = tuple(others)
            left -= len(others)
    return kept


def promoted(
    user: Person, query: Query, choices: Choices, *, page: int
) -> tuple[Promoted, ...]:
    """List what is shown above the hits: pages that the person may view now. One query.

    On the first page of results that are not narrowed down.
    """
    own = standing(user).principals.organisation_ids
    narrowed = (
        query.filters
        or query.excluded
        or any(name != "type" for name, _one in choices.items())
    )
    if page > 1 or narrowed or choices.type not in PROMOTED_IN or not own:
        return ()
    words = _words(query)
    if not words:
        return ()
    wanted = Promotion.objects.filter(organisation__in=own, words__contained_by=words)
    # They are few: the rule is asked of each, not all roots of the person of the query.
    read = _with_page(wanted)
    shown = [one for one in read if is_allowed(user, "view", _root_id(one.page))]
    # What fits the question more closely comes first.
    order = sorted(shown, key=lambda one: (-len(one.words), one.created, one.pk))
    by_page = {one.page_id: one for one in reversed(order)}
    first = [one for one in order if by_page[one.page_id] is one]
    return tuple(
        Promoted(
            page=place_of(one.page),
            owner=_owner(one.page),
            organisation=one.organisation,
            note=one.note,
        )
        for one in first[:MAX_SHOWN]
    )


def _words(query: Query) -> list[str]:
    """Give all words that a question asks for, in phrases and beside OR, too."""
    terms = (term.text for group in query.required for term in group)
    return [fold(word) for text in (*query.words, *terms) for word in text.split()]


def _shown_to(user: Person, promotions: QuerySet[Promotion]) -> QuerySet[Promotion]:
    """Keep those whose page is published and the person may view."""
    return visible_to(user, _with_page(promotions), through="page__")


def _with_page(promotions: QuerySet[Promotion]) -> QuerySet[Promotion]:
    published = promotions.filter(page__live=True, page__access__isnull=False)
    return published.select_related("organisation", "page__access__root__owner")


def _root_id(page: Page) -> int:
    root_id: int = page.access.root_id  # type: ignore[attr-defined]
    return root_id


def _owner(page: Page) -> Organisation:
    owner: Organisation = page.access.root.owner  # type: ignore[attr-defined]
    return owner


def synonyms_of(organisation: Organisation) -> QuerySet[Synonym]:
    """List the synonyms of an organisation, for who keeps them."""
    return Synonym.objects.filter(organisation=organisation)


def promotions_of(user: User, organisation: Organisation) -> QuerySet[Promotion]:
    """List what an organisation promotes, as far as the person may view the pages."""
    return _shown_to(user, Promotion.objects.filter(organisation=organisation))


def pages_called(user: User, text: str) -> list[Page]:
    """Find the published pages that a title or an address names, at most two.

    Looked for among what the person may view: what is hidden is not found.
    """
    text = text.strip()
    pages = visible_to(user, Page.objects.filter(live=True))
    if match := ADDRESS.search(text):
        found = list(pages.filter(access__public_id=match["id"]))
        if found:
            return found
    return list(pages.filter(title__iexact=text).order_by("pk")[:MAX_SAME])


def forms_in(text: str) -> list[str]:
    """Read what was typed as synonyms: separated by commas or lines."""
    parts = (" ".join(part.split()) for part in re.split(r"[,;\n]", text))
    return [part for part in parts if part]


def words_in(text: str) -> list[str]:
    """Read what was typed as words of a question: folded, each once, sorted."""
    return sorted(set(_folded(text)))


def _folded(text: str) -> Iterator[str]:
    for word in text.split():
        folded = fold(word.strip(EDGES + '"'))
        if any(letter.isalnum() for letter in folded):
            yield folded
