"""The Wagtail admin: an explorer for host authors, nothing for anyone else."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from knowledge.access.services import withdraw_grant
from knowledge.pages.admin_gate import BY_PAGE, ELSEWHERE, OPEN, TO_EDITOR
from tests.factories import World, make_project, root_of, share

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(
        user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


@pytest.fixture
def world() -> World:
    return World()


def admin_addresses() -> list[tuple[str, str]]:
    """List (name, address with 1 for every argument) of all admin addresses."""
    found = []

    def walk(resolver, prefix: str, namespace: str) -> None:
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                inner = pattern.namespace
                name = f"{namespace}{inner}:" if inner else namespace
                walk(pattern, route, name)
            else:
                found.append((f"{namespace}{pattern.name}", route))

    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern) == "cms/":
            walk(pattern, "/cms/", "")
    return found


def fill(route: str, value: int) -> str:
    route = re.sub(r"<(?:int|str|slug|path):\w+>|<\w+>", str(value), route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)|\([^)]*\)", str(value), route)
    return route.replace("^", "").replace("$", "").replace("\\", "")


def test_guest_and_plain_member_find_no_admin_at_all(world) -> None:
    for user in (world.guest, world.member):
        client = signed_in(user)
        missing = client.get("/no-such-page-bcdfghjk/")
        for address in ("/cms/", "/cms/pages/", f"/cms/pages/{world.plan.pk}/"):
            answer = client.get(address)
            assert answer.status_code == 404
            assert answer.content == missing.content


def test_author_explores_own_pages_and_edits_on_the_page_itself(world) -> None:
    client = signed_in(world.admin)
    answer = client.get(f"/cms/pages/{world.shared.pk}/")
    assert answer.status_code == 200
    assert "Plan" in answer.content.decode()
    edit = client.get(f"/cms/pages/{world.plan.pk}/edit/")
    assert (edit.status_code, edit["Location"]) == (302, f"/{world.plan.slug}/edit")


def test_explorer_lists_nothing_that_the_author_may_not_edit(world) -> None:
    foreign = make_project(world.noord, world.other_guest, "Bluefalcon")
    client = signed_in(world.manager)
    share(world.shared, world.manager, 3, world.admin)
    for page in (world.host.page, world.shared):
        answer = client.get(f"/cms/pages/{page.pk}/")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "Bluefalcon" not in text
        assert "Prices" not in text
        assert "Closed" not in text
    assert client.get(f"/cms/pages/{foreign.pk}/").status_code == 404


def test_withdrawal_closes_the_explorer_at_the_next_request(world) -> None:
    share(world.closed, world.manager, 3, world.admin)
    client = signed_in(world.manager)
    assert client.get(f"/cms/pages/{world.closed.pk}/").status_code == 200
    withdraw_grant(root=root_of(world.closed), subject=world.manager, by=world.admin)
    assert client.get(f"/cms/pages/{world.closed.pk}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_admin_address_hides_a_foreign_page_like_a_missing_one(
    world, method
) -> None:
    """All addresses of the resolver, with the id of a hidden page and of none."""
    foreign = make_project(world.noord, world.other_guest, "Bluefalcon")
    client = signed_in(world.admin)
    ghost = foreign.pk + 10_000
    probed = 0
    for name, route in admin_addresses():
        if name in OPEN | set(ELSEWHERE):
            continue
        hidden = getattr(client, method)(fill(route, foreign.pk))
        missing = getattr(client, method)(fill(route, ghost))
        probed += 1
        assert hidden.status_code == missing.status_code == 404, name
        assert b"Bluefalcon" not in hidden.content
        assert hidden.content == missing.content, name
    assert probed > 100


def test_the_lists_name_addresses_that_exist() -> None:
    names = {name for name, _route in admin_addresses()}
    assert OPEN | BY_PAGE | TO_EDITOR | set(ELSEWHERE) <= names
