"""What holds for every answer: headers, refusals, and texts that are not lost."""

import re

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from kbsite import errors
from knowledge.pages import views_edit
from knowledge.pages.selectors_history import version_id

TEXT = {"title": "Mine", "body": "A text that took an hour.", "action": "publish"}
SAME = {"sec-fetch-site": "same-origin"}
ADDRESSES = ("/", "/search/?q=x", "/accounts/login/", "/missing-22222222/", "/cms/")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("stranger", [True, False])
def test_every_dynamic_answer_is_private_and_closed(world, sign_in, address, stranger):
    client = Client() if stranger else sign_in(world.admin)
    headers = client.get(address).headers
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    scripts = next(p for p in policy.split(";") if p.strip().startswith("script-src"))
    assert "unsafe" not in scripts
    if not address.startswith("/cms/"):
        assert "unsafe" not in policy


def test_there_is_one_sign_in(world):
    callbacks = [
        pattern.callback.__module__
        for pattern in walk(get_resolver())
        if not str(getattr(pattern, "full", "")).startswith("cms/")
    ]
    assert not [name for name in callbacks if name.startswith("django.contrib.auth")]
    assert Client().get("/_util/login/").status_code == 302


def walk(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        full = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            pattern.full = full
            yield pattern
        else:
            yield from walk(pattern, full)


def test_signing_out_tells_the_browser_to_forget(world, sign_in):
    answer = sign_in(world.admin).post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"cache"'


def test_who_was_signed_out_while_writing_gets_the_text_back(world):
    answer = Client().post(f"/{world.plan.slug}/edit", TEXT, headers=SAME)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert TEXT["body"] in page
    assert f"/accounts/login/?next=/{world.plan.slug}/edit" in page


def test_the_same_for_a_page_that_never_was(world):
    there = Client().post(f"/{world.plan.slug}/edit", TEXT, headers=SAME)
    gone = Client().post("/gone-22222222/edit", TEXT, headers=SAME)
    a, b = (answer.content.decode() for answer in (there, gone))
    assert a.replace(world.plan.slug, "gone-22222222") == b


def test_another_site_cannot_put_words_on_ours(world):
    answer = Client().post(f"/{world.plan.slug}/edit", TEXT)
    assert answer.status_code == 302
    cross = Client().post("/x/", TEXT, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 302


def test_an_expired_form_keeps_the_text(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.admin)
    answer = client.post(f"/{world.plan.slug}/edit", TEXT, headers=SAME)
    assert answer.status_code == 403
    assert TEXT["body"] in answer.content.decode()


def test_what_is_too_large_is_refused_unread(world, sign_in, settings):
    settings.BODY_MAX_BYTES = 100
    answer = sign_in(world.admin).post(f"/{world.plan.slug}/edit", {"body": "x" * 200})
    assert answer.status_code == 413
    assert "larger than anything" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("away"), 503), (ValueError("ours"), 500)]
)
def test_a_fault_keeps_the_text_and_says_whether_to_wait(
    world, sign_in, monkeypatch, error, status
):
    def broken(**_kwargs):
        raise error

    monkeypatch.setattr(views_edit, "save_page", broken)
    client = sign_in(world.admin)
    client.raise_request_exception = False
    page = world.plan
    form = TEXT | {"base": version_id(page.latest_revision_id), "language": "en"}
    answer = client.post(f"/{page.slug}/edit", form, headers=SAME)
    assert answer.status_code == status
    assert TEXT["body"] in answer.content.decode()
    assert answer.has_header("Retry-After") == (status == 503)


def test_a_fault_says_nothing_of_its_cause_and_gives_a_number(
    world, sign_in, monkeypatch, caplog
):
    def broken(**_kwargs):
        raise ValueError("SELECT secret FROM somewhere")

    monkeypatch.setattr(views_edit, "save_page", broken)
    client = sign_in(world.admin)
    client.raise_request_exception = False
    page = world.plan
    form = TEXT | {"base": page.latest_revision_id, "language": "en"}
    text = client.post(f"/{page.slug}/edit", form).content.decode()
    for word in ("SELECT", "secret", "Traceback", "ValueError", "save_page"):
        assert word not in text
    number = re.search(r"mention ([0-9a-f-]{36})\.", text)[1]
    told = [str(record.msg) + record.getMessage() for record in caplog.records]
    assert any(number in words for words in told)


def test_no_address_does_without_the_token_of_a_form():
    """Wagtail's own reading API for its screens does; the gate keeps it shut."""
    exempt = [
        pattern.full
        for pattern in walk(get_resolver())
        if getattr(pattern.callback, "csrf_exempt", False)
    ]
    assert [full for full in exempt if not full.startswith("cms/api/main/")] == []


def test_who_asks_for_json_is_refused_in_json():
    request = RequestFactory().get("/", headers={"accept": "application/json"})
    assert errors.too_many(request).headers["Content-Type"] == "application/json"
    assert errors.too_large(request).status_code == 413
