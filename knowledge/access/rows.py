"""The rows of the sharing panel, grouped by organisation."""

import datetime
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.models import Organisation, User
from knowledge.access.changes import Change, StoredGrant
from knowledge.access.forms import RowForm
from knowledge.access.levels import Level

SOON_DAYS = 30


@dataclass(frozen=True)
class Row:
    """One line of the list. Without `form` it follows from reach or role: no control."""

    title: str
    why: str
    people: frozenset[int]
    person: User | None = None
    level: Level | None = None
    note: str = ""
    form: RowForm | None = None
    stored: StoredGrant | None = None
    pending: Change | None = None

    @property
    def look(self) -> str:
        """Give the class that shows what Save will do to this row."""
        if self.pending is None:
            return ""
        if self.stored is None:
            return "is-new"
        now = self.pending.level or 0
        return "is-less" if now < self.stored.level else "is-new"


@dataclass
class Group:
    """The rows of one organisation."""

    organisation: Organisation | None
    is_owner: bool
    rows: list[Row] = field(default_factory=list)

    @property
    def people(self) -> int:
        """Count the people that the rows reach together."""
        return len(frozenset().union(*(row.people for row in self.rows)))

    @property
    def is_new(self) -> bool:
        """Say whether nothing of this is saved yet."""
        return all(row.stored is None and row.form for row in self.rows)

    @property
    def ends_on(self) -> datetime.date | None:
        """Give the next last day among the grants in force."""
        stored = [row.stored for row in self.rows if row.stored and row.stored.in_force]
        return min((given.ends_on for given in stored if given.ends_on), default=None)

    @property
    def ends_soon(self) -> bool:
        """Say whether that day is near."""
        soon = timezone.localdate() + datetime.timedelta(days=SOON_DAYS)
        return self.ends_on is not None and self.ends_on <= soon
