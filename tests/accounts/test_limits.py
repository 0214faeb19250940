"""What one person may do in a time, counted for all processes together."""

import threading

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.urls import get_resolver

from accounts.limits import Rate, count, forget_old_counts
from kbsite.settings import base

BODY = {"title": "Mine", "body": "A text that took an hour."}


@pytest.mark.parametrize(
    ("text", "rate"),
    [("300/m", (300, 60)), ("60/10m", (60, 600)), ("50/d", (50, 86400))],
)
def test_a_rate_is_read(text, rate):
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "5", "5/", "m/5", "5/w", "-1/m"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        Rate.parse(text)


def test_counting_starts_anew_when_the_time_is_up(db, time_machine):
    time_machine.move_to("2030-01-01 12:00+00:00", tick=False)
    assert [count("a", "x", seconds=60).hits for _ in range(3)] == [1, 2, 3]
    assert count("a", "y", seconds=60).hits == 1
    assert count("b", "x", seconds=60).hits == 1
    time_machine.move_to("2030-01-01 12:01:01+00:00", tick=False)
    assert count("a", "x", seconds=60).hits == 1
    assert forget_old_counts() == 2


@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_when_many_count_at_once():
    def counter() -> None:
        for _ in range(10):
            count("a", "x", seconds=600)
        connection.close()

    threads = [threading.Thread(target=counter) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert count("a", "x", seconds=600).hits == 51


def test_limits_of_sign_in_are_shared_by_processes_and_pages_are_not(db):
    cache.set("allauth:rl:test", [1], 60)
    cache.set("page", "html", 60)
    assert caches["shared"].get("allauth:rl:test") == [1]
    assert caches["shared"].get("page") is None
    assert cache.get("page") == "html"


def test_too_much_at_once_says_when_to_try_again_and_keeps_the_text(
    settings, world, come_in
):
    settings.RATE_LIMITS = {"POST page_edit": "1/m"}
    client = come_in(world.admin)
    where = f"/{world.plan.slug}/edit"
    assert client.post(where, BODY).status_code != 429
    answer = client.post(where, BODY, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert BODY["body"] in answer.content.decode()
    assert come_in(world.manager).post(where, BODY).status_code != 429


def test_a_form_of_another_site_puts_no_words_on_our_page(settings, world, come_in):
    settings.RATE_LIMITS = {"POST page_edit": "0/m"}
    answer = come_in(world.admin).post(f"/{world.plan.slug}/edit", BODY)
    assert answer.status_code == 429
    assert BODY["body"] not in answer.content.decode()


def test_who_guesses_addresses_is_named_in_the_log_once(
    world, come_in, monkeypatch, caplog
):
    monkeypatch.setattr("kbsite.middleware.MISSING_LIMIT", 3)
    client = come_in(world.guest)
    for _ in range(5):
        # What is hidden counts like what never was.
        client.get(f"/{world.closed.slug}/")
    told = [r.getMessage() for r in caplog.records if "missing pages" in r.getMessage()]
    assert told == [f"{world.guest.public_id} asked for 3 missing pages"]


def test_what_looks_people_pages_and_words_up_is_bounded():
    for act in ("search:results", "search:suggestions", "page_access", "page_move"):
        assert f"GET {act}" in base.RATE_LIMITS
    for act in ("invitations", "page_preview", "file_upload", "found_organisation"):
        assert f"POST {act}" in base.RATE_LIMITS


def test_every_limit_names_an_address_that_exists():
    names = address_names()
    for act in base.RATE_LIMITS:
        method, name = act.split(" ")
        assert method in ("GET", "POST")
        assert name in names, name


def address_names() -> set[str]:
    def walk(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                space = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from walk(pattern, prefix + space)
            elif pattern.name:
                yield prefix + pattern.name

    return set(walk(get_resolver()))
