"""What was meant: words one letter apart, and only such as the person could read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.pages.services_structure import trash_page
from search.models import Word
from search.query import parse_query
from search.spelling import _distance, correct, forget, keys_of
from tests.factories import make_article
from tests.search.asking import ask, titles

words = st.text("abcdeé", min_size=3, max_size=8)


@pytest.fixture
def quay(world, indexed):
    make_article(
        world.shared, world.admin, "Moorings", body="The harbour has bollards."
    )
    make_article(
        world.closed, world.admin, "Secret", body="The harbinger is zandbanken."
    )
    make_article(world.shared, world.admin, "Schlüssel", body="Ein Tor.", language="de")
    indexed()
    return world


@pytest.mark.parametrize("typed", ["harbuor", "habour", "harbourr", "hqrbour"])
def test_a_mistyped_word_is_searched_as_it_was_meant(quay, typed):
    answer = ask(quay.guest, f"{typed} type:page")
    assert titles(answer) == ["Moorings"]
    assert (answer.better, answer.is_better) == ("harbour type:page", True)


def test_accents_stay_in_what_is_proposed(quay):
    assert ask(quay.guest, "schlusxel").better == "schlüssel"


def test_with_some_results_the_word_is_proposed_only(quay):
    answer = ask(quay.guest, "bollards harbuor")
    assert titles(answer) == ["Moorings"]
    assert (answer.better, answer.is_better) == ("bollards harbour", False)


def test_no_word_of_a_hidden_page_is_ever_proposed(quay):
    for user in (quay.guest, quay.other_guest):
        for typed in ("zandbanke", "harbingre", "zandbankem"):
            answer = ask(user, typed)
            assert (answer.better, answer.total) == ("", 0), typed
    assert ask(quay.admin, "zandbankem").better == "zandbanken"
    assert ask(quay.other_guest, "harbuor").better == ""


def test_a_hidden_word_that_is_nearer_does_not_stand_in_the_way(quay, indexed):
    for number in range(30):
        body = " ".join(f"harbou{letter}" for letter in "abcdefghijklmnop")
        make_article(quay.closed, quay.admin, f"Noise {number}", body=body)
    indexed()
    assert ask(quay.guest, "harbouz").better == "harbour"


@pytest.mark.parametrize("text", ["harbour", "bol", "-harbuor", "42424", '"habour x"'])
def test_what_is_there_or_is_no_word_is_left_alone(quay, text):
    assert ask(quay.guest, text).better == ""


def test_words_of_purged_pages_are_forgotten(quay, indexed):
    page = make_article(quay.shared, quay.admin, "Kraanvogel", body="Kraanvogels.")
    indexed()
    assert Word.objects.filter(text="kraanvogels").exists()
    trash_page(page=page, by=quay.admin)
    indexed()
    assert forget() == 2
    assert not Word.objects.filter(text__startswith="kraanvogel").exists()
    assert Word.objects.filter(text="harbour").exists()


def test_a_question_of_words_that_nothing_has_asks_a_bounded_number_of_queries(
    quay, django_assert_max_num_queries
):
    query = parse_query(" ".join(f"harbou{letter}x" for letter in "abcdefghijklmn"))
    with django_assert_max_num_queries(8):
        correct(quay.guest, query)


@given(words, words)
def test_the_distance_is_one_of_letters(one, other):
    assert _distance(one, other) == _distance(other, one)
    assert (_distance(one, other) == 0) == (one == other)
    assert _distance(one, other) <= max(len(one), len(other))
    assert _distance(one, one[1:] + one[:1]) <= 2


@given(words, st.integers(0, 7), st.sampled_from("xyz"), st.sampled_from("drsi"))
def test_words_one_slip_apart_share_a_key(word, place, letter, slip):
    n = place % len(word)
    other = {
        "d": word[:n] + word[n + 1 :],
        "r": word[:n] + letter + word[n + 1 :],
        "i": word[:n] + letter + word[n:],
        "s": word[:n] + word[n : n + 2][::-1] + word[n + 2 :],
    }[slip]
    assert set(keys_of(word)) & set(keys_of(other))
