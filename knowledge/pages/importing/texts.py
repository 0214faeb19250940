"""One Markdown file: its title, language, front matter and text."""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings

from knowledge.markup import MAX_SOURCE_CHARS, split_front_matter
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.values import first_number, first_text, keep

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
SUMMARY_KEYS = ("description",)
KNOWN_KEYS = {
    *TITLE_KEYS,
    *LANGUAGE_KEYS,
    *ADDRESS_KEYS,
    *ORDER_KEYS,
    *SUMMARY_KEYS,
}
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
    summary: str = ""
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
    shown = (words[:1].upper() + words[1:])[:MAX_TITLE] or name[:MAX_TITLE].strip()
    return shown or "?"


def read_page(key: str, data: bytes, language: str, report: Report) -> SourcePage:
    """Read a Markdown file. Raises RefusedError for what is no text or too long."""
    text = _decode(key, data, report)
    if len(text) > MAX_SOURCE_CHARS:
        raise RefusedError(f"longer than {MAX_SOURCE_CHARS} characters")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = split_front_matter(text)
    if found.error:
        report.note("front matter not read", key, found.error)

    def tell(name: str, why: str) -> None:
        report.note("front matter value not used", key, f"{name[:100]}: {why}")

    values = keep(found.data, tell)
    path = PurePosixPath(key)
    is_index = stem_of(path.name).lower() in INDEX_STEMS
    title, body = _title(first_text(values, TITLE_KEYS, tell), found.body)
    fallback = path.parent.name if is_index and path.parent.name else path.name
    return SourcePage(
        key=key,
        title=title or words_of(fallback),
        body=body,
        language=_language(first_text(values, LANGUAGE_KEYS, tell), path, language),
        front_matter=values,
        summary=first_text(values, SUMMARY_KEYS, tell),
        order=first_number(values, ORDER_KEYS, tell),
        aliases=_addresses(values),
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


def _title(given: str, body: str) -> tuple[str, str]:
    """Find the title, and the text without the heading that says the same."""
    heading, rest = _take_heading(body)
    title = (given or heading)[:MAX_TITLE].strip()
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


def _language(said: str, path: PurePosixPath, default: str) -> str:
    """Take the language of the page, else of the nearest folder, else the given one."""
    folders = [part.lower() for part in reversed(path.parts[:-1])]
    named = [
        said.lower()[:2],
        *(f[:2] for f in folders if re.match(r"^[a-z]{2}(-[a-z]{2})?$", f)),
    ]
    return next((code for code in named if code in LANGUAGES), default)


def _addresses(data: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for key in ADDRESS_KEYS:
        value = data.get(key)
        values = value if isinstance(value, list) else [value]
        found += [str(v).strip("/").lower() for v in values if isinstance(v, str)]
    return tuple(address for address in found if address)
