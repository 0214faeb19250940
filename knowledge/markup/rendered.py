"""What rendering yields, and the words it puts into the page.

Imported by the worker process, so nothing of Django here.
"""

from dataclasses import dataclass, field
from typing import Any

# Characters a page may hold: about 150,000 words, a thick book.
MAX_SOURCE_CHARS = 1_000_000
# Characters of HTML: abbreviations and footnotes can repeat a text without end.
MAX_HTML_CHARS = 15_000_000


class SourceTooLong(ValueError):  # noqa: N818  (it says what happened)
    """The source has more characters than a page may hold."""


class OutputTooLong(ValueError):  # noqa: N818  (it says what happened)
    """The source came out far longer than it is."""


@dataclass(frozen=True)
class TocEntry:
    """A heading; `level` is the level in the HTML (2 to 6), `id` its anchor."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A rendered source. `html` still holds unresolved links between pages.

    `text` is the plain text on one line, for search. `wikilinks` are the titles in
    `[[…]]`, `internal_links` and `files` the public ids that links name.
    `degraded` means the source could not be rendered in its bounds and stands in
    `html` as it was typed.
    """

    html: str
    toc: tuple[TocEntry, ...] = ()
    text: str = ""
    headings: tuple[str, ...] = ()
    wikilinks: frozenset[str] = field(default_factory=frozenset)
    internal_links: frozenset[str] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)
    degraded: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the plain form in which it leaves the worker process."""
        return {
            "html": self.html,
            "toc": [[entry.level, entry.id, entry.text] for entry in self.toc],
            "text": self.text,
            "headings": list(self.headings),
            "wikilinks": sorted(self.wikilinks),
            "internal_links": sorted(self.internal_links),
            "files": sorted(self.files),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Rendered":
        """Return what `to_json` was made of."""
        return cls(
            html=data["html"],
            toc=tuple(TocEntry(*entry) for entry in data["toc"]),
            text=data["text"],
            headings=tuple(data["headings"]),
            wikilinks=frozenset(data["wikilinks"]),
            internal_links=frozenset(data["internal_links"]),
            files=frozenset(data["files"]),
        )


@dataclass(frozen=True)
class Labels:
    """The words that rendering adds, in the reader's language.

    `table` and `footnote_back` hold one `{}` for the number.
    """

    table: str = "Table {}"
    footnote_back: str = "Back to footnote {} in the text"
    done: str = "Done"
    to_do: str = "To do"
    note: str = "Note"
    tip: str = "Tip"
    important: str = "Important"
    warning: str = "Warning"
    danger: str = "Caution"
