"""Every answer, whatever it is about: kept by nobody, run by nothing, told to nobody else."""

import re

import pytest

from tests.factories import PASSWORD
from tests.oracle.crawl import MISSING, address_of, ask, client_of, things_for
from tests.oracle.surfaces import SURFACES

SHOWN = ("Content-Type: image/", "Content-Type: application/pdf")


def answers(stage, viewer):
    """Ask each surface about one thing that the viewer knows and one that never was."""
    client = client_of(stage, viewer)
    for surface in SURFACES:
        known = [t for t in things_for(stage, surface) if viewer in t.knowers]
        asked = [known[0].arguments] if known else []
        asked += [MISSING[surface.kind]] if surface.kind else [{}]
        for arguments in asked:
            yield surface.name, ask(client, "GET", address_of(surface, arguments), {})


@pytest.fixture(scope="module")
def received(stage):
    """All answers to somebody whom most is shown, and to a stranger."""
    viewers = ("host_admin", "anonymous")
    return [found for viewer in viewers for found in answers(stage, viewer)]


def header(got, name: str) -> str:
    found = re.search(rf"(?mi)^{name}: (.*)$", got.head)
    return found[1] if found else ""


def test_no_cache_keeps_an_answer(received):
    kept = {
        name: header(got, "Cache-Control")
        for name, got in received
        if header(got, "Cache-Control") != "no-store, private"
    }
    assert not kept
    assert len(received) > 100


def test_nothing_in_an_answer_runs_or_comes_from_elsewhere(received):
    for name, got in received:
        policy = header(got, "Content-Security-Policy")
        rules = dict(
            (rule.strip() + " ").split(" ", 1) for rule in policy.split(";") if rule
        )
        assert rules["default-src"].strip() == "'none'", name
        assert rules["frame-ancestors"].strip() == "'none'", name
        for kind in ("script-src", "img-src", "connect-src", "form-action"):
            assert rules.get(kind, "'self'").strip() in ("'self'", "'none'"), name
        assert header(got, "X-Content-Type-Options") == "nosniff", name
        assert header(got, "Referrer-Policy") == "same-origin", name
        assert header(got, "Cross-Origin-Resource-Policy") == "same-origin", name


def test_a_file_is_a_document_that_may_do_nothing(received):
    files = [got for name, got in received if name in ("file_original", "file_thumb")]
    sent = [got for got in files if got.status == 200]
    assert len(sent) == 2
    for got in sent:
        assert "sandbox" in header(got, "Content-Security-Policy")
        shown = header(got, "Content-Disposition").startswith("inline")
        assert not shown or any(kind in got.head for kind in SHOWN)


def test_no_script_and_no_other_site_gets_a_cookie(stage):
    client = client_of(stage, "anonymous")
    form = {"login": stage.users["beta_member"].email, "password": PASSWORD}
    page = ask(client, "GET", "/accounts/login/", {})
    entered = ask(client, "POST", "/accounts/login/", form)
    cookies = [
        line
        for got in (page, entered)
        for line in got.head.splitlines()
        if re.match(r"\w+=", line)
    ]
    assert any(line.startswith("sessionid=") for line in cookies)
    assert any(line.startswith("csrftoken=") for line in cookies)
    for line in cookies:
        assert "HttpOnly" in line, line
        assert re.search(r"SameSite=(Lax|Strict)", line), line
