"""Documents as programs write them, in as few bytes as they need."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

OPEN_TEXT = "application/vnd.oasis.opendocument.text"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_O = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def packed(
    parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else method
            archive.writestr(name, content, how)
    return out.getvalue()


def office(parts: Mapping[str, str | bytes], **options) -> bytes:
    return packed({"[Content_Types].xml": "<Types/>", **parts}, **options)


def docx(*paragraphs: str, inside: str = "", **parts: str) -> bytes:
    """A text document; `inside` is XML that stands behind the paragraphs."""
    written = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
    body = f"<w:document {_W}><w:body>{written}{inside}</w:body></w:document>"
    others = {
        f"word/{name}.xml": f"<w:x {_W}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:x>"
        for name, text in parts.items()
    }
    return office({"word/document.xml": body} | others)


def pptx(*slides: str, notes: str = "") -> bytes:
    parts = {
        f"ppt/slides/slide{number}.xml": f"<p {_A}><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p>"
        for number, text in enumerate(slides, 1)
    }
    note = f"<p {_A}><a:p><a:r><a:t>{notes}</a:t></a:r></a:p></p>"
    return office(parts | {"ppt/notesSlides/notesSlide1.xml": note})


def xlsx(shared: str, cells: str) -> bytes:
    """A workbook: a shared text, and cells as XML."""
    return office(
        {
            "xl/sharedStrings.xml": f"<sst {_S}><si>{shared}</si></sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {_S}>{cells}</worksheet>",
        }
    )


def odf(body: str, kind: str = OPEN_TEXT, manifest: str = "<manifest/>") -> bytes:
    """An OpenDocument whose body is this XML."""
    content = (
        f"<office:document-content {_O}><office:font-face-decls>Courier"
        f"</office:font-face-decls><office:body>{body}</office:body>"
        "</office:document-content>"
    )
    return packed(
        {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    )


def pdf(*pages: str) -> bytes:
    """A PDF with one line on each page, in letters that every reader has."""
    return pdf_of([f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode() for text in pages])


def pdf_of(contents: list[bytes]) -> bytes:
    """A PDF with a page for each stream of drawing commands."""
    count = len(contents)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, content in enumerate(contents):
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number}"
            " 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        head = f"<< /Length {len(content)} >>\nstream\n".encode()
        objects += [page.encode(), head + content + b"\nendstream"]
    return _file_of(objects)


def _file_of(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start
