"""What changed, line by line and word by word."""

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge.markup import line_diff
from knowledge.markup.lines import matching_blocks

lines = st.lists(
    st.sampled_from(["a", "b", "c", "one two", "one three", ""]), max_size=14
)


def shown(rows):
    """The rows as text: `[-…-]` for what went, `{+…+}` for what came."""
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return [
        f"({row.count})"
        if row.kind == "fold"
        else "".join(marks[token.kind].format(token.text) for token in row.tokens)
        for row in rows
    ]


def test_a_changed_word_is_marked_in_its_line():
    assert shown(line_diff("The old plan.", "The new plan.")) == [
        "The [-old-] plan.",
        "The {+new+} plan.",
    ]


def test_lines_that_have_nothing_in_common_are_marked_whole():
    assert shown(line_diff("Fire", "Water")) == ["[-Fire-]", "{+Water+}"]


def test_lines_that_came_and_went_have_the_number_of_their_side():
    rows = line_diff("a\nb\nc", "b\nc\nd")
    assert [(row.kind, row.old, row.new, row.text) for row in rows] == [
        ("delete", 1, None, "a"),
        ("equal", 2, 1, "b"),
        ("equal", 3, 2, "c"),
        ("insert", None, 3, "d"),
    ]


def test_lines_far_from_a_change_are_folded_and_counted():
    old = [f"line {number}" for number in range(20)]
    new = [*old[:10], "new", *old[10:]]
    rows = line_diff("\n".join(old), "\n".join(new), context=2)
    assert shown(rows) == [
        "(8)",
        "line 8",
        "line 9",
        "{+new+}",
        "line 10",
        "line 11",
        "(8)",
    ]


def test_one_line_is_never_folded():
    old = "\n".join("abcd")
    assert shown(line_diff(old, old + "\nx", context=3)) == [*"abcd", "{+x+}"]


def test_equal_texts_show_no_change():
    assert shown(line_diff("a\nb\nc", "a\nb\nc", context=0)) == ["(3)"]


def test_the_line_ends_of_a_browser_are_no_change():
    assert {row.kind for row in line_diff("a\nb", "a\r\nb")} <= {"equal", "fold"}


@given(lines, lines)
def test_both_texts_can_be_read_from_the_rows(old, new):
    assume(old != new)
    rows = line_diff("\n".join(old), "\n".join(new), context=100)
    before = [row.text for row in rows if row.old is not None]
    after = [row.text for row in rows if row.new is not None]
    assert "\n".join(before) == "\n".join(old)
    assert "\n".join(after) == "\n".join(new)
    assert [row.old for row in rows if row.old] == list(range(1, len(before) + 1))
    assert [row.new for row in rows if row.new] == list(range(1, len(after) + 1))


@given(lines, lines, st.integers(0, 4))
def test_folding_hides_nothing_that_changed(old, new, context):
    assume(old != new)
    whole = line_diff("\n".join(old), "\n".join(new), context=100)
    folded = line_diff("\n".join(old), "\n".join(new), context=context)
    changes = [row for row in whole if row.kind in {"insert", "delete"}]
    assert [row for row in folded if row.kind in {"insert", "delete"}] == changes
    hidden = sum(row.count for row in folded)
    assert len(whole) == len([row for row in folded if row.kind != "fold"]) + hidden


@given(lines, lines)
def test_what_is_said_to_match_does_and_in_order(old, new):
    blocks = matching_blocks(old, new)
    for block in blocks:
        kept = old[block.old : block.old + block.size]
        assert kept == new[block.new : block.new + block.size]
        assert len(kept) == block.size > 0
    for earlier, later in pairwise(blocks):
        assert earlier.old + earlier.size <= later.old
        assert earlier.new + earlier.size <= later.new


def test_long_texts_are_compared_by_the_lines_that_stand_once():
    old = [f"line {number}" for number in range(20_000)]
    new = [f"new {n}" if n % 2 else line for n, line in enumerate(old)]
    blocks = matching_blocks(old, new)
    assert sum(block.size for block in blocks) == 10_000


def test_long_texts_without_any_such_line_are_shown_as_changed():
    old, new = ["a", "b"] * 5_000, ["b", "c", "a"] * 4_000
    rows = line_diff("\n".join(old), "\n".join(new))
    assert {row.kind for row in rows} >= {"delete", "insert"}
