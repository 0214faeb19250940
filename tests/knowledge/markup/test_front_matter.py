"""The block that other tools put above a page."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.markup import split_front_matter

BOMB = "\n".join(
    ["a: &a [x,x,x,x,x,x,x,x,x]"]
    + [
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
)


def test_it_is_taken_off():
    text = "---\ntitle: Fire test\ntags: [a, b]\ndate: 2026-05-01\n---\n# Body\n"
    found = split_front_matter(text)
    assert found.data == {
        "title": "Fire test",
        "tags": ["a", "b"],
        "date": date(2026, 5, 1),
    }
    assert found.body == "# Body\n"
    assert found.error is None


@pytest.mark.parametrize(
    "text",
    [
        "# Body",
        "",
        "---",
        "---\nno end",
        "text\n---\na: b\n---\n",
        "----\na: b\n----\n",
    ],
)
def test_a_text_without_it_is_the_body(text):
    assert split_front_matter(text) == ({}, text, None)


@pytest.mark.parametrize("end", ["---\n", "...\n", "---", "---  \r\n"])
def test_its_end_may_be_written_in_more_ways(end):
    assert split_front_matter(f"\ufeff---\r\na: b\r\n{end}").data == {"a": "b"}


def test_an_empty_one_says_nothing():
    assert split_front_matter("---\n---\nBody") == ({}, "Body", None)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("a: [", "expected"),
        ("a: b: c", "mapping values"),
        ("- a\n- b", "not a list of names"),
        ("just words", "not a list of names"),
        ("a: 2026-13-45", "month must be"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine"),
        ("a: " + "[" * 5_000, "nested too deeply"),
        ("a: &x [*x]", "references"),
        (BOMB, "references"),
        ("a: " + "x" * 70_000, "more than 64000"),
        ("? [a, b]\n: c\n? {a: b}\n: d", "unhashable"),
        # Numbers and characters that are too large, in each way YAML has for them.
        ('a: "\\UFFFFFFFF"', "Python int too large"),
        ("a: " + "1:" * 200 + "1.0", "too large"),
        ("a: " + "1" * 5_000, "digits"),
        # Tags that promise what the value does not keep.
        ("a: !!timestamp x", "cannot be read"),
        ("a: !!bool x", "cannot be read"),
        ('a: !!int ""', "cannot be read"),
        ('a: !!float ""', "cannot be read"),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_read_is_said_and_the_body_kept(block, reason):
    found = split_front_matter(f"---\n{block}\n---\nBody")
    assert found.data == {}
    assert found.body == "Body"
    assert reason in (found.error or "")


PIECES = [
    *("a: ", "title: ", "? ", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", ": "),
    *(
        "!!int ",
        "!!float ",
        "!!timestamp ",
        "!!bool ",
        "!!binary ",
        "!!set ",
        "!!omap ",
    ),
    *("!!pairs ", "!!null ", "!!str ", "<<: ", "'", '"', "|\n  ", ">\n  ", "~", "yes"),
    *("2026-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1:1:1"),
    *("1e999", ".inf", ".nan", "0x" + "f" * 5_000, "9" * 5_000, "1:" * 200 + "1.0"),
    *('"\\UFFFFFFFF"', '"\\ud800"', '"\\0"', "'\\u0000'", "x", "0o8", "0b2", "-", "="),
]
BLOCKS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@given(BLOCKS)
def test_any_value_is_read_or_its_fault_is_said(block):
    found = split_front_matter(f"---\n{block}\n---\nBody")
    assert found.body.endswith("Body")
    assert not (found.data and found.error)
    assert all(isinstance(name, str) for name in found.data)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"\n \t%@`#,?0123456789", max_size=60))
def test_any_block_is_read_or_its_fault_is_said(block):
    found = split_front_matter(f"---\n{block}\n---\nBody")
    assert found.body.endswith("Body")
    assert not (found.data and found.error)
