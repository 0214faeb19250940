"""Markdown to safe HTML: nothing runs, nothing loads, nothing is made up.

What must hold for any text, whatever its author had in mind.
"""

import time
from html.parser import HTMLParser

from knowledge.markup.links import LinkTarget, resolve_links
from knowledge.markup.pipeline import convert
from knowledge.markup.rendered import Labels, OutputTooLong, Rendered
from knowledge.markup.sanitise import sanitise
from tests.knowledge.markup.attacks import ATTACKS, FRAGMENTS, faults

MAX_BYTES = 2048
# Work that a text of this length may take. The product's bound is two seconds, kept by
# the pool; here the fuzzer watches each branch, which makes everything slower.
MAX_SECONDS = 8.0
# Not an author's words but ours, so the search knows nothing of them.
NOT_PROSE = {"footnote-ref", "footnote-backref"}
TARGET = LinkTarget('/x-abcdefgh/"><script>', '"><img src=x onerror=alert(1)>')

SEEDS = [source.encode() for source in ATTACKS]
WORDS = [word.encode() for word in FRAGMENTS if word not in ATTACKS]


def check(data: bytes) -> None:
    """Render, and fail if anything that must hold does not."""
    source = data.decode("utf-8", "replace")
    started = time.process_time()
    try:
        rendered = convert(source, Labels())
    except (RecursionError, OutputTooLong):
        # The worker says so, and the page is shown as typed.
        return
    seconds = time.process_time() - started
    assert seconds < MAX_SECONDS, f"{seconds:.1f} s for {len(source)} characters"
    assert faults(rendered.html) == []
    assert sanitise(rendered.html) == rendered.html, "sanitising again changes it"
    for pages in ({}, dict.fromkeys(rendered.wikilinks, TARGET)):
        assert faults(resolve_links(rendered.html, pages.get)) == []
    made_up = words_not_shown(rendered)
    assert not made_up, f"found by the search, not shown: {made_up}"


def words_not_shown(rendered: Rendered) -> list[str]:
    """List the words of the search's text that no reader of the page sees."""
    reader = Reader()
    reader.feed(rendered.html)
    reader.close()
    shown = "".join("".join(reader.shown).split())
    return [word for word in rendered.text.split() if word not in shown]


class Reader(HTMLParser):
    """Collects what a page shows: its texts, and the words for its pictures."""

    def __init__(self):
        super().__init__()
        self.shown: list[str] = []
        self._aside = False

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a" and values.get("class") in NOT_PROSE:
            self._aside = True
        if tag == "img":
            self.shown.append(values.get("alt") or "")

    def handle_endtag(self, tag):
        if tag == "a":
            self._aside = False

    def handle_data(self, data):
        if not self._aside:
            self.shown.append(data)
