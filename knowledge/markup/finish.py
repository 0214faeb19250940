"""The last pass over sanitised HTML: what the page needs beyond plain Markdown.

It reads the one spelling that the sanitiser writes (every attribute quoted, every
`<` in text escaped), in one walk and without recursion, and so also finds what an
author wrote as raw HTML.
"""

import re
from collections.abc import Callable
from html import escape, unescape

from knowledge.markup import addresses
from knowledge.markup.anchors import Anchors
from knowledge.markup.links import placeholder
from knowledge.markup.rendered import Labels, Rendered, TocEntry

Attributes = dict[str, str]

_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>|([^<]+)')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_HEADING = re.compile(r"^h[1-6]$")
# fmt: off
_BREAKS = {
    "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "summary", "table", "td", "th", "tr", "ul",
}
# fmt: on
_NOT_PROSE = ("footnote-ref", "footnote-backref")
REL = "noopener noreferrer nofollow"


def finish(html: str, labels: Labels) -> Rendered:
    """Headings under the page's own, anchors, links, images, tables, check boxes."""
    return _Finisher(labels, lowered="<h1" in html).run(html)


class _Finisher:
    def __init__(self, labels: Labels, *, lowered: bool) -> None:
        self.labels = labels
        # The title of the page is its only h1.
        self.lowered = lowered
        self.out: list[str] = []
        self.text: list[str] = []
        self.toc: list[TocEntry] = []
        self.anchors = Anchors()
        self.tables = 0
        self.silent = False
        # The open heading: its level and where it starts in `out` and `text`.
        self.heading: tuple[int, int, int] | None = None
        # The open link: its attributes, and where its label starts in `out`.
        self.link: tuple[Attributes, int] | None = None
        self.wikilinks: set[str] = set()
        self.internal: set[str] = set()
        self.files: set[str] = set()
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "a": self._open_link,
            "img": self._image,
            "input": self._check_box,
            "pre": self._pre,
            "table": self._open_table,
        }
        self.ends: dict[str, Callable[[], None]] = {
            "a": self._close_link,
            "table": self._close_table,
        }

    def run(self, html: str) -> Rendered:
        for closing, tag, attributes, text in _TOKEN.findall(html):
            if text:
                self._data(text)
            elif closing:
                self._end(tag)
            else:
                self._start(tag, attributes)
        return Rendered(
            html="".join(self.out),
            toc=tuple(self.toc),
            text=_one_line("".join(self.text)),
            headings=tuple(entry.text for entry in self.toc),
            wikilinks=frozenset(self.wikilinks),
            internal_links=frozenset(self.internal),
            files=frozenset(self.files),
        )

    def _data(self, text: str) -> None:
        self.out.append(text)
        if not self.silent:
            self.text.append(unescape(text))

    def _start(self, tag: str, raw: str) -> None:
        if tag in _BREAKS:
            self.text.append(" ")
        attributes = {k: unescape(v) for k, v in _ATTRIBUTE.findall(raw)}
        if _HEADING.match(tag):
            self._open_heading(int(tag[1]))
        elif tag in self.starts:
            self.starts[tag](attributes)
        else:
            self._align(tag, attributes)
            self.out.append(_tag(tag, attributes))

    def _end(self, tag: str) -> None:
        if tag in _BREAKS:
            self.text.append(" ")
        if _HEADING.match(tag):
            self._close_heading()
        elif tag in self.ends:
            self.ends[tag]()
        else:
            self.out.append(f"</{tag}>")

    # Headings ---------------------------------------------------------------
    def _open_heading(self, level: int) -> None:
        level = min(6, level + self.lowered)
        self.heading = (level, len(self.out), len(self.text))
        self.out.append("")

    def _close_heading(self) -> None:
        if self.heading is None:
            return
        level, start, text_start = self.heading
        self.heading = None
        text = _one_line("".join(self.text[text_start:]))
        if not text:
            self.out[start] = f"<h{level}>"
        else:
            anchor = self.anchors.give(text)
            self.out[start] = f'<h{level} id="{anchor}">'
            self.toc.append(TocEntry(level, anchor, text))
        self.out.append(f"</h{level}>")

    # Links and images -------------------------------------------------------
    def _open_link(self, attributes: Attributes) -> None:
        self.silent = attributes.get("class", "") in _NOT_PROSE
        self.link = (attributes, len(self.out))

    def _close_link(self) -> None:
        if self.link is None:
            return
        attributes, start = self.link
        self.link, self.silent = None, False
        label = "".join(self.out[start:])
        del self.out[start:]
        self.out.append(self._whole_link(attributes, label))

    def _whole_link(self, attributes: Attributes, label: str) -> str:
        title = attributes.get("data-wikilink", "").strip()
        if title:
            self.wikilinks.add(title)
            return placeholder(title, attributes.get("data-heading", ""), label)
        href = attributes.get("href")
        if href is None:
            return label
        self._note(href)
        kept = {"href": href}
        for name in ("class", "id", "title", "role"):
            if name in attributes:
                kept[name] = attributes[name]
        if addresses.is_external(href):
            kept |= {"class": "out", "rel": REL}
        elif kept.get("class") in {"out", "wikilink"}:
            del kept["class"]
        return f"{_tag('a', kept)}{label}</a>"

    def _note(self, address: str) -> None:
        if page := addresses.page_id(address):
            self.internal.add(page)
        if file := addresses.file_id(address):
            self.files.add(file)

    def _image(self, attributes: Attributes) -> None:
        source, alt = attributes.get("src", ""), attributes.get("alt", "").strip()
        self.text.append(f" {alt} ")
        if source and addresses.is_own_image(source):
            self._note(source)
            self.out.append(_tag("img", _image_attributes(attributes, source, alt)))
        elif self.link is not None or not source:
            self.out.append(escape(alt))
        else:
            self.out.append(self._whole_link({"href": source}, escape(alt or source)))

    # Blocks -----------------------------------------------------------------
    def _check_box(self, attributes: Attributes) -> None:
        if attributes.get("type") != "checkbox":
            return
        done = "checked" in attributes
        kept = {"type": "checkbox", "disabled": ""} | ({"checked": ""} if done else {})
        kept["aria-label"] = self.labels.done if done else self.labels.to_do
        self.out.append(_tag("input", kept))

    def _pre(self, attributes: Attributes) -> None:
        # Long lines scroll, which a keyboard can do only where the focus can be.
        self.out.append(_tag("pre", attributes | {"tabindex": "0"}))

    def _open_table(self, attributes: Attributes) -> None:
        self.tables += 1
        name = self.labels.table.format(self.tables)
        region = {"class": "scroll", "tabindex": "0", "role": "region"}
        self.out.append(_tag("div", region | {"aria-label": name}))
        self.out.append(_tag("table", attributes | {"class": "table"}))

    def _close_table(self) -> None:
        self.out.append("</table></div>")

    def _align(self, tag: str, attributes: Attributes) -> None:
        align = attributes.pop("align", None) if tag in {"td", "th"} else None
        if align in {"right", "center"}:
            attributes["class"] = "r" if align == "right" else "c"


def _image_attributes(attributes: Attributes, source: str, alt: str) -> Attributes:
    kept = {"src": source, "alt": alt, "loading": "lazy", "decoding": "async"}
    for name in ("title", "width", "height"):
        if name in attributes:
            kept[name] = attributes[name]
    return kept


def _tag(name: str, attributes: Attributes) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"


def _one_line(text: str) -> str:
    return " ".join(text.split())
