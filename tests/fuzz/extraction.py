"""A document: its text is what stands in it, and no bytes break what reads it."""

import time

from search.extractors.gathering import MAX_CHARS
from search.extractors.worker import answer
from tests.support.documents import docx, odf, packed, pdf, pptx, xlsx

MAX_BYTES = 4096
# Work that a document of this length may take before it gives what it has. The product's
# bound ends it from outside; here the fuzzer watches each branch.
ENOUGH_SECONDS = 2.0
MAX_SECONDS = 20.0

SEEDS = [
    docx("a paragraph", "another", footnotes="a note", header1="a head"),
    pptx("a slide", notes="a note"),
    xlsx("<t>shared</t>", '<c t="s"><v>0</v></c><c><v>42</v></c>'),
    odf("<text:h>a head</text:h><text:p>a paragraph</text:p>"),
    # Not packed, so that the fuzzer reaches the XML.
    packed({"word/document.xml": "<w><t>plain</t></w>"}, 0),
    packed({"content.xml": "<c><body>plain</body></c>"}, 0),
    pdf("a page", "another"),
    b"<!doctype html><title>a</title><p>b &amp; <b>c</b><script>d</script>",
]
WORDS = [
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"word/document.xml",
        b"content.xml",
    ),
    *(b"<t>", b"</t>", b"<!DOCTYPE ", b"<!ENTITY ", b"<![CDATA[", b"&a;", b"xmlns:w="),
    *(b"%PDF-", b"obj", b"endobj", b"stream", b"/FlateDecode", b"/Kids", b"/Contents"),
    *(b"/Encrypt", b"/ObjStm", b"/XRef", b"startxref", b"Tj", b"BT", b"<script>"),
]


def check(data: bytes) -> None:
    """Read a document, and fail if anything that must hold does not."""
    started = time.process_time()
    got = answer({"enough": ENOUGH_SECONDS}, data)
    seconds = time.process_time() - started
    assert seconds < MAX_SECONDS, f"{seconds:.1f} s for {len(data)} bytes"
    assert set(got) in ({"text"}, {"problem"}), got
    if "problem" in got:
        assert got["problem"].isidentifier(), "a problem is named, not quoted"
        return
    text = got["text"]
    assert len(text) <= MAX_CHARS
    assert "\0" not in text
    assert text.encode().decode() == text
