"""A world and clients signed in as its people."""

import pytest
from django.test import Client

from tests.factories import World


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def sign_in(client):
    """Give a client that is signed in as somebody."""

    def as_person(user) -> Client:
        own = Client()
        own.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        return own

    return as_person
