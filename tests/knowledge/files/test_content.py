"""What a file is stands in its bytes, and its name is made harmless."""

import struct
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.files.content import INLINE_TYPES, UNKNOWN, find_type
from knowledge.files.names import MAX_NAME_CHARS, clean_name
from tests.knowledge.files import samples

OFFICE = "application/vnd.openxmlformats-officedocument"
ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (samples.png(), "a.txt", "image/png"),
        (samples.jpeg_with_exif(), "a.html", "image/jpeg"),
        (samples.animated_gif(), "a", "image/gif"),
        (samples.webp_with_exif(), "a", "image/webp"),
        (samples.PDF, "a.html", "application/pdf"),
        (b"a;b\n1;2\n", "a.csv", "text/csv"),
        (b"# Title\n", "a.md", "text/markdown"),
        ("één".encode(), "a.unknown", "text/plain"),
        (samples.HTML, "a.png", UNKNOWN),
        (samples.HTML, "a.txt", UNKNOWN),
        (samples.SVG, "a.svg", UNKNOWN),
        (b"\xef\xbb\xbf<?xml version='1.0'?><x/>", "a.txt", UNKNOWN),
        (b"\x00\x01\x02", "a.png", UNKNOWN),
        (b"\xff\xfe<\x00s\x00", "a.txt", UNKNOWN),
        (samples.zipped("a.txt"), "a.docx", "application/zip"),
        (
            samples.zipped("[Content_Types].xml", "word/document.xml"),
            "a.zip",
            f"{OFFICE}.wordprocessingml.document",
        ),
        (samples.zipped("content.xml", mimetype=ODT), "a.odt", ODT),
        (samples.zipped("x", mimetype="text/html"), "a.odt", "application/zip"),
        (b"PK\x03\x04 and no archive", "a.docx", UNKNOWN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "a.xls", "application/vnd.ms-excel"),
    ],
)
def test_type_is_found_in_the_bytes(data, name, expected):
    assert find_type(BytesIO(data), name) == expected


def memory_to_find_type(data: bytes) -> tuple[str, int]:
    """Find a type, and the most bytes that were held on the way."""
    file = BytesIO(data)
    tracemalloc.start()
    try:
        found = find_type(file, "a.odt")
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [samples.lying_zip(), samples.crowded_zip(100_000)],
    ids=["one entry that unfolds", "a hundred thousand entries"],
)
def test_an_archive_is_neither_unpacked_nor_listed_whole(data):
    found, memory = memory_to_find_type(data)
    assert memory < 4_000_000
    assert found == "application/zip"


def rewritten(data: bytes, offset: int, fmt: str, value: int) -> bytes:
    """Change a number in the record that ends an archive."""
    end = data.rindex(b"PK\x05\x06") + offset
    packed = struct.pack(fmt, value)
    return data[:end] + packed + data[end + len(packed) :]


@pytest.mark.parametrize(
    ("offset", "fmt", "value", "expected"),
    [
        # The table would begin before the file, or in the middle of an entry.
        (12, "<L", 0xFFFFFFFF, UNKNOWN),
        (12, "<L", 50, UNKNOWN),
        # More entries than there are: those that are there count.
        (10, "<H", 0xFFFF, ODT),
    ],
)
def test_an_archive_that_lies_about_its_table(offset, fmt, value, expected):
    data = samples.zipped("content.xml", mimetype=ODT)
    assert find_type(BytesIO(rewritten(data, offset, fmt, value)), "a.odt") == expected


def test_the_type_of_an_open_document_must_not_be_compressed():
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODT)
    assert find_type(out, "a.odt") == "application/zip"


def test_an_archive_with_a_comment_is_read():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "x")
        archive.comment = b"made by hand" * 100
    assert find_type(out, "a.zip") == f"{OFFICE}.spreadsheetml.sheet"


@given(st.data())
def test_any_damage_to_an_archive_gives_some_type(data):
    whole = samples.zipped("[Content_Types].xml", "word/document.xml")
    place = data.draw(st.integers(4, len(whole) - 1))
    inserted = data.draw(st.binary(max_size=8))
    cut = data.draw(st.integers(0, 8))
    damaged = whole[:place] + inserted + whole[place + cut :]
    assert find_type(BytesIO(damaged), "a.docx") in {
        UNKNOWN,
        "application/zip",
        f"{OFFICE}.wordprocessingml.document",
    }


@given(st.binary(max_size=300), st.sampled_from(["a.png", "a.html", "a.svg", "a.pdf"]))
def test_only_the_magic_opens_a_file_inline(data, name):
    found = find_type(BytesIO(data), name)
    if found in INLINE_TYPES:
        assert (
            data[:5] == b"%PDF-"
            or data[:4] in {b"\x89PNG", b"GIF8", b"RIFF"}
            or (data[:3] == b"\xff\xd8\xff")
        )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b.png", "ab.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ('x"; filename="evil.html', "x_; filename=_evil.html"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie_ b"),
        ("...", "file"),
        ("", "file"),
        ("CON.txt", "_CON.txt"),
        ("  ruim   plan .pdf ", "ruim plan .pdf"),
        ("e\u0301tage.pdf", "étage.pdf"),
    ],
)
def test_names_are_made_harmless(raw, expected):
    assert clean_name(raw) == expected


@given(st.text(max_size=400))
def test_a_clean_name_is_short_clean_and_stays(raw):
    name = clean_name(raw)
    assert 0 < len(name) <= MAX_NAME_CHARS
    assert not set(name) & set('/\\\x00\r\n"<>')
    assert name not in {".", ".."}
    assert clean_name(name) == name


def test_a_long_name_keeps_its_ending():
    assert clean_name("x" * 300 + ".pdf").endswith("xxx.pdf")
