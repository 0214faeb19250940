"""What a zip archive holds, read from its tables alone: nothing is ever unpacked.

The library reads the whole table of contents into memory and trusts the sizes in it.
Here a few hundred kilobytes are read, whatever the archive says of itself.
"""

import struct
from collections.abc import Iterator
from os import SEEK_END
from typing import IO, NamedTuple

# Entries looked at; a document names its parts among the first.
MAX_ENTRIES = 2000
MAX_TABLE_BYTES = 512 * 1024
MAX_FIRST_BYTES = 100
STORED = 0
ENCRYPTED = 1
_UTF_8_NAMES = 0x800
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_MAX_COMMENT = 0xFFFF
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ENTRY_MARK = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MARK = b"PK\x03\x04"


class NoZipError(ValueError):
    """The bytes have no table of contents as a zip archive has."""


class First(NamedTuple):
    """The first entry of an archive, if it is short and stored as it is."""

    name: str
    content: bytes


def names_in(file: IO[bytes]) -> list[str]:
    """List the names in an archive, at most MAX_ENTRIES.

    Raises NoZipError.
    """
    start, size, number = _find_table(file)
    file.seek(start)
    table = file.read(min(size, MAX_TABLE_BYTES))
    return list(_names(table, min(number, MAX_ENTRIES)))


def first_in(file: IO[bytes]) -> First | None:
    """Give the entry at the start of the file, as formats want it that mark themselves.

    None when it is compressed, encrypted, longer than MAX_FIRST_BYTES, or written
    without its size before it.
    """
    file.seek(0)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        return None
    mark, _version, flags, method, _t, _d, _crc, packed, size, name, extra = (
        _LOCAL.unpack(head)
    )
    is_plain = method == STORED and not flags & ENCRYPTED and packed == size
    if mark != _LOCAL_MARK or not is_plain or not 0 < size <= MAX_FIRST_BYTES:
        return None
    if name > MAX_FIRST_BYTES or extra:
        return None
    read = file.read(name + size)
    return First(_decode(read[:name], flags), read[name:])


def _find_table(file: IO[bytes]) -> tuple[int, int, int]:
    """Find the table of contents: where it starts, its size, and its number of entries.

    Its place is told by what ends the archive; the offset that stands there is no help
    when something was put in front.
    """
    length = file.seek(0, SEEK_END)
    start = max(0, length - _END.size - _MAX_COMMENT)
    file.seek(start)
    tail = file.read(_END.size + _MAX_COMMENT)
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) - place < _END.size:
        raise NoZipError
    _m, _disk, _first_disk, _here, number, size, _offset, _comment = _END.unpack_from(
        tail, place
    )
    table = start + place - size
    if table < 0:
        raise NoZipError
    return table, size, number


def _names(table: bytes, number: int) -> Iterator[str]:
    place = 0
    for _entry in range(number):
        if len(table) - place < _ENTRY.size:
            # Where our reading ended, or the archive is cut.
            return
        fields = _ENTRY.unpack_from(table, place)
        if fields[0] != _ENTRY_MARK:
            raise NoZipError
        flags, (name, extra, comment) = fields[3], fields[10:13]
        start = place + _ENTRY.size
        yield _decode(table[start : start + name], flags)
        place = start + name + extra + comment


def _decode(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & _UTF_8_NAMES else "cp437", "replace")
