"""How links are found in a text, and where they lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.pages.importing.links import Kind, Places, rewrite
from knowledge.pages.importing.texts import SourcePage


def mark(address: str) -> str:
    return f"<{address}>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", "[a](NEW)"),
        ("[a](<b c.md>)", "[a](NEW)"),
        ('[a](b.md "title")', '[a](NEW "title")'),
        ("[a](b.md 'title')", "[a](NEW 'title')"),
        ("[a]( b.md )", "[a]( NEW )"),
        ("![a](b.png)", "![a](NEW)"),
        ("[![a](b.png)](c.md)", "[![a](NEW)](NEW)"),
        ("[a](b_(c).md)", "[a](NEW)"),
        ("[a](b.md)[c](d.md)", "[a](NEW)[c](NEW)"),
        ("[a]: b.md", "[a]: NEW"),
        ('  [a]: <b.md> "t"', '  [a]: NEW "t"'),
        ("[^1]: Support", "[^1]: Support"),
        ('<img alt="x" src="b.png">', '<img alt="x" src="NEW">'),
        ("<a class='x' href='b.md'>y</a>", "<a class='x' href=\"NEW\">y</a>"),
        ("`[a](b.md)`", "`[a](b.md)`"),
        ("``[a](b.md) ` ``", "``[a](b.md) ` ``"),
        ("```\n[a](b.md)\n```\n[a](b.md)", "```\n[a](b.md)\n```\n[a](NEW)"),
        ("~~~md\n[a](b.md)\n~~~", "~~~md\n[a](b.md)\n~~~"),
        ("```\n[a](b.md) never closed", "```\n[a](b.md) never closed"),
        ("<!-- [a](b.md) -->", "<!-- [a](b.md) -->"),
        ("[a]()", "[a]()"),
        ("[[Title]]", "[[Title]]"),
    ],
)
def test_links_are_found(text, expected):
    assert rewrite(text, lambda _address: "NEW") == expected


@given(st.text(alphabet="ab[]()<>!`~\"'\\ \n#:./-=", max_size=200))
def test_a_text_without_new_addresses_stays_as_it_is(text):
    assert rewrite(text, lambda _address: None) == text


WORDS = st.text(alphabet="abcxyz é-_", min_size=1, max_size=12).filter(
    lambda word: word.strip() == word
)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=8), WORDS)
def test_all_links_and_nothing_else_are_rewritten(links, between):
    seen = []

    def new(address):
        seen.append(address)
        return f"/{len(seen)}/"

    text = f" {between} ".join(f"[{label}](<{to}.md>)" for label, to in links)
    wanted = f" {between} ".join(
        f"[{label}](/{number}/)" for number, (label, _to) in enumerate(links, 1)
    )
    assert rewrite(text, new) == wanted
    assert seen == [f"{to}.md" for _label, to in links]


@given(st.text(alphabet="`[]()<!-\n ", max_size=3000))
def test_hostile_brackets_end(text):
    assert isinstance(rewrite(text * 3, lambda _address: "x"), str)


def page(key: str, **kwargs) -> SourcePage:
    return SourcePage(key=key, title=key, body="", language="en", **kwargs)


@pytest.fixture
def places() -> Places:
    pages = [
        page("index.md", is_index=True),
        page("docs/README.md", is_index=True),
        page("docs/a.md"),
        page("docs/Deep/b.md"),
        page("docs/Deep/", is_index=True),
        page("docs/c.html.md"),
        page("docs/with space.md"),
        page("docs/d.md", aliases=("web/api/d",)),
    ]
    return Places(pages, ["docs/i.png", "docs/public/logo.png", "x.pdf"])


@pytest.mark.parametrize(
    ("address", "kind", "key", "fragment"),
    [
        ("Deep/b.md", Kind.PAGE, "docs/Deep/b.md", ""),
        ("deep/B.md", Kind.PAGE, "docs/Deep/b.md", ""),
        ("./Deep/b", Kind.PAGE, "docs/Deep/b.md", ""),
        ("Deep/b.html#A_Heading", Kind.PAGE, "docs/Deep/b.md", "#h-a-heading"),
        ("Deep/b.md?x=1#a", Kind.PAGE, "docs/Deep/b.md", "#h-a"),
        ("Deep/", Kind.PAGE, "docs/Deep/", ""),
        ("Deep", Kind.PAGE, "docs/Deep/", ""),
        (".", Kind.PAGE, "docs/README.md", ""),
        ("./index.md", Kind.PAGE, "docs/README.md", ""),
        ("../index.md", Kind.PAGE, "index.md", ""),
        ("..", Kind.PAGE, "index.md", ""),
        ("/docs/a.md", Kind.PAGE, "docs/a.md", ""),
        ("/a", Kind.PAGE, "docs/a.md", ""),
        ("c.html", Kind.PAGE, "docs/c.html.md", ""),
        ("with%20space.md", Kind.PAGE, "docs/with space.md", ""),
        ("/de/docs/Web/API/D", Kind.PAGE, "docs/d.md", ""),
        ("i.png", Kind.FILE, "docs/i.png", ""),
        ("/logo.png", Kind.FILE, "docs/public/logo.png", ""),
        ("../x.pdf", Kind.FILE, "x.pdf", ""),
        ("#Some--Heading", Kind.HEADING, "docs/a.md", "#h-some-heading"),
        ("../../etc/passwd", Kind.OUTSIDE, "", ""),
        ("/../../etc/passwd", Kind.OUTSIDE, "", ""),
        ("%2e%2e/%2e%2e/etc/passwd", Kind.OUTSIDE, "", ""),
        ("..\\..\\etc", Kind.OUTSIDE, "", ""),
        ("nothing.md", Kind.MISSING, "", ""),
        ("https://example.org/a.md", Kind.FOREIGN, "", ""),
        ("//example.org/a.md", Kind.FOREIGN, "", ""),
        ("mailto:a@example.org", Kind.FOREIGN, "", ""),
        ("javascript:alert(1)", Kind.FOREIGN, "", ""),
        ("{{< ref a.md >}}", Kind.FOREIGN, "", ""),
    ],
)
def test_where_links_lead(places, address, kind, key, fragment):
    assert places.find(page("docs/a.md"), address) == (kind, key, fragment)


@given(st.text(max_size=60))
def test_no_address_leads_out_of_the_folder(address):
    keys = {"docs/a.md", "docs/i.png"}
    places = Places([page("docs/a.md")], ["docs/i.png"])
    found = places.find(page("docs/a.md"), address)
    assert found.key in keys | {""}
