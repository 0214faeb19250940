"""Texts as lines, and which stretches two of them have in common.

Python's own matcher alone takes a minute for two long pages (measured: 26 s for
20,000 lines of which each second one changed). So lines that stand once in each
text are matched first, which is also how a reader compares, and the matcher gets
only the small gaps between them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# Comparisons (items of one side times items of the other) spent on one gap between
# unique items, and on all gaps; what is over counts as changed.
GAP_CELLS = 10_000
ALL_CELLS = 500_000
# Gaps inside gaps.
MAX_DEPTH = 12


class Block(NamedTuple):
    """`size` equal items, from `old` in one sequence and `new` in the other."""

    old: int
    new: int
    size: int


class _Gap(NamedTuple):
    old: int
    old_end: int
    new: int
    new_end: int
    depth: int


def split_lines(text: str) -> list[str]:
    r"""Return the lines without their ends; a browser sends `\r\n` for `\n`.

    A line end at the end of the text shows as an empty last line, so joining the
    lines with `\n` gives the text back.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def matching_blocks(
    old: Sequence[str],
    new: Sequence[str],
    *,
    gap_cells: int = GAP_CELLS,
    all_cells: int = ALL_CELLS,
) -> list[Block]:
    """Return what the two have in common, in order, in blocks as long as can be."""
    found = _Matcher(old, new, gap_cells, all_cells).find()
    return list(_joined(sorted(found)))


class _Matcher:
    def __init__(
        self, old: Sequence[str], new: Sequence[str], gap_cells: int, all_cells: int
    ) -> None:
        self.old, self.new = old, new
        self.gap_cells, self.cells_left = gap_cells, all_cells
        self.found: list[Block] = []

    def find(self) -> list[Block]:
        gaps = [_Gap(0, len(self.old), 0, len(self.new), 0)]
        while gaps:
            gap = self._trimmed(gaps.pop())
            if gap.old == gap.old_end or gap.new == gap.new_end:
                continue
            anchors = self._anchors(gap) if gap.depth < MAX_DEPTH else []
            if anchors:
                gaps.extend(self._between(gap, anchors))
            else:
                self._compare(gap)
        return self.found

    def _trimmed(self, gap: _Gap) -> _Gap:
        old, old_end, new, new_end, depth = gap
        while old < old_end and new < new_end and self.old[old] == self.new[new]:
            old, new = old + 1, new + 1
        self._add(gap.old, gap.new, old - gap.old)
        while (
            old < old_end
            and new < new_end
            and self.old[old_end - 1] == self.new[new_end - 1]
        ):
            old_end, new_end = old_end - 1, new_end - 1
        self._add(old_end, new_end, gap.old_end - old_end)
        return _Gap(old, old_end, new, new_end, depth)

    def _anchors(self, gap: _Gap) -> list[tuple[int, int]]:
        """Return pairs of items that stand once on each side, in order on both."""
        before = _once(self.old, gap.old, gap.old_end)
        after = _once(self.new, gap.new, gap.new_end)
        pairs = [(at, after[item]) for item, at in before.items() if item in after]
        return _longest_rising(pairs)

    def _between(self, gap: _Gap, anchors: list[tuple[int, int]]) -> Iterator[_Gap]:
        old, new = gap.old, gap.new
        for at, opposite in anchors:
            self._add(at, opposite, 1)
            yield _Gap(old, at, new, opposite, gap.depth + 1)
            old, new = at + 1, opposite + 1
        yield _Gap(old, gap.old_end, new, gap.new_end, gap.depth + 1)

    def _compare(self, gap: _Gap) -> None:
        cells = (gap.old_end - gap.old) * (gap.new_end - gap.new)
        if cells > min(self.gap_cells, self.cells_left):
            return
        self.cells_left -= cells
        before = self.old[gap.old : gap.old_end]
        after = self.new[gap.new : gap.new_end]
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        for old, new, size in matcher.get_matching_blocks():
            self._add(gap.old + old, gap.new + new, size)

    def _add(self, old: int, new: int, size: int) -> None:
        if size:
            self.found.append(Block(old, new, size))


def _once(items: Sequence[str], start: int, end: int) -> dict[str, int]:
    counts = Counter(items[start:end])
    return {items[at]: at for at in range(start, end) if counts[items[at]] == 1}


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs that rises on both sides.

    The pairs rise on the first side. `tails[n]` is the lowest end of a run of
    n + 1 pairs; each pair remembers the one before it in its run.
    """
    tails: list[int] = []
    tail_at: list[int] = []
    previous: list[int | None] = []
    for index, (_, value) in enumerate(pairs):
        length = bisect_left(tails, value)
        previous.append(tail_at[length - 1] if length else None)
        tails[length : length + 1] = [value]
        tail_at[length : length + 1] = [index]
    run: list[tuple[int, int]] = []
    at = tail_at[-1] if tail_at else None
    while at is not None:
        run.append(pairs[at])
        at = previous[at]
    return run[::-1]


def _joined(blocks: list[Block]) -> Iterator[Block]:
    current: Block | None = None
    for block in blocks:
        if current is None:
            current = block
        elif (current.old + current.size, current.new + current.size) == block[:2]:
            current = current._replace(size=current.size + block.size)
        else:
            yield current
            current = block
    if current is not None:
        yield current
