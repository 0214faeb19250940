"""Where the scenarios are kept, and how one says what it expects."""

from collections.abc import Callable, Iterator

from wagtail.models import Page

from accounts.models import User
from tests.factories import World

Expectation = tuple[User, str, Page, bool]
Build = Callable[[World], Iterator[Expectation]]
CATALOGUE: dict[int, tuple[str, Build]] = {}
VIEW, COMMENT, EDIT, MANAGE = 1, 2, 3, 4


def scenario(number: int, text: str) -> Callable[[Build], Build]:
    """Register a scenario under its number and its sentence in the document."""

    def register(build: Build) -> Build:
        assert number not in CATALOGUE
        CATALOGUE[number] = (text, build)
        return build

    return register
