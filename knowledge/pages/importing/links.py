"""Find the links in a Markdown text and rewrite those that lead inside the folder."""

import posixpath
import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote

from knowledge.markup.addresses import SCHEME
from knowledge.markup.anchors import anchor
from knowledge.pages.importing.texts import SourcePage, stem_of

# Gives the new address of a link, or None to leave it as it is.
Rewriter = Callable[[str], str | None]

_FENCED = r"^[ >]{0,8}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^[ >]{0,8}(?P=fence)[`~]*[ \t]*$|.*\Z)"
_SPAN = r"(?<!`)(?P<ticks>`{1,4})(?!`)(?:(?!\n[ \t]*\n)[\s\S]){1,2000}?(?<!`)(?P=ticks)(?!`)"
_CODE = re.compile(f"(?:{_FENCED})|<!--.*?-->|(?:{_SPAN})", re.DOTALL | re.MULTILINE)
_ADDRESS = r"<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_INLINE = re.compile(
    rf"(\]\([ \t]*\n?[ \t]*)({_ADDRESS})"
    r"(?=[ \t]*\)|[ \t\n]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\))[ \t]*\))"
)
_DEFINED = re.compile(
    r"^( {0,3}\[(?!\^)[^\]\n]{1,300}\]:[ \t]*\n?[ \t]*)(<[^<>\n]*>|\S+)", re.MULTILINE
)
_TAG = re.compile(r"<(?:a|img|source)\s[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(\s(?:href|src)\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
# What other tools fill in before they look at the address.
_TEMPLATE = re.compile(r"\{\{|\{%|<%|\$\{|\$\w+\$")


def rewrite(text: str, new_address: Rewriter) -> str:
    """Rewrite the links, images and references of a text; code stays as it is."""
    parts = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_rewrite_prose(text[end : code.start()], new_address), code.group()]
        end = code.end()
    parts.append(_rewrite_prose(text[end:], new_address))
    return "".join(parts)


def _rewrite_prose(text: str, new_address: Rewriter) -> str:
    def markdown(match: re.Match[str]) -> str:
        before, address = match.groups()
        bare = address[1:-1] if address.startswith("<") else address
        new = new_address(bare) if bare else None
        return match.group() if new is None else f"{before}{new}"

    def attribute(match: re.Match[str]) -> str:
        before, quoted = match.groups()
        new = new_address(quoted[1:-1]) if len(quoted) > 2 else None
        return match.group() if new is None else f'{before}"{new}"'

    text = _INLINE.sub(markdown, text)
    text = _DEFINED.sub(markdown, text)
    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(attribute, tag.group()), text)


class Kind(Enum):
    """What an address in a text turned out to be."""

    PAGE = "page"
    FILE = "file"
    HEADING = "heading"
    OUTSIDE = "leaves the folder"
    MISSING = "link not found"
    FOREIGN = "foreign"


class Target(NamedTuple):
    """Where a link leads: the key of a page or file, and the heading as ours."""

    kind: Kind
    key: str = ""
    fragment: str = ""


class Places:
    """Finds pages and files by all the ways in which tools write links to them."""

    def __init__(self, pages: Iterable[SourcePage], files: Iterable[str]) -> None:
        self._pages: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._files: dict[str, str] = {}
        for page in pages:
            self._add_page(page)
        for key in files:
            self._files.setdefault(key, key)
            self._files.setdefault(key.lower(), key)
        keys = [*self._pages.values(), *self._files.values()]
        tops = sorted({key.partition("/")[0] for key in keys if "/" in key})
        # Sites serve these folders at their root.
        self._bases = ["", *tops, *(f"{top}/public" for top in tops)]

    def _add_page(self, page: SourcePage) -> None:
        bare = posixpath.join(page.folder, stem_of(posixpath.basename(page.key)))
        names = [page.key, bare] if not page.key.endswith("/") else []
        if page.is_index:
            names.append(page.folder)
        for name in names:
            self._pages.setdefault(name, page.key)
            self._pages.setdefault(name.lower(), page.key)
        for alias in page.aliases:
            self._declared.setdefault(alias, page.key)

    def find(self, source: SourcePage, address: str) -> Target:
        """Say where an address leads that stands in the text of `source`."""
        address = address.strip()
        if (
            SCHEME.match(address)
            or address.startswith("//")
            or _TEMPLATE.search(address)
        ):
            return Target(Kind.FOREIGN)
        path, _hash, fragment = address.partition("#")
        path = unquote(path.partition("?")[0]).replace("\\", "/")
        heading = f"#{anchor(unquote(fragment))}" if fragment else ""
        if not path:
            return Target(Kind.HEADING, source.key, heading)
        for candidate in self._candidates(source, path):
            found = self._look_up(candidate, heading)
            if found:
                return found
        return self._lost(source, path, heading)

    def _candidates(self, source: SourcePage, path: str) -> list[str]:
        """List the paths that may be meant, the likeliest first."""
        if path.startswith("/"):
            inner = path.lstrip("/")
            joined = [posixpath.join(base, inner) for base in self._bases]
        else:
            page = posixpath.join(
                source.folder, stem_of(posixpath.basename(source.key.rstrip("/")))
            )
            # Some sites serve `a.md` as `a/`, and links start there.
            joined = [posixpath.join(f, path) for f in (source.folder, page)]
        normal = [posixpath.normpath(path) for path in joined]
        return ["" if path == "." else path for path in normal if path[:2] != ".."]

    def _look_up(self, path: str, heading: str) -> Target | None:
        for name in (path, path.lower()):
            if name in self._pages:
                return Target(Kind.PAGE, self._pages[name], heading)
            if name in self._files:
                return Target(Kind.FILE, self._files[name])
            bare = stem_of(name)
            for other in (bare, bare.removesuffix("/index")):
                if other != name and other in self._pages:
                    return Target(Kind.PAGE, self._pages[other], heading)
        return None

    def _lost(self, source: SourcePage, path: str, heading: str) -> Target:
        """Try the addresses that pages declare for themselves; else give up."""
        if not path.startswith("/"):
            joined = posixpath.normpath(posixpath.join(source.folder, path))
            return Target(Kind.OUTSIDE if joined[:2] == ".." else Kind.MISSING)
        parts = path.strip("/").lower().split("/")
        # `/de/docs/Web/API` where the page says that it is `Web/API`.
        for start in range(min(3, len(parts))):
            declared = self._declared.get("/".join(parts[start:]))
            if declared:
                return Target(Kind.PAGE, declared, heading)
        outside = posixpath.normpath(path.lstrip("/"))[:2] == ".."
        return Target(Kind.OUTSIDE if outside else Kind.MISSING)
