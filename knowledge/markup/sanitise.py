"""The allow-list: the only way to the page for HTML, ours and the author's."""

import re

import nh3

from knowledge.markup.addresses import safe_link

# fmt: off
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "img", "input", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var", "wbr",
}
# fmt: on
# Their content is not text to show either.
# fmt: off
DROPPED_WITH_CONTENT = {
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg",
    "math", "textarea", "title", "select", "option", "noembed", "noframes", "xmp",
    "plaintext",
}
# fmt: on
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "id", "title", "lang", "dir"},
    "a": {"href", "data-wikilink", "data-heading", "rel", "role"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "input": {"type", "checked", "disabled", "aria-label"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "div": {"tabindex", "role", "aria-label"},
    "pre": {"tabindex"},
    "details": {"open"},
}
# fmt: off
CLASSES = {
    "c", "r", "out", "wikilink", "scroll", "table", "highlight", "footnote",
    "footnote-ref", "footnote-backref", "task-list", "task-list-item", "callout",
    "callout-note", "callout-tip", "callout-important", "callout-warn", "callout-bad",
}
# fmt: on
ID = re.compile(r"^(?:h|fn|fnref\d*)-[\w.-]{1,120}$")
# Pygments marks tokens with one to three letters or digits.
TOKEN_CLASS = re.compile(r"^[a-z][a-z0-9]{0,2}$")
LANGUAGE_CLASS = re.compile(r"^language-[\w+#-]{1,40}$")
# As in the grammar; what follows it is looked up.
MAX_TITLE_CHARS = 200
NUMBER = re.compile(r"^\d{1,5}$")
FIXED = {
    "type": {"checkbox"},
    "role": {"region", "note", "doc-noteref", "doc-backlink"},
    "tabindex": {"0"},
    "align": {"left", "right", "center"},
    "scope": {"row", "col"},
    "dir": {"ltr", "rtl", "auto"},
    "rel": {"noopener noreferrer nofollow"},
    "loading": {"lazy"},
    "decoding": {"async"},
}
NUMERIC = {"width", "height", "start", "colspan", "rowspan"}


def _classes(tag: str, value: str) -> str | None:
    kept = [
        name
        for name in value.split()
        if name in CLASSES
        or (tag == "span" and TOKEN_CLASS.match(name))
        or (tag == "div" and LANGUAGE_CLASS.match(name))
    ]
    return " ".join(kept) or None


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return _classes(tag, value)
    if name in {"href", "src"}:
        return safe_link(value)
    if name == "data-wikilink":
        return value if len(value) <= MAX_TITLE_CHARS else None
    if name in {"id", "data-heading"}:
        return value if ID.match(value) else None
    if name in NUMERIC:
        return value if NUMBER.match(value) else None
    if name in FIXED:
        return value if value in FIXED[name] else None
    return value


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=DROPPED_WITH_CONTENT,
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    strip_comments=True,
)


def sanitise(html: str) -> str:
    """Return what the allow-list knows of the HTML: well-formed, in one spelling."""
    return _CLEANER.clean(html)
