"""Two changes of the same text, put together (three-way merge)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from knowledge.markup.lines import matching_blocks, split_lines

Lines = list[str]
# A place where both versions stand, outside code: there it may be meant.
_OPEN = re.compile(r"^<{7} .*?^={7}$.*?^>{7} ", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
# A stretch of base lines that a side kept: (start, end, where it is on that side).
Kept = tuple[int, int, int]


@dataclass(frozen=True)
class MergeResult:
    """Both changes in one text; `conflicts` places show both versions, marked."""

    text: str
    conflicts: int


def merge3(
    base: str,
    mine: str,
    theirs: str,
    *,
    mine_label: str | None = None,
    theirs_label: str | None = None,
) -> MergeResult:
    """Put two changes of the same text together.

    Where both changed the same or touching lines in different ways, both versions
    stay, between marks that carry the labels.
    """
    start = f"<<<<<<< {mine_label or gettext('Your version')}"
    end = f">>>>>>> {theirs_label or gettext('Saved version')}"
    merged: Lines = []
    conflicts = 0
    for was, ours, other in _stretches(
        split_lines(base), split_lines(mine), split_lines(theirs)
    ):
        if ours == other or other == was:
            merged += ours
        elif ours == was:
            merged += other
        else:
            conflicts += 1
            merged += [start, *ours, "=======", *other, end]
    return MergeResult("\n".join(merged), conflicts)


def open_places(text: str) -> int:
    """Count the places in which both versions still stand, as `merge3` left them."""
    return len(_OPEN.findall(_CODE.sub("", text)))


def _stretches(
    base: Lines, mine: Lines, theirs: Lines
) -> Iterator[tuple[Lines, Lines, Lines]]:
    """Yield the three texts, cut at the lines that both sides kept."""
    b = m = t = 0
    for start, end, in_mine, in_theirs in _kept_by_both(base, mine, theirs):
        yield base[b:start], mine[m:in_mine], theirs[t:in_theirs]
        same = base[start:end]
        yield same, same, same
        b, m, t = end, in_mine + end - start, in_theirs + end - start
    yield base[b:], mine[m:], theirs[t:]


def _kept_by_both(
    base: Lines, mine: Lines, theirs: Lines
) -> Iterator[tuple[int, int, int, int]]:
    ours, others = _kept(base, mine), _kept(base, theirs)
    i = j = 0
    while i < len(ours) and j < len(others):
        start = max(ours[i][0], others[j][0])
        end = min(ours[i][1], others[j][1])
        if start < end:
            in_mine = ours[i][2] + start - ours[i][0]
            in_theirs = others[j][2] + start - others[j][0]
            yield start, end, in_mine, in_theirs
        if ours[i][1] < others[j][1]:
            i += 1
        else:
            j += 1


def _kept(base: Lines, side: Lines) -> list[Kept]:
    blocks = matching_blocks(base, side)
    return [(block.old, block.old + block.size, block.new) for block in blocks]
