"""Ask as the page does, and read the answer."""

from accounts.models import User
from search.engines.base import Choices
from search.models import SavedSearch
from search.query import parse_query
from search.saving import save_search
from search.scope import EVERYWHERE, Within
from search.selectors import Answer, find
from search.suggesting import suggest

WORD = "zandbank"


def ask(
    user: User,
    text: str = WORD,
    page: int = 1,
    size: int = 10,
    sort: str = "relevance",
    within: Within = EVERYWHERE,
    **choices,
) -> Answer:
    """Ask in a new request: nothing kept from an earlier one."""
    fresh = User.objects.get(pk=user.pk)
    query, chosen = parse_query(text), Choices(**choices)
    return find(fresh, query, chosen, sort=sort, page=page, size=size, within=within)


def titles(answer: Answer) -> list[str]:
    return ["".join(piece.text for piece in hit.title) for hit in answer.hits]


def found(user: User, text: str = WORD, **kwargs) -> set[str]:
    return set(titles(ask(user, text, **kwargs)))


def counts(answer: Answer, facet: str) -> dict[str, int]:
    return {value.label: value.count for value in answer.facets[facet] if value.count}


def suggested(user: User, text: str) -> list[str]:
    fresh = User.objects.get(pk=user.pk)
    return [place.title for place in suggest(fresh, text)]


def keep(
    user: User, name: str = "Sand", alert: str = "none", address: str = f"q={WORD}"
) -> SavedSearch:
    return save_search(by=user, name=name, address=address, alert=alert)
