"""What changed between two texts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.markup.lines import Block, matching_blocks, split_lines

Kind = Literal["equal", "insert", "delete", "fold"]
TokenKind = Literal["equal", "insert", "delete"]
Tokens = tuple["DiffToken", ...]

# In two lines together; above it the change is shown as a whole.
MAX_TOKENS = 2_000
# Changed lines that are compared word by word; nobody reads on so closely.
MAX_REFINED = 500
# Comparisons spent on the words of one line.
LINE_CELLS = 4_000
# Least likeness (0 to 1) of two lines that are shown as one line that changed.
ALIKE = 0.4
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class DiffToken:
    """A piece of a line: as it was, new, or gone."""

    kind: TokenKind
    text: str


@dataclass(frozen=True)
class DiffRow:
    """A line of a comparison, or (`fold`) `count` equal lines left out.

    `old` and `new` are line numbers from 1, None on the side that lacks the line.
    """

    kind: Kind
    tokens: Tokens = ()
    old: int | None = None
    new: int | None = None
    count: int = 0

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(token.text for token in self.tokens)


def line_diff(old: str, new: str, *, context: int = 3) -> list[DiffRow]:
    """Compare line by line, and changed lines word by word.

    Equal lines further than `context` lines from a change are folded.
    """
    comparison = _Comparison(split_lines(old), split_lines(new), context)
    return list(comparison.rows())


class _Comparison:
    def __init__(self, old: list[str], new: list[str], context: int) -> None:
        self.old, self.new, self.context = old, new, context
        self.refined = 0

    def rows(self) -> Iterator[DiffRow]:
        old = new = 0
        for block in matching_blocks(self.old, self.new):
            yield from self._changed(old, block.old, new, block.new)
            yield from self._equal(block)
            old, new = block.old + block.size, block.new + block.size
        yield from self._changed(old, len(self.old), new, len(self.new))

    def _equal(self, block: Block) -> Iterator[DiffRow]:
        at_start = block.old == 0 and block.new == 0
        at_end = block.old + block.size == len(self.old) and (
            block.new + block.size == len(self.new)
        )
        head = 0 if at_start else self.context
        tail = 0 if at_end else self.context
        hidden = block.size - head - tail
        for offset in range(block.size):
            if hidden > 1 and head <= offset < head + hidden:
                if offset == head:
                    yield DiffRow("fold", count=hidden)
                continue
            old, new = block.old + offset, block.new + offset
            token = DiffToken("equal", self.old[old])
            yield DiffRow("equal", (token,), old + 1, new + 1)

    def _changed(
        self, old: int, old_end: int, new: int, new_end: int
    ) -> Iterator[DiffRow]:
        gone, come = self.old[old:old_end], self.new[new:new_end]
        gone_tokens: list[Tokens] = [(DiffToken("delete", line),) for line in gone]
        come_tokens: list[Tokens] = [(DiffToken("insert", line),) for line in come]
        for at, (before, after) in enumerate(zip(gone, come, strict=False)):
            refined = self._refine(before, after)
            if refined:
                gone_tokens[at], come_tokens[at] = refined
        for at, tokens in enumerate(gone_tokens):
            yield DiffRow("delete", tokens, old=old + at + 1)
        for at, tokens in enumerate(come_tokens):
            yield DiffRow("insert", tokens, new=new + at + 1)

    def _refine(self, before: str, after: str) -> tuple[Tokens, Tokens] | None:
        """Return the words of both lines, or None if they are too unlike."""
        old, new = _WORD.findall(before), _WORD.findall(after)
        if len(old) + len(new) > MAX_TOKENS or self.refined >= MAX_REFINED:
            return None
        self.refined += 1
        blocks = matching_blocks(old, new, gap_cells=LINE_CELLS, all_cells=LINE_CELLS)
        same = sum(len(_text(old, block.old, block.size)) for block in blocks)
        if 2 * same < ALIKE * (len(before) + len(after)):
            return None
        gone = [(block.old, block.size) for block in blocks]
        come = [(block.new, block.size) for block in blocks]
        return _marked(old, gone, "delete"), _marked(new, come, "insert")


def _marked(words: list[str], kept: list[tuple[int, int]], kind: TokenKind) -> Tokens:
    tokens: list[DiffToken] = []
    at = 0
    for start, size in [*kept, (len(words), 0)]:
        tokens.append(DiffToken(kind, _text(words, at, start - at)))
        tokens.append(DiffToken("equal", _text(words, start, size)))
        at = start + size
    return tuple(token for token in tokens if token.text)


def _text(words: list[str], start: int, size: int) -> str:
    return "".join(words[start : start + size])
