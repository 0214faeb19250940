"""People to test with, and how they come in."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership, Organisation, User
from tests.factories import PASSWORD, make_organisation, make_person


@pytest.fixture
def host(db) -> Organisation:
    return make_organisation("Vaartkade", "host")


@pytest.fixture
def meridian(host) -> Organisation:
    return make_organisation("Meridian")


@pytest.fixture
def noord(host) -> Organisation:
    return make_organisation("Noord")


@pytest.fixture
def admin(host) -> User:
    return make_person("Anouk Admin", host, Membership.Role.ADMIN)


@pytest.fixture
def manager(host) -> User:
    return make_person("Milan Manager", host, Membership.Role.MANAGER)


@pytest.fixture
def member(host) -> User:
    return make_person("Eva Member", host)


@pytest.fixture
def guest(meridian, admin) -> User:
    return make_person("Nadia Guest", meridian, sponsor=admin)


@pytest.fixture
def partner_admin(meridian, admin) -> User:
    role = Membership.Role.ADMIN
    return make_person("Pim Partner", meridian, role, sponsor=admin)


@pytest.fixture
def come_in() -> Callable[[User], Client]:
    """Open a session without the sign-in form."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(
            user, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return enter


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """Fill in the sign-in form; `client.response` is its answer."""

    def fill_in(email: str, password: str = PASSWORD, next_url: str = "") -> Client:
        client = Client()
        data = {"login": email, "password": password}
        if next_url:
            data["next"] = next_url
        client.response = client.post("/accounts/login/", data)
        return client

    return fill_in


def is_signed_in(client: Client) -> bool:
    """Say whether the next request is let in."""
    return client.get("/me/").status_code == 200
