"""CommonMark's looser layout, made what the parser expects.

The editor and most other tools indent a nested list by the width of its marker
and start a list or a table right under a paragraph. The parser wants four spaces
and a blank line, and would else flatten the list or take it for text.
"""

import re

from markdown.preprocessors import Preprocessor

TAB = 4
# Quotes inside quotes that are tidied; nobody writes more, and each level costs.
MAX_QUOTES = 8
_FENCE = re.compile(r"^ *(`{3,}|~{3,})")
_ITEM = re.compile(r"^( *)([*+-]|\d{1,9}[.)])( +)(?=\S)")
_QUOTE = re.compile(r"^ {0,3}> ?")
_RULE = re.compile(r"^ {0,3}([*_-])( *\1){2,} *$")
_TABLE_RULE = re.compile(r"^ *\|?(?: *:?-+:? *\|)+(?: *:?-+:? *)?$")
_BLOCK_START = re.compile(r"^ *(?:#{1,6} |>|<|\||!!!|\[\^)")


class LayoutPreprocessor(Preprocessor):
    """Re-indents list items to multiples of four; leaves code as it is."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines in the layout that the parser expects."""
        return _Layout(MAX_QUOTES).run(lines)


class _Layout:
    def __init__(self, quotes_left: int) -> None:
        self.quotes_left = quotes_left
        # Per open list item: (column of its marker, column of its text).
        self.items: list[tuple[int, int]] = []
        self.out: list[str] = []
        self.quoted: list[str] = []
        self.fence = ""
        # Whether the line before is one that a paragraph may go on from.
        self.in_text = False

    def run(self, lines: list[str]) -> list[str]:
        for line in lines:
            quote = None if self.fence or self.items else _QUOTE.match(line)
            if quote and self.quotes_left:
                self.quoted.append(line[quote.end() :])
            else:
                self._end_quote()
                self._line(line)
        self._end_quote()
        return self.out

    def _end_quote(self) -> None:
        if not self.quoted:
            return
        inner = _Layout(self.quotes_left - 1).run(self.quoted)
        self.out += [f"> {line}".rstrip() for line in inner]
        self.quoted = []
        # A line right under a quote goes on from it.
        self.in_text = True

    def _line(self, line: str) -> None:
        indent = len(line) - len(line.lstrip(" "))
        if self.fence:
            self._fenced(line, indent)
        elif not line.strip():
            self.out.append("")
            self.in_text = False
        elif (fence := _FENCE.match(line)) and self._is_open(indent):
            self._open_fence(line, indent, fence.group(1))
        elif (item := _ITEM.match(line)) and not _RULE.match(line):
            self._item(line, item)
        else:
            self._text(line, indent)

    def _is_open(self, indent: int) -> bool:
        """Whether a line so indented is not indented code."""
        text_column = self.items[-1][1] if self.items else 0
        return indent < text_column + TAB

    # Code -------------------------------------------------------------------
    def _open_fence(self, line: str, indent: int, fence: str) -> None:
        self.fence = fence
        self._close_items(indent)
        # Between blank lines, or it becomes part of the paragraph around it.
        self.out.append("")
        self._shift(line, indent)

    def _fenced(self, line: str, indent: int) -> None:
        self._shift(line, indent)
        found = _FENCE.match(line)
        if not found or line.strip() != found.group(1):
            return
        if found.group(1).startswith(self.fence):
            self.fence = ""
            self.in_text = False
            self.out.append("")

    # Lists ------------------------------------------------------------------
    def _item(self, line: str, item: re.Match[str]) -> None:
        indent, marker, gap = len(item.group(1)), item.group(2), item.group(3)
        # As deep as the parser itself would have it: four spaces a level.
        by_tabs = bool(self.items) and indent <= len(self.items) * TAB
        if not self._is_open(indent) and not by_tabs:
            self._text(line, indent)
            return
        if not self.items and not self._begin_list(marker):
            self._text(line, indent)
            return
        if self.items and not self.in_text and self.out[-1].strip():
            # What stands above is a table or a quote, which would take us in.
            self.out.append("")
        while self.items and indent < self.items[-1][1]:
            self.items.pop()
        width = len(marker) + (len(gap) if len(gap) <= TAB else 1)
        depth = len(self.items)
        self.items.append((indent, indent + width))
        number = marker.replace(")", ".")
        self.out.append(f"{' ' * TAB * depth}{number} {line[item.end() :]}")
        self.in_text = True

    def _begin_list(self, marker: str) -> bool:
        """Put a blank line above a list; say no if it is text after all."""
        if not self.out or not self.out[-1].strip():
            return True
        # "… was born in / 1984. A year later …" is no list.
        if self.in_text and marker[0].isdigit() and marker[:-1] != "1":
            return False
        self.out.append("")
        return True

    def _close_items(self, indent: int) -> None:
        while self.items and not self.in_text and indent <= self.items[-1][0]:
            self.items.pop()

    # Everything else --------------------------------------------------------
    def _text(self, line: str, indent: int) -> None:
        rule = bool(self.items) and _RULE.match(line)
        starts_block = bool(rule or _BLOCK_START.match(line))
        if not self.in_text or starts_block:
            while self.items and indent < min(self.items[-1][1], TAB):
                self.items.pop()
        if rule or (starts_block and self.items and self.in_text):
            self.out.append("")
        elif _TABLE_RULE.match(line):
            self._part_table()
        self._close_items(indent)
        self._shift(line, indent)
        self.in_text = not starts_block

    def _part_table(self) -> None:
        """Put a blank line between a paragraph and the head of a table."""
        if len(self.out) > 1 and "|" in self.out[-1] and self.out[-2].strip():
            self.out.insert(-1, "")

    def _shift(self, line: str, indent: int) -> None:
        if not self.items:
            self.out.append(line)
            return
        beyond = max(0, indent - self.items[-1][1])
        self.out.append(" " * (TAB * len(self.items) + beyond) + line.lstrip(" "))
