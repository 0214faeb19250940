"""What a server that others reach is set to, and that it does not start half set."""

import importlib
import os
import subprocess
import sys

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

from tests.architecture.sources import ROOT
from tests.support.jobs import run_jobs

DEMANDED = {
    "DJANGO_SECRET_KEY": "a-long-and-random-key-that-nobody-else-has-0123456789-abcdef",
    "DJANGO_ALLOWED_HOSTS": "wiki.example.org",
    "DEELPLEIN_BASE_URL": "https://wiki.example.org",
}
TAKEN = ("SECURE_", "SESSION_", "CSRF_", "LANGUAGE_COOKIE", "ALLOWED_", "BASE_URL")


@pytest.fixture
def production(monkeypatch, settings):
    """The tests' own database, and all that the server's settings say of safety."""
    for name, value in DEMANDED.items():
        monkeypatch.setenv(name, value)
    module = importlib.import_module("kbsite.settings.production")
    module = importlib.reload(module)
    for name in dir(module):
        if name.startswith(TAKEN):
            setattr(settings, name, getattr(module, name))
    return module


def over_https(path: str, **headers: str):
    headers = {"host": "wiki.example.org"} | headers
    return Client().get(path, secure=True, headers=headers)


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://no@localhost/no"}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=kept
        | {"DJANGO_SETTINGS_MODULE": "kbsite.settings.production"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_django_finds_nothing_to_warn_of():
    started = start(**DEMANDED)
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize("name", DEMANDED)
def test_without_a_secret_a_host_or_an_address_nothing_starts(name):
    started = start(**{k: v for k, v in DEMANDED.items() if k != name})
    assert started.returncode != 0
    assert name in started.stderr


def test_errors_are_never_shown_in_full_whatever_the_environment_says(
    production, monkeypatch
):
    monkeypatch.setenv("DJANGO_DEBUG", "true")
    assert importlib.reload(production).DEBUG is False


@pytest.mark.parametrize("path", ["/accounts/login/", "/", "/missing-22222222/"])
def test_a_year_of_https_for_every_answer(db, production, path):
    assert over_https(path)["Strict-Transport-Security"] == (
        "max-age=31536000; includeSubDomains"
    )


def test_plain_http_leads_to_https(db, production):
    answer = Client().get("/x", headers={"host": "wiki.example.org"})
    assert answer.status_code == 301
    assert answer["Location"] == "https://wiki.example.org/x"


def test_cookies_belong_to_this_host_alone(db, production, world):
    client = Client(headers={"host": "wiki.example.org"})
    client.get("/accounts/login/", secure=True)
    form = {"login": world.member.email, "password": "correct horse battery"}
    answer = client.post("/accounts/login/", form, secure=True)
    cookie = answer.cookies["__Host-sessionid"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert client.cookies["__Host-csrftoken"]["secure"]


@pytest.mark.parametrize(
    "host", ["evil.example", "wiki.example.org.evil.example", "wiki.example.org@evil"]
)
def test_another_host_is_refused(db, production, host):
    assert over_https("/accounts/login/", host=host).status_code == 400


def test_a_forwarded_host_is_not_believed(db, production, mailoutbox, world):
    client = Client(headers={"host": "wiki.example.org"})
    client.post(
        "/accounts/password/reset/",
        {"email": world.member.email},
        secure=True,
        headers={"x-forwarded-host": "evil.example"},
    )
    run_jobs("accounts.send_password_reset")
    assert "https://wiki.example.org/accounts/password/reset/key/" in mailoutbox[0].body
    assert "evil" not in mailoutbox[0].body


def test_an_answer_is_for_this_origin_alone(db, production):
    answer = over_https("/accounts/login/", origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_sign_ins_outlive_a_new_secret_key(world, settings):
    settings.SECRET_KEY = "the old one"
    client = Client()
    client.force_login(world.member)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["the old one"]
    request = HttpRequest()
    request.session = client.session
    assert get_user(request) == world.member
    settings.SECRET_KEY_FALLBACKS = []
    request.session = client.session
    assert get_user(request) != world.member
