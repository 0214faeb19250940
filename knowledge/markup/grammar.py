"""The Markdown that a page may use: which extensions, and our own three."""

import re
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from knowledge.markup.anchors import anchor
from knowledge.markup.layout import LayoutPreprocessor
from knowledge.markup.rendered import Labels

WIKILINK = (
    r"(?<!\\)\[\[(?P<title>[^\[\]\n|#\\]{0,200})"
    r"(?:#(?P<heading>[^\[\]\n|\\]{1,200}))?"
    r"(?:\\?\|(?P<label>[^\[\]\n]{1,300}))?\]\]"
)
ALERT = re.compile(r"^\[!([A-Za-z]{1,20})\][ \t]*([^\n]*)(?:\n|$)")
# What the author calls it: (class, word in Labels).
CALLOUTS = {
    "note": ("callout-note", "note"),
    "info": ("callout-note", "note"),
    "abstract": ("callout-note", "note"),
    "tip": ("callout-tip", "tip"),
    "hint": ("callout-tip", "tip"),
    "success": ("callout-tip", "tip"),
    "important": ("callout-important", "important"),
    "warning": ("callout-warn", "warning"),
    "attention": ("callout-warn", "warning"),
    "caution": ("callout-bad", "danger"),
    "danger": ("callout-bad", "danger"),
    "error": ("callout-bad", "danger"),
}


class WikilinkProcessor(InlineProcessor):
    """`[[Title#Heading|label]]` to a placeholder, or to a heading of this page."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (their name)
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002  (their signature)
    ) -> tuple[ElementTree.Element | None, int | None, int | None]:
        """Return the link and the stretch of text that it replaces."""
        title = " ".join(m["title"].split())
        heading = (m["heading"] or "").strip()
        if not title and not heading:
            return None, None, None
        link = ElementTree.Element("a")
        if title:
            link.set("data-wikilink", title)
            if heading:
                link.set("data-heading", anchor(heading))
        else:
            link.set("href", f"#{anchor(heading)}")
        link.text = (m["label"] or title or heading).strip()
        return link, m.start(0), m.end(0)


class CalloutProcessor(Treeprocessor):
    """Admonitions (`!!! note`) and alerts (`> [!NOTE]`) to callouts."""

    def __init__(self, md: Markdown, labels: Labels) -> None:
        super().__init__(md)
        self.labels = labels

    def run(self, root: ElementTree.Element) -> None:
        """Change the callouts among the blocks, in place."""
        for element in root.iter():
            if element.tag == "blockquote":
                self._alert(element)
            elif element.get("class", "").startswith("admonition "):
                self._admonition(element)

    def _alert(self, quote: ElementTree.Element) -> None:
        first = quote[0] if len(quote) else None
        if first is None or first.tag != "p":
            return
        found = ALERT.match(first.text or "")
        if not found or found[1].lower() not in CALLOUTS:
            return
        kind = found[1].lower()
        first.text = (first.text or "")[found.end() :]
        if not first.text.strip() and not len(first):
            quote.remove(first)
        quote.tag = "div"
        title = found[2].strip() or self._word(kind)
        self._style(quote, kind)
        quote.insert(0, _title(title))

    def _admonition(self, block: ElementTree.Element) -> None:
        kind = block.get("class", "").split()[1].lower()
        self._style(block, kind)
        if len(block) and block[0].get("class") == "admonition-title":
            text = block[0].text or ""
            own = text.lower() != kind or kind not in CALLOUTS
            block[0] = _title(text if own else self._word(kind))

    def _style(self, block: ElementTree.Element, kind: str) -> None:
        css_class = CALLOUTS.get(kind, CALLOUTS["note"])[0]
        block.set("class", f"callout {css_class}")
        block.set("role", "note")

    def _word(self, kind: str) -> str:
        word: str = getattr(self.labels, CALLOUTS[kind][1])
        return word


def _title(text: str) -> ElementTree.Element:
    paragraph = ElementTree.Element("p")
    ElementTree.SubElement(paragraph, "strong").text = text
    return paragraph


class PageGrammar(Extension):
    """Our own three: tidy lists, links between pages, callouts."""

    def __init__(self, labels: Labels, **options: Any) -> None:
        super().__init__(**options)
        self.labels = labels

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  (their name)
        """Put our processors among the parser's own."""
        # 28: after whitespace is normalised (30), before fences are taken out (25).
        md.preprocessors.register(LayoutPreprocessor(md), "layout", 28)
        # 185: after code (190), before escapes (180), which would eat our `\|`.
        md.inlinePatterns.register(WikilinkProcessor(WIKILINK, md), "wikilink", 185)
        # 30: before inline text (20) makes elements of what we look for.
        callouts = CalloutProcessor(md, self.labels)
        md.treeprocessors.register(callouts, "callout", 30)


def parser(labels: Labels) -> Markdown:
    """Return a parser for the page grammar, with the words of one language."""
    return Markdown(
        output_format="html",
        extensions=[
            "abbr",
            "admonition",
            "def_list",
            "footnotes",
            "sane_lists",
            "tables",
            "pymdownx.highlight",
            "pymdownx.magiclink",
            "pymdownx.saneheaders",
            "pymdownx.superfences",
            "pymdownx.tasklist",
            "pymdownx.tilde",
            PageGrammar(labels),
        ],
        extension_configs={
            "footnotes": {"SEPARATOR": "-", "BACKLINK_TITLE": labels.footnote_back},
            "tables": {"use_align_attribute": True},
            "pymdownx.highlight": {"pygments_lang_class": True},
            "pymdownx.tilde": {"subscript": False},
        },
    )
