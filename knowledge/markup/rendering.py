"""Rendering with bounds in size, time and memory, and a cache."""

import dataclasses
from hashlib import sha256
from html import escape
from importlib.metadata import version

from django.core.cache import cache
from django.utils.translation import get_language, gettext

from knowledge.markup.pool import POOL, NoAnswer, TextAtFault
from knowledge.markup.rendered import (
    MAX_SOURCE_CHARS,
    Labels,
    Rendered,
    SourceTooLong,
)

# Raise it when the same source must come out differently. A new version of the
# libraries counts too: a repaired sanitiser must not leave old pages in the cache.
GRAMMAR = 1
LIBRARIES = ("markdown", "pymdown-extensions", "pygments", "nh3")
GRAMMAR_VERSION = "-".join([str(GRAMMAR), *(version(name) for name in LIBRARIES)])
# Seconds of work for a page, and for each million characters on top.
BASE_SECONDS = 2.0
SECONDS_PER_MILLION = 8.0
# Seconds in the cache; a page that failed is tried again sooner. What failed through
# no fault of its own is not kept at all.
KEEP = 30 * 24 * 3600
KEEP_DEGRADED = 600


def render(source: str) -> Rendered:
    """Render Markdown to safe HTML and what it refers to.

    The words we add are in the active language. A source that cannot be rendered
    in its bounds comes back as typed, with `degraded` set.

    Raises:
        SourceTooLong: it has more than MAX_SOURCE_CHARS characters.
    """
    if len(source) > MAX_SOURCE_CHARS:
        raise SourceTooLong
    # A lone surrogate (from JSON) is no text that HTML could hold.
    source = source.encode("utf-8", "replace").decode("utf-8")
    key = _cache_key(source)
    kept: Rendered | None = cache.get(key)
    if kept is None:
        try:
            kept = _render_now(source)
        except NoAnswer:
            return _degraded(source)
        cache.set(key, kept, KEEP_DEGRADED if kept.degraded else KEEP)
    return kept


def title_of(source: str) -> str | None:
    """Return the text of the first heading, or None.

    Raises:
        SourceTooLong: it has more than MAX_SOURCE_CHARS characters.
    """
    return next(iter(render(source).headings), None)


def _render_now(source: str) -> Rendered:
    """Render, or give the source as typed when it can never be rendered.

    Raises:
        NoAnswer: something else than this source stood in the way.
    """
    request = {"source": source, "labels": dataclasses.asdict(_labels())}
    seconds = BASE_SECONDS + SECONDS_PER_MILLION * len(source) / 1_000_000
    try:
        answer = POOL.ask(request, seconds)
    except TextAtFault:
        return _degraded(source)
    return _degraded(source) if "problem" in answer else Rendered.from_json(answer)


def _degraded(source: str) -> Rendered:
    return Rendered(
        html=f'<pre tabindex="0">{escape(source)}</pre>',
        text=" ".join(source.split()),
        degraded=True,
    )


def _cache_key(source: str) -> str:
    digest = sha256(source.encode()).hexdigest()
    return f"markup:{GRAMMAR_VERSION}:{get_language()}:{digest}"


def _labels() -> Labels:
    return Labels(
        table=gettext("Table {}"),
        footnote_back=gettext("Back to footnote {} in the text"),
        done=gettext("Done"),
        to_do=gettext("To do"),
        note=gettext("Note"),
        tip=gettext("Tip"),
        important=gettext("Important"),
        warning=gettext("Warning"),
        danger=gettext("Caution"),
    )
