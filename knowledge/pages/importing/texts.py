"""One Markdown file: its title, language, front matter and text."""

import json
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings

from knowledge.markup import MAX_SOURCE_CHARS, split_front_matter
from knowledge.pages.importing.report import Report

MAX_TITLE = 255
INDEX_STEMS = ("index", "readme", "_index")
LANGUAGES = tuple(code for code, _name in settings.CONTENT_LANGUAGES)
# What front matter may say to us; everything else is kept beside the page.
TITLE_KEYS = ("title", "titel", "name")
LANGUAGE_KEYS = ("lang", "language", "locale", "ms.locale")
ADDRESS_KEYS = (
    "slug",
    "permalink",
    "url",
    "aliases",
    "redirect_from",
    "page-type-slug",
)
ORDER_KEYS = ("weight", "order", "nav_order", "sidebar_position", "position")
KNOWN_KEYS = {*TITLE_KEYS, *LANGUAGE_KEYS, *ADDRESS_KEYS, *ORDER_KEYS, "description"}
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}=+[ \t]*$")
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|<[^>]*>|\{[#:][^}]*\}|[`*]|\*\*|__")


class RefusedError(Exception):
    """This file cannot become a page; the message says why."""


@dataclass
class SourcePage:
    """A page to be. `key` is its path in the folder; `parent` the key above, or ""."""

    key: str
    title: str
    body: str
    language: str
    parent: str = ""
    front_matter: dict[str, Any] = field(default_factory=dict)
    order: float = float("inf")
    aliases: tuple[str, ...] = ()
    is_index: bool = False

    @property
    def folder(self) -> str:
        """Give the folder in which relative links of this page start."""
        if self.key.endswith("/"):
            return self.key.rstrip("/")
        parent = str(PurePosixPath(self.key).parent)
        return "" if parent == "." else parent


def stem_of(name: str) -> str:
    """Give a file's name without its endings (`a.html.md` is `a`)."""
    stem = re.sub(r"\.(md|markdown)$", "", name, flags=re.IGNORECASE)
    return re.sub(r"\.html?$", "", stem, flags=re.IGNORECASE)


def words_of(name: str) -> str:
    """Make a title of a file's or folder's name."""
    words = re.sub(r"[-_\s]+", " ", stem_of(name)).strip()
    return (words[:1].upper() + words[1:])[:MAX_TITLE] or name[:MAX_TITLE] or "?"


def read_page(key: str, data: bytes, language: str, report: Report) -> SourcePage:
    """Read a Markdown file. Raises RefusedError for what is no text or too long."""
    text = _decode(key, data, report)
    if len(text) > MAX_SOURCE_CHARS:
        raise RefusedError(f"longer than {MAX_SOURCE_CHARS} characters")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = split_front_matter(text)
    if found.error:
        report.note("front matter not read", key, found.error)
    path = PurePosixPath(key)
    is_index = stem_of(path.name).lower() in INDEX_STEMS
    title, body = _title(_first(found.data, TITLE_KEYS), found.body)
    fallback = path.parent.name if is_index and path.parent.name else path.name
    return SourcePage(
        key=key,
        title=title or words_of(fallback),
        body=body,
        language=_language(found.data, path, language),
        front_matter=_plain(found.data),
        order=_order(found.data),
        aliases=_addresses(found.data),
        is_index=is_index,
    )


def _decode(key: str, data: bytes, report: Report) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.note("encoding", key, "read as UTF-16")
        return data.decode("utf-16", "replace").replace("\x00", "")
    if b"\x00" in data:
        raise RefusedError("not a text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.note("encoding", key, f"not UTF-8 at byte {error.start}; replaced")
        text = data.decode("utf-8-sig", "replace")
    if text.count("\ufffd") > len(text) // 10:
        raise RefusedError("not a text")
    return text


def _first(data: dict[str, Any], keys: tuple[str, ...]) -> str:
    values = (data[key] for key in keys if isinstance(data.get(key), str | int | float))
    return next((" ".join(str(value).split()) for value in values), "")


def _title(given: str, body: str) -> tuple[str, str]:
    """Find the title, and the text without the heading that says the same."""
    heading, rest = _take_heading(body)
    title = (given or heading).replace("\x00", "")[:MAX_TITLE].strip()
    same = heading.casefold() == given.casefold()
    return title, rest if heading and (not given or same) else body


def _take_heading(body: str) -> tuple[str, str]:
    """Take the first heading off: of the first level, or what the text begins with."""
    lines = body.split("\n")
    fence = ""
    begun = False
    for number, line in enumerate(lines):
        fenced = _FENCE.match(line)
        if fenced and (not fence or fenced[1].startswith(fence)):
            fence = "" if fence else fenced[1]
        heading = None if fence or fenced else _HEADING.match(line)
        if heading and (len(heading[1]) == 1 or not begun):
            return _plain_title(heading[2]), _without(lines, number, 1)
        if heading:
            return "", body
        if begun is False and _is_underlined(lines, number):
            return _plain_title(line), _without(lines, number, 2)
        begun = begun or bool(line.strip())
    return "", body


def _is_underlined(lines: list[str], number: int) -> bool:
    below = lines[number + 1] if number + 1 < len(lines) else ""
    return bool(lines[number].strip()) and bool(_UNDERLINE.match(below))


def _without(lines: list[str], start: int, count: int) -> str:
    return "\n".join(lines[:start] + lines[start + count :]).strip("\n") + "\n"


def _plain_title(text: str) -> str:
    return " ".join(_MARKS.sub(lambda m: m[1] or "", text).split())[:MAX_TITLE]


def _language(data: dict[str, Any], path: PurePosixPath, default: str) -> str:
    """Take the language of the page, else of the nearest folder, else the given one."""
    said = _first(data, LANGUAGE_KEYS).lower()[:2]
    folders = [part.lower() for part in reversed(path.parts[:-1])]
    named = [said, *(f[:2] for f in folders if re.match(r"^[a-z]{2}(-[a-z]{2})?$", f))]
    return next((code for code in named if code in LANGUAGES), default)


def _order(data: dict[str, Any]) -> float:
    numbers = (data.get(key) for key in ORDER_KEYS)
    return next((float(n) for n in numbers if isinstance(n, int)), float("inf"))


def _addresses(data: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for key in ADDRESS_KEYS:
        value = data.get(key)
        values = value if isinstance(value, list) else [value]
        found += [str(v).strip("/").lower() for v in values if isinstance(v, str)]
    return tuple(address for address in found if address)


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Bring front matter into what JSON and PostgreSQL can hold."""
    text = json.dumps(data, default=str).replace("\\u0000", "")
    plain: dict[str, Any] = json.loads(text, parse_constant=lambda _name: None)
    return plain
