"""What was typed, and suggestions while typing."""

from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page

from accounts.models import User
from search.languages import guess_language
from search.query import MAX_WORDS, Term, normalise, parse_query
from search.reader import CHUNK, chunks
from search.suggesting import suggest, with_words
from tests.factories import make_article, make_person
from tests.search.asking import suggested


@given(st.text(max_size=600))
def test_every_text_can_be_parsed_and_parsed_again(text):
    query = parse_query(text)
    assert len(query.text) <= 400
    assert len(query.words) <= MAX_WORDS
    assert "\x00" not in query.text
    again = parse_query(query.text)
    assert replace(again, text="", notes=()) == replace(query, text="", notes=())


def test_words_phrases_and_exclusions():
    query = parse_query('fire "first ten minutes" -hall e-mail 2.5 fire')
    assert query.words == ("fire", "e-mail", "2.5")
    assert query.required == ((Term("first ten minutes", phrase=True),),)
    assert query.excluded == (Term("hall"),)
    assert query.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        'one "two',
        "z*",
        "x" * 401,
        " ".join("abcdefghijklmnopqrstuvwxyz0123456789"),
        "-only",
    ],
)
def test_what_was_left_out_is_said(text):
    assert parse_query(text).notes


@pytest.mark.parametrize("text", ["", "   ", "*", '""', "-", "\x00", "-lead"])
def test_nothing_to_find_is_nothing(text):
    assert not parse_query(text)


def test_apostrophe_endings_go_and_other_apostrophes_stay():
    assert normalise("auto's Jan\u2019s collega' rock'n'roll") == (
        "auto Jan collega rock'n'roll"
    )


def test_few_words_are_in_the_language_of_the_person():
    assert guess_language(("de", "brand"), default="en") == "en"
    dutch = ("hoe", "laden", "wij", "een", "nieuwe", "accu")
    assert guess_language(dutch, default="en") == "nl"
    german = ("wie", "wird", "die", "Batterie", "geladen")
    assert guess_language(german, default="en") == "de"
    assert guess_language(("x", "y", "z", "q"), default="nl") == "nl"


@given(st.integers(0, 3), st.integers(-1, 1))
def test_long_lists_of_roots_are_cut_into_portions_and_never_short(parts, more):
    ids = range(max(0, parts * CHUNK + more))
    portions = list(chunks(ids))
    assert [one for portion in portions for one in portion] == list(ids)
    assert all(len(portion) <= CHUNK for portion in portions)


def test_suggestions_are_titles_of_visible_pages_only(world):
    for number in range(12):
        make_article(world.shared, world.admin, f"Mooring plan {number:02}")
    make_article(world.closed, world.admin, "Mooring secret")
    make_article(world.shared, world.admin, "Mooring draft", publish=False)
    assert suggested(world.guest, "moor") == [f"Mooring plan {n:02}" for n in range(8)]
    assert suggested(world.guest, "plan 1")[0] == "Mooring plan 10"
    assert suggested(world.guest, "secret") == []
    assert suggested(world.guest, "draft") == []
    assert suggested(world.other_guest, "moor") == []
    assert suggested(world.guest, "m") == []
    assert suggested(world.guest, "\x00%_") == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("plan moor", "Mooring plan"),
        ("fire-te", "Fire-test, round 3"),
        ("3.2", "Release 3.2"),
        ("url_over", "chrome_url_overrides"),
        ("o'b", "O'Brien and co"),
        ("Straß", "Die Straße"),
        ("日本", "日本語"),
    ],
)
def test_suggestions_begin_like_words_of_a_title(world, text, title):
    make_article(world.shared, world.admin, title)
    assert suggested(world.guest, text) == [title]


@pytest.mark.django_db
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_whatever_is_typed_suggestions_answer(text):
    nobody = User.objects.order_by("pk").first() or make_person()
    assert suggest(nobody, text) == []


def test_suggestions_can_be_read_from_the_index_of_words(db):
    with connection.cursor() as cursor:
        # A handful of pages is read faster one by one; whether the index fits is asked.
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "page_title_words" in with_words(Page.objects.order_by(), "moor").explain()


def test_suggestions_as_a_fragment(world, client, django_assert_max_num_queries):
    make_article(world.shared, world.admin, "Mooring <b>")
    client.force_login(world.guest)
    with django_assert_max_num_queries(10):
        page = client.get("/search/suggest?q=moor").content.decode()
    assert "Mooring &lt;b&gt;" in page
    assert "<html" not in page
    data = client.get("/search/suggest?q=moor&format=json").json()
    assert [one["title"] for one in data["suggestions"]] == ["Mooring <b>"]


def test_a_stranger_is_asked_to_sign_in(world, client):
    for address in (
        "/search/?q=plan",
        "/search/?q=plan&format=json",
        "/search/suggest",
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


def test_the_empty_page_asks_nothing(world, client):
    client.force_login(world.guest)
    answer = client.get("/search/")
    assert answer.status_code == 200
    assert b'<li class="hit' not in answer.content
    data = client.get("/search/?format=json").json()
    assert (data["total"], data["hits"]) == (0, [])
