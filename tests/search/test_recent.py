"""What a person searched lately: for that person alone, and only what was submitted."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from knowledge.access.rule import forget
from search.models import RecentSearch
from search.saving import MAX_RECENT, note_recent
from search.tasks import forget_searches
from tests.search.asking import WORD


def asked(user: User) -> list[str]:
    return list(RecentSearch.objects.filter(owner=user).values_list("text", flat=True))


def offered(client) -> list[str]:
    page = client.get("/search/").content.decode()
    return re.findall(r'<option value="([^"]*)">', page)


def test_submitted_questions_are_offered_to_who_asked_them_the_last_first(
    world, sign_in
):
    client = sign_in(world.member)
    for text in ("first", "  second   words ", "first"):
        client.get("/search/", {"q": text})
    assert offered(client) == ["first", "second words"]
    page = client.get("/search/").content.decode()
    assert 'href="/search/?q=second%20words"' in page
    assert 'list="recent-searches"' in page


def test_a_question_with_signs_comes_back_as_it_was_typed(world, sign_in):
    client = sign_in(world.member)
    client.get("/search/", {"q": 'a&b/c "<b>" #'})
    page = client.get("/search/").content.decode()
    address = re.search(r'href="(/search/\?q=a[^"]+)"', page)[1]
    client.get(address)
    assert asked(world.member) == ['a&b/c "<b>" #']


@pytest.mark.parametrize(
    "rest",
    [
        "&format=json",
        "&page=2",
        "&page=1",
        "&language=nl",
        "&type=file&updated=",
        "&updated=week",
        "&sort=title",
    ],
)
def test_choices_orders_pages_and_data_are_no_new_question(world, sign_in, rest):
    sign_in(world.member).get(f"/search/?q={WORD}{rest}")
    assert asked(world.member) == []


def test_what_a_browser_fetches_in_case_is_not_remembered(world, sign_in):
    client = sign_in(world.member)
    for purpose in ("prefetch", "prefetch;prerender"):
        client.get("/search/", {"q": WORD}, headers={"Sec-Purpose": purpose})
    client.head("/search/", {"q": WORD})
    client.get("/search/", {"q": ""})
    client.get("/search/suggest", {"q": WORD})
    assert asked(world.member) == []


def test_remembering_is_one_statement_and_none_where_nothing_is_remembered(
    world, sign_in, django_assert_num_queries
):
    with django_assert_num_queries(1):
        note_recent(by=world.member, text=WORD)
    with django_assert_num_queries(1):
        note_recent(by=world.member, text=WORD)
    assert asked(world.member) == [WORD]


def test_ten_are_shown_and_the_night_deletes_the_others(world, sign_in):
    for number in range(MAX_RECENT + 3):
        note_recent(by=world.member, text=f"word {number}")
    note_recent(by=world.guest, text="other")
    last = [f"word {number}" for number in range(MAX_RECENT + 2, 2, -1)]
    assert offered(sign_in(world.member)) == last
    forget_searches()
    assert asked(world.member) == last
    assert asked(world.guest) == ["other"]


def test_after_ninety_days_a_question_is_forgotten(world):
    now = timezone.now()
    for days in (91, 89):
        with time_machine.travel(now - datetime.timedelta(days=days)):
            note_recent(by=world.member, text=f"{days} days ago")
    forget_searches()
    assert asked(world.member) == ["89 days ago"]


def test_one_is_forgotten_or_all_of_them_and_never_somebody_elses(world, sign_in):
    client = sign_in(world.member)
    for text in ("one", "two", "three"):
        note_recent(by=world.member, text=text)
    note_recent(by=world.guest, text="other")
    other, one = (
        RecentSearch.objects.get(text=text).public_id for text in ("other", "one")
    )
    answers = [
        client.post("/search/recent/forget", {"which": which})
        for which in (other, "zzzzzzzz")
    ]
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {
        (302, "/search/")
    }
    assert asked(world.guest) == ["other"]
    client.post("/search/recent/forget", {"which": one})
    assert offered(client) == ["three", "two"]
    client.get("/search/recent/forget")
    assert offered(client) == ["three", "two"]
    client.post("/search/recent/forget")
    assert (asked(world.member), asked(world.guest)) == ([], ["other"])


def test_nobody_reads_what_somebody_else_searched_operators_included(world, sign_in):
    note_recent(by=world.member, text="eendenkooi")
    User.objects.filter(pk=world.manager.pk).update(is_superuser=True)
    for stranger in (world.admin, world.manager, world.guest):
        forget(stranger)
        page = sign_in(stranger).get("/search/").content.decode()
        assert "eendenkooi" not in page
        assert "recent-searches" not in page
