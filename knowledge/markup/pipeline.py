"""Source to `Rendered`, without bounds. Runs in the worker process."""

from dataclasses import replace

from knowledge.markup.finish import finish
from knowledge.markup.grammar import parser
from knowledge.markup.rendered import (
    MAX_HTML_CHARS,
    Labels,
    OutputTooLong,
    Rendered,
)
from knowledge.markup.sanitise import sanitise


def convert(source: str, labels: Labels) -> Rendered:
    """Render the source; may take as long and recurse as deep as it likes.

    Sanitised before the last pass, which counts on the sanitiser's spelling, and
    after it, so that what leaves has passed the allow-list as it is.

    Raises:
        OutputTooLong: the HTML has more than MAX_HTML_CHARS characters.
    """
    # A new parser each time: one that failed halfway would spoil the next page.
    html = parser(labels).convert(source)
    if len(html) > MAX_HTML_CHARS:
        raise OutputTooLong
    rendered = finish(sanitise(html), labels)
    # A block inside a paragraph splits it, and leaves empty halves.
    safe = sanitise(rendered.html).replace("<p></p>", "")
    return replace(rendered, html=safe)
