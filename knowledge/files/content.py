"""What a file is: decided by its bytes. Names and browsers only claim."""

import re
from typing import IO

from knowledge.files.zips import NoZipError, first_in, names_in

UNKNOWN = "application/octet-stream"
PDF = "application/pdf"
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What a browser may show. All else is only ever saved.
INLINE_TYPES = IMAGE_TYPES | {PDF}
HEAD_BYTES = 4096
_OFFICE = "application/vnd.openxmlformats-officedocument"
# A folder that only this kind of document has.
_OFFICE_FOLDERS = {
    "word/": f"{_OFFICE}.wordprocessingml.document",
    "xl/": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}.presentationml.presentation",
}
_OPEN_DOCUMENT = re.compile(rb"^application/vnd\.oasis\.opendocument\.[a-z]{1,30}$")
_OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_TEXTS = {"csv": "text/csv", "md": "text/markdown", "markdown": "text/markdown"}


def find_type(file: IO[bytes], name: str) -> str:
    """Find the content type of a file. `name` only tells kinds of text apart.

    What a browser could run (HTML, SVG, XML) and what is not known is UNKNOWN.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    ending = name.rpartition(".")[2].lower()
    found = _by_magic(head)
    if head.startswith(b"PK\x03\x04"):
        found = _zip_type(file)
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        found = _OLD_OFFICE.get(ending, UNKNOWN)
    elif not found and _is_plain_text(head):
        found = _TEXTS.get(ending, "text/plain")
    file.seek(0)
    return found or UNKNOWN


def _by_magic(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return PDF if head.startswith(b"%PDF-") else None


def _zip_type(file: IO[bytes]) -> str:
    try:
        return _document_type(file) or "application/zip"
    except (NoZipError, OSError):
        return UNKNOWN


def _document_type(file: IO[bytes]) -> str | None:
    """Say which document an archive is by the names in it, or by what stands first.

    An open document begins with its type, not compressed: the format demands it.
    """
    names = set(names_in(file))
    first = first_in(file)
    if first and first.name == "mimetype":
        declared = first.content.strip()
        return declared.decode() if _OPEN_DOCUMENT.match(declared) else None
    if "[Content_Types].xml" not in names:
        return None
    folders = {f"{name.partition('/')[0]}/" for name in names}
    kinds = [kind for folder, kind in _OFFICE_FOLDERS.items() if folder in folders]
    return kinds[0] if len(kinds) == 1 else None


def _is_plain_text(head: bytes) -> bool:
    """Say whether this reads as text in which no browser finds a document."""
    try:
        # The last character may be cut off in the middle.
        text = head.decode("utf-8", "strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return False
    if any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
        return False
    return not re.search(r"<[!?a-z/]", text, re.IGNORECASE)
