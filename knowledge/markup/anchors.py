"""The addresses of headings inside a page."""

import re
import unicodedata

_DROPPED = re.compile(r"[^\w\s-]")
_GAPS = re.compile(r"[\s_-]+")


def anchor(text: str) -> str:
    """Return the id of the first heading with this text: `h-` and its words."""
    plain = unicodedata.normalize("NFKC", text).lower()
    words = _GAPS.sub("-", _DROPPED.sub("", plain)).strip("-")
    return f"h-{words[:80].rstrip('-') or 'section'}"


class Anchors:
    """Hands out ids that are unique in one page: `h-words`, `h-words-2` and so on."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def give(self, text: str) -> str:
        """Return the id for the next heading with this text."""
        wanted = given = anchor(text)
        while given in self._given:
            number = self._next.get(wanted, 2)
            self._next[wanted] = number + 1
            given = f"{wanted}-{number}"
        self._given.add(given)
        return given
