"""Titles, languages and order of single files."""

import pytest

from knowledge.pages.importing.report import Report
from knowledge.pages.importing.texts import read_page


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
