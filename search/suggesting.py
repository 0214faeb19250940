"""Suggestions while somebody types, read from what that person may see."""

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, QuerySet, When
from django.db.models.functions import Lower
from wagtail.models import Page

from accounts.selectors import Person
from knowledge.access.rule import visible_to
from search.showing import Place, place_of

SUGGESTIONS = 8
FEWEST_LETTERS = 2


def suggest(user: Person, text: str) -> list[Place]:
    """List pages the person may view in whose title words begin so, at most eight.

    Read from the pages themselves: no index of words that others typed or wrote.
    """
    start = " ".join(text.replace("\x00", " ").split())[:100]
    if len(start) < FEWEST_LETTERS:
        return []
    pages = visible_to(user, Page.objects.filter(live=True))
    first = Case(When(title__istartswith=start, then=0), default=1)
    found = with_words(pages, start).order_by(first, Lower("title"), "pk")
    return [place_of(page) for page in found.only("title", "slug")[:SUGGESTIONS]]


def with_words(pages: QuerySet[Page], start: str) -> QuerySet[Page]:
    """Keep the pages in whose title words begin so: the expression that is indexed."""
    words = SearchVector("title", config="simple")
    found: QuerySet[Page] = pages.annotate(words=words)
    return found.filter(words=_beginnings(start))


def _beginnings(text: str) -> SearchQuery:
    """Ask for all words of a text, each as the beginning of one."""
    quoted = (word.replace("\\", " ").replace("'", "''") for word in text.split())
    parts = " & ".join(f"'{word}':*" for word in quoted)
    return SearchQuery(parts, config="simple", search_type="raw")
