"""Bytes of files, good and bad, made here."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

CANARY = "canary-in-the-metadata"


def png(width: int = 40, height: int = 30, text: str = "") -> bytes:
    out = BytesIO()
    info = PngInfo()
    if text:
        info.add_text("Comment", text)
    Image.new("RGB", (width, height), "teal").save(out, "PNG", pnginfo=info)
    return out.getvalue()


def jpeg_with_exif(width: int = 40, height: int = 30, orientation: int = 1) -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = CANARY
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 4.0, 30.0)
    Image.new("RGB", (width, height), "teal").save(
        out, "JPEG", exif=exif, comment=CANARY.encode()
    )
    return out.getvalue()


def animated_gif(frames: int = 3) -> bytes:
    out = BytesIO()
    pictures = [Image.new("RGB", (20, 10), (40 * n, 0, 0)) for n in range(frames)]
    pictures[0].save(
        out, "GIF", save_all=True, append_images=pictures[1:], comment=CANARY.encode()
    )
    return out.getvalue()


def growing_gif(*sizes: tuple[int, int]) -> bytes:
    """An animation that says it is one pixel and whose frames have these sizes."""
    colours = b"\x00\x00\x00\xff\xff\xff"
    frames = b"".join(_gif_frame(*size) for size in sizes)
    return b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + colours + frames + b";"


def _gif_frame(width: int, height: int) -> bytes:
    """The part of a saved picture that is its pixels."""
    out = BytesIO()
    Image.new("P", (width, height)).save(out, "GIF", optimize=False)
    packed = out.getvalue()
    mark = b"," + struct.pack("<4H", 0, 0, width, height)
    return packed[packed.index(mark) :].removesuffix(b";")


def animated_png(frames: int = 3) -> bytes:
    out = BytesIO()
    pictures = [Image.new("RGB", (20, 10), (40 * n, 0, 0)) for n in range(frames)]
    pictures[0].save(out, "PNG", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def animated_webp(frames: int = 3) -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = CANARY
    pictures = [Image.new("RGB", (20, 10), (40 * n, 0, 0)) for n in range(frames)]
    durations = [100 * (n + 1) for n in range(frames)]
    pictures[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        exif=exif,
    )
    return out.getvalue()


def webp_with_exif() -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = CANARY
    Image.new("RGB", (20, 10), "teal").save(out, "WEBP", exif=exif)
    return out.getvalue()


def bomb_png(side: int = 20_000) -> bytes:
    """A few kilobytes that unfold to `side` times `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    row = b"\x00" * (1 + side // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def zipped(*names: str, mimetype: str = "") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def lying_zip(size: int = 30_000_000) -> bytes:
    """A document whose type says it is short and unfolds to `size` bytes."""
    declared = b"application/vnd.oasis.opendocument.text"
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", declared + b" " * (size - len(declared)))
        archive.writestr("content.xml", "x")
    return out.getvalue().replace(struct.pack("<L", size), struct.pack("<L", 39))


def crowded_zip(entries: int) -> bytes:
    """An archive whose table of contents names the same file again and again."""
    packed = zipped("a")
    table = packed.index(b"PK\x01\x02")
    end = packed.index(b"PK\x05\x06")
    entry = packed[table:end]
    numbers = struct.pack("<4H", 0, 0, 0xFFFF, 0xFFFF)
    places = struct.pack("<2LH", len(entry) * entries, table, 0)
    return packed[:table] + entry * entries + b"PK\x05\x06" + numbers + places


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
