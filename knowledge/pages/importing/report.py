"""What an import did and did not understand."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class Notice(NamedTuple):
    """One thing that a person should look at: kind, file, and what it is."""

    kind: str
    key: str
    detail: str


@dataclass
class Report:
    """Counts and notices. Kinds and counts are plain words, also in the JSON."""

    counts: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)

    def note(self, kind: str, key: str, detail: str = "") -> None:
        """Add a notice; control characters of hostile names are made visible."""
        shown = [part.encode("unicode_escape").decode() for part in (key, detail)]
        readable = [
            part if part.isprintable() else escaped
            for part, escaped in zip((key, detail), shown, strict=True)
        ]
        self.notices.append(Notice(kind, *readable))

    def merge(self, other: "Report") -> None:
        """Add what another import found."""
        self.counts.update(other.counts)
        self.notices += other.notices

    @property
    def by_kind(self) -> Counter[str]:
        """Count the notices."""
        return Counter(notice.kind for notice in self.notices)

    @property
    def unresolved_share(self) -> float:
        """Give the part of the links inside the folder that lead nowhere, 0 to 1."""
        found = self.counts["links"]
        lost = self.by_kind["link not found"]
        return lost / (found + lost) if found + lost else 0.0

    def lines(self, limit: int = 20) -> list[str]:
        """Write the report for people: counts, then at most `limit` of each kind."""
        lines = [f"{number:>8}  {word}" for word, number in sorted(self.counts.items())]
        for kind, number in sorted(self.by_kind.items()):
            lines += ["", f"{kind} ({number})"]
            of_kind = [notice for notice in self.notices if notice.kind == kind]
            lines += [f"  {n.key}: {n.detail}" for n in of_kind[:limit]]
            if number > limit:
                lines.append(f"  … and {number - limit} more")
        return lines

    def as_json(self) -> str:
        """Write the figures for scripts, on one line."""
        return json.dumps(
            {
                "counts": dict(sorted(self.counts.items())),
                "notices": dict(sorted(self.by_kind.items())),
                "unresolved_links_share": round(self.unresolved_share, 4),
            }
        )
