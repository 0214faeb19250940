"""Links between pages by title: `[[Title]]`, `[[Title#Heading|label]]`.

Rendering leaves a placeholder, so that one rendering serves every reader;
`resolve_links` fills it in for one of them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

from django.utils.safestring import SafeString, mark_safe

_PLACEHOLDER = re.compile(
    r'<a class="wikilink" data-wikilink="([^"]*)"(?: data-heading="([^"]*)")?>'
    r"(.*?)</a>",
    re.DOTALL,
)


@dataclass(frozen=True)
class LinkTarget:
    """Where a link leads: the address of a page and its title.

    `is_missing`: there is no such page for the reader, who may write it there.
    """

    url: str
    title: str
    is_missing: bool = False


Resolver = Callable[[str], LinkTarget | None]


def placeholder(title: str, heading_id: str, label: str) -> str:
    """Return a link whose target depends on the reader; `label` is HTML."""
    heading = f' data-heading="{escape(heading_id)}"' if heading_id else ""
    return f'<a class="wikilink" data-wikilink="{escape(title)}"{heading}>{label}</a>'


def resolve_links(html: str, resolver: Resolver) -> SafeString:
    """Fill in the links of a rendered page for one reader.

    `resolver` gets each title once and answers None for a page that does not exist
    and for one the reader may not view: the two come out as the same bytes.
    """
    known: dict[str, LinkTarget | None] = {}

    def fill_in(match: re.Match[str]) -> str:
        title, heading_id, label = match.groups()
        if title not in known:
            known[title] = resolver(unescape(title))
        target = known[title]
        if target is None:
            return f'<span class="wikilink-missing">{label}</span>'
        fragment = f"#{heading_id}" if heading_id else ""
        kind = "wikilink wikilink-missing" if target.is_missing else "wikilink"
        return (
            f'<a class="{kind}" href="{escape(target.url)}{fragment}" '
            f'title="{escape(target.title)}">{label}</a>'
        )

    # Sanitised when it was rendered; what is filled in is escaped above.
    return mark_safe(_PLACEHOLDER.sub(fill_in, html))  # noqa: S308
