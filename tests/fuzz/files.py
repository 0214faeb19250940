"""An upload: its kind is decided by its bytes, and no bytes break the decoders."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from knowledge.files.content import INLINE_TYPES, find_type
from knowledge.files.names import clean_name
from knowledge.files.services import check_upload
from knowledge.files.zips import NoZipError, first_in, names_in
from tests.knowledge.files import samples

MAX_BYTES = 4096
# How what a browser may show must begin.
MARKS = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    "application/pdf": b"%PDF-",
}

SEEDS = [
    b"a.png\0" + samples.png(),
    b"a.jpg\0" + samples.jpeg_with_exif(),
    b"a.gif\0" + samples.animated_gif(),
    b"a.gif\0" + samples.growing_gif((1, 1), (4000, 4000)),
    b"a.webp\0" + samples.webp_with_exif(),
    b"a.zip\0" + samples.zipped("a", "b"),
    b"a.docx\0" + samples.zipped("[Content_Types].xml", "word/document.xml"),
    b"a.odt\0" + samples.zipped(mimetype="application/vnd.oasis.opendocument.text"),
    b"a.html\0" + samples.HTML,
    b"a.svg\0" + samples.SVG,
    b"a.pdf\0" + samples.PDF,
    b"a.txt\0plain words",
]
WORDS = [*MARKS.values(), b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"IHDR", b"WEBP"]


def check(data: bytes) -> None:
    """Look at an upload, and fail if anything that must hold does not."""
    name, _mark, content = data.partition(b"\0")
    shown = clean_name(name.decode("utf-8", "replace"))
    kind = find_type(BytesIO(content), shown)
    if kind in INLINE_TYPES:
        assert content.startswith(MARKS[kind]), kind
    assert kind not in {"text/html", "image/svg+xml", "application/xhtml+xml"}
    for look in (names_in, first_in):
        try:
            look(BytesIO(content))
        except NoZipError:
            continue
    try:
        checked = check_upload(ContentFile(content), shown)
    except ValidationError:
        return
    if kind.startswith("image/"):
        again = checked.data.read()
        checked.data.seek(0)
        assert find_type(BytesIO(again), shown) == kind
        assert samples.CANARY.encode() not in again, "what was hidden came along"
