"""Two people changed the same text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.markup import merge3, open_places

BASE = "one\ntwo\nthree\nfour\nfive\nsix"
texts = st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=10).map("\n".join)


def test_changes_in_different_places_are_both_kept():
    mine = BASE.replace("two", "TWO")
    theirs = BASE.replace("five", "FIVE\nand more")
    merged = merge3(BASE, mine, theirs)
    assert merged.text == "one\nTWO\nthree\nfour\nFIVE\nand more\nsix"
    assert merged.conflicts == 0


def test_different_changes_of_a_line_are_shown_between_marks():
    merged = merge3(
        BASE,
        BASE.replace("three", "mine"),
        BASE.replace("three", "theirs"),
        mine_label="Ann",
        theirs_label="Bo",
    )
    assert merged.conflicts == 1
    assert merged.text == (
        "one\ntwo\n<<<<<<< Ann\nmine\n=======\ntheirs\n>>>>>>> Bo\nfour\nfive\nsix"
    )


def test_the_marks_say_whose_version_it_is():
    text = merge3("a", "b", "c").text
    assert text == "<<<<<<< Your version\nb\n=======\nc\n>>>>>>> Saved version"


def test_a_change_of_what_the_other_deleted_is_a_conflict():
    merged = merge3(BASE, BASE.replace("three\n", ""), BASE.replace("three", "3"))
    assert merged.conflicts == 1
    assert "\n3\n" in merged.text


def test_each_place_counts():
    mine = BASE.replace("one", "1").replace("six", "6")
    theirs = BASE.replace("one", "I").replace("six", "VI")
    assert merge3(BASE, mine, theirs).conflicts == 2


def test_the_line_ends_of_a_browser_are_no_change():
    mine = BASE.replace("two", "TWO").replace("\n", "\r\n")
    assert merge3(BASE, mine, BASE).text == BASE.replace("two", "TWO")


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_the_end_of_the_text_is_kept(end):
    mine = BASE.replace("one", "1") + end
    assert merge3(BASE + end, mine, BASE + end).text == mine


@given(texts, texts)
def test_who_changed_alone_gets_what_they_wrote(base, changed):
    for merged in (
        merge3(base, changed, base),
        merge3(base, base, changed),
        merge3(base, changed, changed),
    ):
        assert merged.text == changed
        assert merged.conflicts == 0


@given(texts, texts, texts)
def test_every_new_line_of_both_is_in_the_result(base, mine, theirs):
    merged = merge3(base, mine, theirs).text.split("\n")
    known = set(base.split("\n"))
    for line in {*mine.split("\n"), *theirs.split("\n")} - known:
        assert line in merged


@given(texts, texts, texts)
def test_it_does_not_matter_who_saves_first_for_what_conflicts(base, mine, theirs):
    assert merge3(base, mine, theirs).conflicts == merge3(base, theirs, mine).conflicts


@given(
    st.integers(3, 12).flatmap(
        lambda size: st.tuples(st.just(size), st.integers(0, size - 3), st.data())
    )
)
def test_edits_that_do_not_touch_are_both_there(drawn):
    size, first, data = drawn
    second = data.draw(st.integers(first + 2, size - 1))
    base = [f"line {number}" for number in range(size)]
    mine, theirs, both = list(base), list(base), list(base)
    mine[first] = both[first] = "mine"
    theirs[second] = both[second] = "theirs"
    merged = merge3("\n".join(base), "\n".join(mine), "\n".join(theirs))
    assert merged.text == "\n".join(both)
    assert merged.conflicts == 0


def test_open_places_are_those_that_a_merge_left():
    merged = merge3("a\nb\nc", "a\nmine\nc", "a\ntheirs\nc")
    assert merged.conflicts == 1
    assert open_places(merged.text) == 1
    assert open_places(f"{merged.text}\n\nmore\n{merged.text}") == 2
    chosen = merged.text.replace("\ntheirs", "").split("\n")
    assert open_places("\n".join(line for line in chosen if line[:1] not in "<=>")) == 0


def test_marks_in_code_and_in_headings_are_no_open_places():
    marks = "<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> main"
    assert open_places(f"```\n{marks}\n```") == 0
    assert open_places(f"~~~ text\n{marks}\n") == 0
    assert open_places("Title\n=======\n\ntext >>>>>>> here") == 0
    assert open_places(marks) == 1
