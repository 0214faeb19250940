"""Every scenario of docs/permissions.md, asked on every path."""

import re
from pathlib import Path

import pytest
from django.test import Client
from wagtail.models import Page

from accounts.models import User
from knowledge.access.roots import find_problems
from knowledge.access.rule import decide, visible_to
from tests.factories import World
from tests.scenarios.catalogue import CATALOGUE
from tests.support.indices import bring_up_to_date

pytestmark = pytest.mark.django_db
NUMBERS = sorted(CATALOGUE)
DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"


def _fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(
        user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def by_decide(user: User, action: str, page: Page) -> bool:
    return bool(decide(_fresh(user), action, Page.objects.get(pk=page.pk)))


def by_visible_to(user: User, action: str, page: Page) -> bool:
    return visible_to(_fresh(user), Page.objects.filter(pk=page.pk)).exists()


PATHS = {"view": "", "edit": "edit", "share": "access"}


def by_http(user: User, action: str, page: Page) -> bool:
    client = _signed_in(user)
    response = client.get(f"/{page.slug}/{PATHS[action]}")
    if action == "share":
        return "access/panel.html" in {template.name for template in response.templates}
    return response.status_code == 200


def by_search(user: User, action: str, page: Page) -> bool:
    bring_up_to_date()
    client = _signed_in(user)
    response = client.get("/search/", {"q": page.title, "format": "json"})
    if response.status_code != 200:
        return False
    return f"/{page.slug}/" in {hit["url"] for hit in response.json()["hits"]}


def _ask(number: int, path, actions: set[str]) -> None:
    world = World()
    asked = 0
    for user, action, page, allowed in CATALOGUE[number][1](world):
        if action in actions:
            asked += 1
            assert path(user, action, page) is allowed, (user.name, action, page.title)
    if actions >= {"view", "edit", "share", "comment"}:
        assert asked
    assert find_problems() == []


@pytest.mark.parametrize("number", NUMBERS)
def test_decide(number: int) -> None:
    _ask(number, by_decide, {"view", "edit", "share", "comment"})


@pytest.mark.parametrize("number", NUMBERS)
def test_visible_to(number: int) -> None:
    _ask(number, by_visible_to, {"view"})


@pytest.mark.parametrize("number", NUMBERS)
def test_http(number: int) -> None:
    _ask(number, by_http, set(PATHS))


@pytest.mark.parametrize("number", NUMBERS)
def test_search_in_postgresql(number: int) -> None:
    _ask(number, by_search, {"view"})


@pytest.mark.search_engine
@pytest.mark.parametrize("number", NUMBERS)
def test_search_in_elasticsearch(number: int, elastic) -> None:
    _ask(number, by_search, {"view"})


def test_the_document_states_exactly_these_scenarios() -> None:
    stated = re.findall(r"^(\d+)\. (.+)$", DOCUMENT.read_text(), flags=re.MULTILINE)
    assert {int(number): text for number, text in stated} == {
        number: text for number, (text, _build) in CATALOGUE.items()
    }
    assert len(stated) >= 40
