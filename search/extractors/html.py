"""The text of HTML, and of any other text with tags in it."""

import codecs
import re
from html.parser import HTMLParser

from search.extractors.gathering import Gathered

# The parser is quadratic on some texts; chunks also let it stop in the middle.
MAX_BYTES = 4 * 1024 * 1024
CHUNK_CHARS = 64 * 1024
HEAD_BYTES = 2048
UNSEEN = {"script", "style", "template", "noscript"}
# Letters of one word can stand on both sides of these.
INLINE = {
    "a",
    "b",
    "code",
    "em",
    "font",
    "i",
    "mark",
    "s",
    "small",
    "span",
    "strong",
    "u",
}


def looks_like_markup(head: bytes) -> bool:
    """Say whether bytes that begin so are a text with tags."""
    return b"\0" not in head and bool(re.search(rb"<[!?a-z/]", head, re.IGNORECASE))


def read_html(data: bytes, gathered: Gathered) -> None:
    """Add what stands between the tags.

    Raises Enough, or LookupError for a character set that is none.
    """
    text = data[:MAX_BYTES].decode(_charset(data[:HEAD_BYTES]), "replace")
    reader = _Reader(gathered)
    for start in range(0, len(text), CHUNK_CHARS):
        reader.feed(text[start : start + CHUNK_CHARS])
    reader.close()


def _charset(head: bytes) -> str:
    found = re.search(rb"charset=[\"' ]?([\w-]{1,40})", head, re.IGNORECASE)
    name = found[1].decode("ascii", "replace") if found else "utf-8"
    # No text of a person is written in the others (base64, punycode, …).
    return codecs.lookup(name).name if _is_charset(name) else "utf-8"


def _is_charset(name: str) -> bool:
    return bool(re.match(r"(utf-?8|iso-?8859|windows-|cp\d|us-ascii)", name.lower()))


class _Reader(HTMLParser):
    def __init__(self, gathered: Gathered) -> None:
        super().__init__()
        self._gathered = gathered
        self._unseen = ""

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        """Begin an element, perhaps one that nobody sees."""
        if tag in UNSEEN and not self._unseen:
            self._unseen = tag
        self._break_at(tag)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag == self._unseen:
            self._unseen = ""
        self._break_at(tag)

    def handle_data(self, data: str) -> None:
        """Take characters, if somebody sees them."""
        if not self._unseen:
            self._gathered.add(data)

    def _break_at(self, tag: str) -> None:
        if tag not in INLINE:
            self._gathered.add(" ")
