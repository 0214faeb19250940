"""Titles, languages and order of single files."""

import json

import pytest
from hypothesis import given

from knowledge.pages.importing.report import Report
from knowledge.pages.importing.texts import SourcePage, read_page
from tests.knowledge.markup.test_front_matter import BLOCKS


def read(text: str, key: str = "a-file.md"):
    return read_page(key, text.encode(), "en", Report())


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Title\n\nText.\n", "Title", "Text.\n"),
        ("Title\n=====\n\nText.\n", "Title", "Text.\n"),
        ("\n\n# Title #\nText.", "Title", "Text.\n"),
        ("# **Bold** [link](x.md) `code` {#id}\n", "Bold link code", "\n"),
        ("---\ntitle: Front\n---\n# Front\n\nText.\n", "Front", "Text.\n"),
        ("---\ntitle: Front\n---\n# Other\n", "Front", "# Other\n"),
        ("Badge\n\n# Title\n\nText.\n", "Title", "Badge\n\n\nText.\n"),
        ("## Second level\n\nText.\n", "Second level", "Text.\n"),
        ("Text.\n\n## Part\n", "A file", "Text.\n\n## Part\n"),
        ("```\n# no title\n```\n", "A file", "```\n# no title\n```\n"),
        ("#hashtag\n", "A file", "#hashtag\n"),
        ("", "A file", ""),
        ("# \n", "A file", "# \n"),
    ],
)
def test_titles(text, title, body):
    page = read(text)
    assert (page.title, page.body) == (title, body)


def test_a_long_title_is_cut():
    assert len(read("# " + "x" * 400).title) == 255


@pytest.mark.parametrize(
    ("key", "text", "language"),
    [
        ("a.md", "", "en"),
        ("de/a.md", "", "de"),
        ("docs/nl-nl/a.md", "", "nl"),
        ("de/a.md", "---\nlang: nl-NL\n---\n", "nl"),
        ("fr/a.md", "", "en"),
        ("a.md", "---\nlang: xx\n---\n", "en"),
    ],
)
def test_languages(key, text, language):
    assert read(text, key).language == language


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("fire-test_plan.md", "Fire test plan"),
        ("tools/README.md", "Tools"),
        ("index.md", "Index"),
        ("a.html.md", "A"),
    ],
)
def test_names_become_titles(key, title):
    assert read("", key).title == title


def test_line_ends_are_unix():
    assert read("a\r\nb\rc").body == "a\nb\nc"


@pytest.mark.parametrize("key", [" .md", "\u3000/index.md", "a/-_-.md"])
def test_a_name_without_words_is_a_title_all_the_same(key):
    assert read("", key).title.strip()


def noted(yaml: str) -> tuple[SourcePage, list[str]]:
    report = Report()
    page = read_page("a.md", f"---\n{yaml}\n---\n# Head\n".encode(), "en", report)
    kind = "front matter value not used"
    return page, [notice.detail for notice in report.notices if notice.kind == kind]


@pytest.mark.parametrize(
    ("yaml", "title", "detail"),
    [
        ("title: [a, b]", "Head", "title: a list, not a text"),
        ("title: {a: b}", "Head", "title: names with values, not a text"),
        ("title: yes", "Head", "title: yes or no, not a text"),
        ("title: [a]\nname: Good", "Good", "title: a list, not a text"),
        ("title: .inf", "Head", "title: a number that is too large, or none"),
        (
            f"title: 0x{'f' * 5000}",
            "Head",
            "title: a number that is too large, or none",
        ),
        (
            f"weight: 0x{'f' * 5000}",
            "Head",
            "weight: a number that is too large, or none",
        ),
        ("weight: first", "Head", "weight: words, not a whole number"),
        ("lang: [nl]", "Head", "lang: a list, not a text"),
        ("description: [a]", "Head", "description: a list, not a text"),
        (
            'title: "a\\ud800b"',
            "a?b",
            "title: characters that no text can hold are left out",
        ),
        ('x: {y: "\\0"}', "Head", "x: characters that no text can hold are left out"),
    ],
    ids=lambda value: value[:20],
)
def test_what_front_matter_may_not_be_is_told(yaml, title, detail):
    page, details = noted(yaml)
    assert page.title == title
    assert details == [detail]


@pytest.mark.parametrize(
    ("yaml", "title"),
    [
        ("title: 2024", "2024"),
        ("title: 1.5", "1.5"),
        ("title: 2024-05-01", "2024-05-01"),
        ("title: ~", "Head"),
        ("title: Text\nname: [a]", "Text"),
    ],
)
def test_numbers_and_dates_are_titles(yaml, title):
    page, details = noted(yaml)
    assert (page.title, details) == (title, [])


@pytest.mark.parametrize(
    "yaml",
    ["x: '\\u0000'", "x: {2024-01-01: a, ~: b, !!binary aGk=: c}", "x: !!set {a, b}"],
)
def test_odd_values_are_kept_beside_the_page(yaml):
    page, _details = noted(yaml)
    assert json.loads(json.dumps(page.front_matter)) == page.front_matter
    assert page.front_matter["x"]


@given(BLOCKS)
def test_any_front_matter_gives_a_page(block):
    data = f"---\n{block}\n---\n# Head\n".encode("utf-8", "surrogatepass")
    page = read_page("a.md", data, "en", Report())
    kept = json.dumps(page.front_matter, allow_nan=False, ensure_ascii=False)
    for text in (page.title, page.summary, page.body, kept):
        assert "\x00" not in text
        text.encode()
    assert page.title
