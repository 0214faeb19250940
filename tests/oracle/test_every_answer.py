"""Every address of the registry, as several people: headers, and that reading writes nothing."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.oracle.crawl import MISSING, address_of, client_of, rolled_back, things_for
from tests.oracle.surfaces import FORM, SURFACES, WAIVED
from tests.oracle.words import Stage

ASKED = ("anonymous", "beta_member", "host_admin")
FILES = ("file_original", "file_thumb")
# What the waived addresses take.
WAIVED_ARGUMENTS = {
    "invitation": {"token": "unknown"},
    "search:stop_alert": {"token": "unknown"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "unknown"},
}
# Tables in which an answer to GET may leave something: counted limits, sign-ins, and
# small versions of pictures, made when first asked for.
MAY_WRITE = {
    "accounts_counter",
    "django_session",
    "usersessions_usersession",
    "files_rendition",
}
# A table that is taken away is recorded, as the log is (tests/search/test_export.py).
RECORDED = {"search:export": {"accounts_auditevent"}}
WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)


def addresses(stage: Stage, viewer: str) -> list[tuple[str, str]]:
    """One of each kind that the viewer knows, one hidden, one that never was."""
    found = []
    for surface in SURFACES:
        if not surface.kind:
            found.append((surface.name, address_of(surface, {})))
            continue
        things = things_for(stage, surface)
        known = [t.arguments for t in things if viewer in t.knowers][:1]
        hidden = [t.arguments for t in things if viewer not in t.knowers][:1]
        found += [
            (surface.name, address_of(surface, arguments))
            for arguments in (*known, *hidden, MISSING[surface.kind])
        ]
    for name in WAIVED:
        kwargs = WAIVED_ARGUMENTS.get(name, {})
        found.append((name, reverse(name, kwargs=kwargs)))
    return found


def faults(name: str, response: HttpResponse) -> list[str]:
    """What is missing from the head of an answer."""
    headers = response.headers
    demanded = {
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    wrong = [key for key, value in demanded.items() if headers.get(key) != value]
    policy = {
        part.split()[0]: part.split()[1:]
        for part in headers.get("Content-Security-Policy", "").split(";")
        if part.strip()
    }
    if policy.get("default-src") != ["'none'"] or "frame-ancestors" not in policy:
        wrong.append("policy")
    if policy.get("script-src", ["'self'"]) != ["'self'"]:
        wrong.append("scripts")
    is_file = name in FILES and response.status_code == 200
    if "'unsafe-inline'" in policy.get("style-src", []) and not is_file:
        wrong.append("styles")
    if is_file and "sandbox" not in policy and "object-src" not in policy:
        wrong.append("sandbox")
    return wrong


def test_the_judge_knows_a_fault():
    assert faults("home", HttpResponse())[:2] == [
        "Cache-Control",
        "X-Content-Type-Options",
    ]
    loose = HttpResponse()
    loose["Content-Security-Policy"] = "script-src 'self' 'unsafe-inline'"
    assert {"policy", "scripts"} <= set(faults("home", loose))


@pytest.fixture(scope="module")
def answers(stage):
    """What each viewer received, once for all tests: name, method, answer, writes."""
    return {viewer: list(received(stage, viewer)) for viewer in ASKED}


def received(stage: Stage, viewer: str):
    client = client_of(stage, viewer)
    for name, address in addresses(stage, viewer):
        for method, form in (("get", {}), ("post", FORM)):
            with rolled_back(), CaptureQueriesContext(connection) as captured:
                response = getattr(client, method)(address, form)
                # An open file is read to its end.
                list(response.streaming_content if response.streaming else ())
            writes = {
                match[1]
                for query in captured.captured_queries
                if (match := WRITE.match(query["sql"]))
            }
            connection.queries_log.clear()
            yield name, method, response, writes
        if name == "account_logout" and viewer != "anonymous":
            client = client_of(stage, viewer)


@pytest.mark.parametrize("viewer", ASKED)
def test_every_answer_is_private_and_closed(answers, viewer):
    found = {
        f"{method} {name} {response.status_code}": wrong
        for name, method, response, _writes in answers[viewer]
        if (wrong := faults(name, response))
    }
    assert found == {}


def test_refusals_and_redirects_were_among_them(answers):
    statuses = {r.status_code for all_ in answers.values() for _n, _m, r, _w in all_}
    assert {200, 302, 403, 404, 405, 409, 410} <= statuses


@pytest.mark.parametrize("viewer", ASKED)
def test_reading_writes_nothing(answers, viewer):
    found = {
        name: writes - MAY_WRITE - RECORDED.get(name, set())
        for name, method, _response, writes in answers[viewer]
        if method == "get" and writes - MAY_WRITE - RECORDED.get(name, set())
    }
    assert found == {}


def test_writing_would_have_been_seen(answers):
    written = {w for _n, method, _r, ws in answers["host_admin"] for w in ws}
    assert {"accounts_auditevent", "wagtailcore_revision"} <= written
