"""The text of Office Open XML and OpenDocument: zip archives with parts in XML.

Both formats are published standards (ECMA-376, ISO 26300), and of both only a few
elements hold text. So they are read as they come, one piece at a time: neither the
archive nor a part is ever whole in memory.
"""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from defusedxml.ElementTree import DefusedXMLParser

from search.extractors.gathering import (
    EncryptedError,
    Gathered,
    TooLargeError,
    UnknownKindError,
)

MAX_ENTRIES = 20_000
# Bytes that all parts with text unfold to, together.
MAX_UNPACKED = 128 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
ENCRYPTED = 1
# The parts with text, in the order in which they are read.
PARTS = (
    r"word/document\d*\.xml",
    r"word/(footnotes|endnotes|comments|header\d*|footer\d*)\.xml",
    r"ppt/slides/slide\d+\.xml",
    r"ppt/notesSlides/notesSlide\d+\.xml",
    r"xl/sharedStrings\.xml",
    r"xl/worksheets/sheet\d+\.xml",
    r"xl/comments\d*\.xml",
    r"content\.xml",
)
# Elements (by their names without namespace) whose content nobody sees: an alternative
# for old programs, how to pronounce a word, deleted text, who commented.
UNSEEN = {"Fallback", "rPh", "tracked-changes", "creator"}
# Where Office Open XML keeps text; OpenDocument keeps it in everything in its body.
TEXT = {"t", "v"}
BODY = "body"
# Cells whose value is not what they show: a number of a shared text, yes or no, an error.
NO_TEXT = {"s", "b", "e"}
# At these a word ends. Others are runs of letters inside a word.
BREAKS = {
    *("p", "h", "br", "cr", "tab", "tc", "si", "c", "v"),
    *("s", "line-break", "table-cell", "note"),
}


def read_office(data: bytes, gathered: Gathered) -> None:
    """Add the text of a document.

    Raises EncryptedError, TooLargeError, UnknownKindError, Enough, or whatever zip and
    XML parsers raise for damage.
    """
    with ZipFile(BytesIO(data)) as archive:
        parts = _parts(archive)
        if not parts:
            raise UnknownKindError
        _demand_plain(archive, parts)
        for part in parts:
            _read_part(archive, part, gathered)
            gathered.add("\n")


def _parts(archive: ZipFile) -> list[ZipInfo]:
    """List the parts with text in their order; of two with one name, the later."""
    if len(archive.infolist()) > MAX_ENTRIES:
        raise TooLargeError
    ranked = []
    for name in set(archive.namelist()):
        for rank, pattern in enumerate(PARTS):
            if re.fullmatch(pattern, name):
                # The second slide comes before the tenth.
                ranked.append((rank, len(name), name))
    return [archive.getinfo(name) for _rank, _length, name in sorted(ranked)]


def _demand_plain(archive: ZipFile, parts: list[ZipInfo]) -> None:
    """Refuse an archive before anything in it is unpacked.

    The sizes are the archive's own words. The library holds it to them.
    """
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise TooLargeError
    if any(part.flag_bits & ENCRYPTED for part in parts) or _is_locked(archive):
        raise EncryptedError
    # What the formats allow. Others unfold far more at once.
    if any(part.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for part in parts):
        raise UnknownKindError


def _is_locked(archive: ZipFile) -> bool:
    """Say whether an OpenDocument's manifest tells of a password."""
    try:
        with archive.open("META-INF/manifest.xml") as manifest:
            return b"encryption-data" in manifest.read(CHUNK_BYTES)
    except KeyError:
        return False


def _read_part(archive: ZipFile, part: ZipInfo, gathered: Gathered) -> None:
    is_open_document = part.filename == "content.xml"
    # Without a DTD there are no entities but XML's own five.
    parser = DefusedXMLParser(
        target=_Words(gathered, everywhere_in=BODY if is_open_document else ""),
        forbid_dtd=True,
    )
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            parser.feed(chunk)
    parser.close()


class _Words:
    """What an XML parser tells of elements and characters, reduced to text."""

    def __init__(self, gathered: Gathered, everywhere_in: str) -> None:
        self._gathered = gathered
        self._holders = {everywhere_in} if everywhere_in else TEXT
        self._holding = 0
        self._unseen = 0
        self._cell = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        name = tag.rpartition("}")[2]
        self._unseen += name in UNSEEN
        self._holding += name in self._holders
        self._break_at(name)
        if name == "c":
            self._cell = attributes.get("t", "")

    def end(self, tag: str) -> None:
        """End an element."""
        name = tag.rpartition("}")[2]
        self._unseen -= name in UNSEEN
        self._holding -= name in self._holders
        self._break_at(name)
        if name == "c":
            self._cell = ""

    def data(self, characters: str) -> None:
        """Take characters, if somebody sees them."""
        if self._holding and not self._unseen and self._cell not in NO_TEXT:
            self._gathered.add(characters)

    def close(self) -> None:
        """Be done, as a parser expects."""

    def _break_at(self, name: str) -> None:
        if name in BREAKS:
            self._gathered.add(" ")
