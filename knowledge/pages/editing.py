"""What a conflict of two writers looks like: both versions, and a proposal."""

from dataclasses import dataclass

from django.db.models import Model
from wagtail.models import Revision

from knowledge.markup import DiffRow, line_diff, merge3
from knowledge.pages.models import ContentPage
from knowledge.pages.services import EditConflict, Text


@dataclass(frozen=True)
class Conflict:
    """Two versions that began with the same revision, and both in one text.

    `merged` is the proposal; in `places` places both versions stand, marked. Without
    a known base, the proposal is the author's own text.
    """

    latest: Revision
    theirs: ContentPage
    mine: Text
    merged: Text
    places: int
    their_changes: list[DiffRow]
    my_changes: list[DiffRow]
    knows_base: bool


def conflict_of(error: EditConflict, mine: Text, base: Revision | None) -> Conflict:
    """Compare both versions with what they began from and put them together."""
    theirs = error.theirs
    began: Model = base.as_object() if base else theirs
    body = getattr(began, "body", "")
    result = merge3(body, mine.body, theirs.body)

    def pick(name: str) -> str:
        own, other = getattr(mine, name), getattr(theirs, name, "")
        return str(other if own == getattr(began, name, "") else own)

    merged = Text(pick("title"), result.text, pick("language"), pick("summary"))
    return Conflict(
        latest=error.latest,
        theirs=theirs,
        mine=mine,
        merged=merged,
        places=result.conflicts,
        their_changes=line_diff(body, theirs.body),
        my_changes=line_diff(body, mine.body),
        knows_base=base is not None,
    )
