"""Read a folder: which files are pages, which are not, and how pages hang together."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from knowledge.markup import MAX_SOURCE_CHARS
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
    files: dict[str, Path] = field(default_factory=dict)

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
    for key, entry in _walk(path, report):
        if not _PAGE.search(key):
            folder.files[key] = Path(entry.path)
            continue
        size = entry.stat(follow_symlinks=False).st_size
        total += size
        if total > MAX_TOTAL_BYTES:
            raise FolderRefusedError(f"more than {MAX_TOTAL_BYTES} bytes of text")
        _add_page(folder, key, entry, language, report)
    _hang(folder, language)
    report.counts["pages found"] += len(folder.pages)
    return folder


def _add_page(
    folder: Folder, key: str, entry: os.DirEntry[str], language: str, report: Report
) -> None:
    try:
        if entry.stat(follow_symlinks=False).st_size > MAX_PAGE_BYTES:
            raise RefusedError(f"longer than {MAX_SOURCE_CHARS} characters")
        page = read_page(key, _read(entry.path), language, report)
    except (RefusedError, OSError) as error:
        report.note("refused", key, str(error))
        return
    unknown = sorted(set(page.front_matter) - KNOWN_KEYS)
    if unknown:
        report.note("front matter kept beside the page", key, ", ".join(unknown)[:200])
    folder.pages[key] = page


def _read(path: str) -> bytes:
    """Read a file unless it has become a link since it was listed."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as handle:
        return handle.read(MAX_PAGE_BYTES + 1)


def _walk(top: Path, report: Report) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """List regular files, in the order of their names, whatever lies in the folder."""
    waiting: list[tuple[str, str, int]] = [(str(top), "", 0)]
    seen = 0
    while waiting:
        path, prefix, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise FolderRefusedError(f"folders are nested more than {MAX_DEPTH} deep")
        with os.scandir(path) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        seen += len(listed)
        if seen > MAX_ENTRIES:
            raise FolderRefusedError(f"more than {MAX_ENTRIES} entries")
        for entry in listed:
            key = f"{prefix}{entry.name}"
            if _is_plain(entry, key, report):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{key}/", depth + 1))
                else:
                    yield key, entry


def _is_plain(entry: os.DirEntry[str], key: str, report: Report) -> bool:
    """Say whether an entry is a file or folder to read; report what is refused."""
    if entry.name.startswith("."):
        return False
    reason = ""
    if entry.is_symlink():
        reason = "a symbolic link"
    elif not entry.is_dir(follow_symlinks=False):
        reason = "" if entry.is_file(follow_symlinks=False) else "not a regular file"
    if not reason and not entry.name.isascii():
        try:
            entry.name.encode()
        except UnicodeEncodeError:
            reason = "its name is not UTF-8"
    if reason:
        report.note("refused", key, reason)
    return not reason


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
