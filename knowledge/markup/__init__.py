"""Markdown to safe HTML, and what a page refers to. No database, no readers.

Everything here is a function of text alone. Who may follow a link is decided by
the caller: `resolve_links` asks it for each link between pages.
"""

from knowledge.markup.diff import DiffRow, DiffToken, line_diff
from knowledge.markup.front_matter import FrontMatter, split_front_matter
from knowledge.markup.links import LinkTarget, Resolver, resolve_links
from knowledge.markup.merge import MergeResult, merge3, open_places
from knowledge.markup.rendered import (
    MAX_SOURCE_CHARS,
    Rendered,
    SourceTooLong,
    TocEntry,
)
from knowledge.markup.rendering import render, title_of

__all__ = [
    "MAX_SOURCE_CHARS",
    "DiffRow",
    "DiffToken",
    "FrontMatter",
    "LinkTarget",
    "MergeResult",
    "Rendered",
    "Resolver",
    "SourceTooLong",
    "TocEntry",
    "line_diff",
    "merge3",
    "open_places",
    "render",
    "resolve_links",
    "split_front_matter",
    "title_of",
]
