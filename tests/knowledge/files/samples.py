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


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
