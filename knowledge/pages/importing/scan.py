"""Read a folder: which files are pages, which are not, and how pages hang together."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from knowledge.markup import MAX_SOURCE_CHARS
from knowledge.pages.importing.opening import open_file, open_folder, reason
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.texts import (
    INDEX_STEMS,
    KNOWN_KEYS,
    RefusedError,
    SourcePage,
    read_page,
    stem_of,
    words_of,
)

MAX_ENTRIES = 100_000
MAX_DEPTH = 30
# A character has at most four bytes.
MAX_PAGE_BYTES = 4 * MAX_SOURCE_CHARS
MAX_TOTAL_BYTES = 2_000_000_000
_PAGE = re.compile(r"\.(md|markdown)$", re.IGNORECASE)


class FolderRefusedError(Exception):
    """The folder cannot be imported at all; the message says why."""


@dataclass
class Folder:
    """What was found. Keys are paths with `/`; those of folders end in `/`."""

    path: Path
    pages: dict[str, SourcePage] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    # The folder in which everything lies (`docs`): it needs no page of its own.
    base: str = ""

    @property
    def index_key(self) -> str | None:
        """Give the key of the page that stands for the whole folder."""
        for place in ("", self.base):
            for key, page in self.pages.items():
                if page.is_index and not page.parent and page.folder == place:
                    return key
        return None


def scan(path: Path, *, language: str, report: Report) -> Folder:
    """Read a folder without following anything out of it.

    Raises FolderRefusedError when it is no folder, too deep or has too many entries.
    """
    if path.is_symlink() or not path.is_dir():
        raise FolderRefusedError(f"{path} is not a folder")
    folder = Folder(path)
    total = 0
    for key in _walk(path, report):
        if not _PAGE.search(key):
            folder.files.append(key)
            continue
        total += _add_page(folder, key, language, report)
        if total > MAX_TOTAL_BYTES:
            raise FolderRefusedError(f"more than {MAX_TOTAL_BYTES} bytes of text")
    _hang(folder, language)
    report.counts["pages found"] += len(folder.pages)
    return folder


def _add_page(folder: Folder, key: str, language: str, report: Report) -> int:
    """Read a page; give the number of bytes read."""
    data = b""
    try:
        data = _read(folder.path, key)
        page = read_page(key, data, language, report)
    except OSError as error:
        report.note("refused", key, reason(error))
        return len(data)
    except RefusedError as error:
        report.note("refused", key, str(error))
        return len(data)
    unknown = sorted(set(page.front_matter) - KNOWN_KEYS)
    if unknown:
        report.note("front matter kept beside the page", key, ", ".join(unknown)[:200])
    folder.pages[key] = page
    return len(data)


def _read(top: Path, key: str) -> bytes:
    with open_file(top, key) as handle:
        data = handle.read(MAX_PAGE_BYTES + 1)
    if len(data) > MAX_PAGE_BYTES:
        raise RefusedError(f"longer than {MAX_SOURCE_CHARS} characters")
    return data


def _walk(top: Path, report: Report) -> Iterator[str]:
    """List regular files, in the order of their names, whatever lies in the folder."""
    waiting: list[tuple[str, int]] = [("", 0)]
    seen = 0
    while waiting:
        prefix, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise FolderRefusedError(f"folders are nested more than {MAX_DEPTH} deep")
        listed = _listed(top, prefix, report)
        seen += len(listed)
        if seen > MAX_ENTRIES:
            raise FolderRefusedError(f"more than {MAX_ENTRIES} entries")
        for entry in listed:
            key = f"{prefix}{entry.name}"
            if _is_plain(entry, key, report):
                if entry.is_folder:
                    waiting.append((f"{key}/", depth + 1))
                else:
                    yield key


class _Entry(NamedTuple):
    """What a folder says of one thing in it."""

    name: str
    is_link: bool
    is_folder: bool
    is_file: bool


def _listed(top: Path, prefix: str, report: Report) -> list[_Entry]:
    """List one folder by name; nothing, and a notice, when it cannot be opened."""
    try:
        with (
            open_folder(top, prefix.rstrip("/")) as place,
            os.scandir(place) as entries,
        ):
            return sorted(_Entry(e.name, *_kinds(e)) for e in entries)
    except OSError as error:
        report.note("refused", prefix, reason(error))
        return []


def _kinds(entry: os.DirEntry[str]) -> tuple[bool, bool, bool]:
    return (
        entry.is_symlink(),
        entry.is_dir(follow_symlinks=False),
        entry.is_file(follow_symlinks=False),
    )


def _is_plain(entry: _Entry, key: str, report: Report) -> bool:
    """Say whether an entry is a file or folder to read; report what is refused."""
    if entry.name.startswith("."):
        return False
    why = ""
    if entry.is_link:
        why = "a symbolic link"
    elif not entry.is_folder:
        why = "" if entry.is_file else "not a regular file"
    if not why and not entry.name.isascii():
        try:
            entry.name.encode()
        except UnicodeEncodeError:
            why = "its name is not UTF-8"
    if why:
        report.note("refused", key, why)
    return not why


def _hang(folder: Folder, language: str) -> None:
    """Give each page its parent; folders without a page of their own get an empty one."""
    index_of = _index_pages(folder.pages)
    folder.base = _base(folder.pages)
    for key in list(folder.pages):
        page = folder.pages[key]
        page.is_index = index_of.get(page.folder) == key
        if not page.is_index:
            page.parent = _folder_page(folder, page.folder, index_of, language)
        elif page.folder:
            above = _above(page.folder)
            page.parent = _folder_page(folder, above, index_of, language)


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _index_pages(pages: dict[str, SourcePage]) -> dict[str, str]:
    """Find for each folder the page that stands for it, in the order of INDEX_STEMS."""
    found: dict[str, str] = {}

    def rank(key: str) -> int:
        return INDEX_STEMS.index(stem_of(PurePosixPath(key).name).lower())

    for key, page in pages.items():
        if page.is_index:
            rival = found.get(page.folder)
            if rival is None or rank(key) < rank(rival):
                found[page.folder] = key
    return found


def _base(pages: dict[str, SourcePage]) -> str:
    """Find the deepest folder that holds all pages."""
    folders = [page.folder.split("/") if page.folder else [] for page in pages.values()]
    shared: list[str] = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared)


def _folder_page(
    folder: Folder, path: str, index_of: dict[str, str], language: str
) -> str:
    """Find or make the page of a folder; its key, or "" for the project itself."""
    if path in index_of:
        return index_of[path]
    if not path or f"{folder.base}/".startswith(f"{path}/"):
        return index_of.get("", "")
    key = index_of[path] = f"{path}/"
    parent = _folder_page(folder, _above(path), index_of, language)
    title = words_of(path.rpartition("/")[2])
    folder.pages[key] = SourcePage(key, title, "", language, parent, is_index=True)
    return key
