"""What is read of documents, and what hostile ones get."""

import signal
import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO

import psutil
import pytest
from pypdf import PdfReader, PdfWriter

from knowledge.markup import pool as pools
from knowledge.markup.pool import ROOT, TextAtFault, WorkerPool
from search.extractors import gathering, office
from search.extractors.gathering import Gathered
from search.extractors.worker import answer
from tests.support.documents import docx, odf, packed, pdf, pdf_of, pptx, xlsx
from tests.support.documents import office as office_file

MODULE = "search.extractors.worker"
PATIENT = {"enough": 600}
# Half a megabyte that takes the parser of HTML an hour: each tag may go on to the end.
ENDLESS = b"<!doctype html>" + b"<a " * 200_000


def read(data: bytes) -> str:
    """Give the text, its white space taken together."""
    return " ".join(answer(PATIENT, data)["text"].split())


def problem(data: bytes) -> str:
    got = answer(PATIENT, data)
    assert "text" not in got
    return got["problem"]


@pytest.fixture(scope="module")
def pool():
    pool = WorkerPool(MODULE)
    yield pool
    pool.close()


def encrypted_pdf(password: str) -> bytes:
    writer = PdfWriter(BytesIO(pdf("sealed")))
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_text_of_a_docx_is_its_paragraphs_and_then_its_margins():
    document = docx("Een zand", "bank", footnotes="voet", header1="kop", comments="zeg")
    assert read(document) == "Een zand bank kop zeg voet"


def test_letters_of_one_word_in_several_runs_stay_one_word():
    run = "<w:p><w:r><w:t>zand</w:t></w:r><w:r><w:t>bank</w:t></w:r></w:p>"
    assert read(docx(inside=run)) == "zandbank"


@pytest.mark.parametrize(
    "unseen",
    [
        "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>",
        "<w:p><w:r><w:instrText>MERGEFIELD</w:instrText></w:r></w:p>",
        "<w:Fallback><w:p><w:r><w:t>twice</w:t></w:r></w:p></w:Fallback>",
    ],
)
def test_what_word_does_not_show_is_not_text(unseen):
    assert read(docx("shown", inside=unseen)) == "shown"


def test_slides_are_read_in_their_order_and_their_notes_after_them():
    slides = [f"slide{number}" for number in range(1, 12)]
    assert read(pptx(*slides, notes="note")) == " ".join([*slides, "note"])


def test_a_workbook_gives_its_texts_and_the_numbers_that_its_cells_show():
    shared = "<r><t>zand</t></r><r><t>bank</t></r><rPh><t>spoken</t></rPh>"
    cells = (
        '<c t="s"><v>0</v></c><c><v>4711</v></c><c t="b"><v>1</v></c>'
        '<c t="str"><f>CONCAT(A1)</f><v>made</v></c><c t="e"><v>#REF!</v></c>'
        '<c t="inlineStr"><is><t>inline</t></is></c><c><v>42</v></c>'
    )
    assert read(xlsx(shared, cells)) == "zandbank 4711 made inline 42"


@pytest.mark.parametrize("kind", ["text", "spreadsheet", "presentation"])
def test_open_documents_give_what_stands_in_their_body(kind):
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        "<text:h>Kop</text:h><text:p>Een <text:span>zand</text:span>bank<text:tab/>ver"
        "<office:annotation><dc:creator>Anouk</dc:creator><text:p>zeg</text:p>"
        "</office:annotation><text:note><text:note-citation>1</text:note-citation>"
        "</text:note></text:p>"
    )
    document = odf(body, f"application/vnd.oasis.opendocument.{kind}")
    assert read(document) == "Kop Een zandbank ver zeg 1"


def test_a_pdf_gives_its_pages_with_letters_as_people_type_them():
    assert read(pdf("zandbank", "second page")) == "zandbank second page"
    # The font's own name for the ligature.
    drawn = pdf(r"\256t").replace(
        b"/BaseFont /Helvetica",
        b"/BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [174 /fi] >>",
    )
    assert read(drawn) == "fit"


def test_html_gives_what_stands_between_its_tags():
    page = (
        b"<!doctype html><title>Kop</title><style>p{}</style><script>if (a<b) no()</script>"
        b"<p>Een zand<b>bank</b> &amp; meer</p><noscript>no</noscript><td>een<td>twee"
    )
    assert read(page) == "Kop Een zandbank & meer een twee"


def test_html_in_an_older_character_set_is_read_as_it_says():
    page = '<meta charset="windows-1252"><p>Hüsnü</p>'
    assert read(page.encode("cp1252")) == "Hüsnü"
    # What is no character set for people is not tried.
    assert read(b'<meta charset="punycode"><p>zandbank</p>') == "zandbank"


def test_the_bytes_say_what_it_is_and_nothing_else_is_asked():
    assert problem(b"plain words") == "UnknownKindError"
    assert problem(b"MZ\0\0<html>") == "UnknownKindError"
    assert problem(packed({"a.txt": "words"})) == "UnknownKindError"


def test_a_page_that_is_damaged_costs_only_its_own_text():
    whole = pdf("first", "second")
    assert read(whole.replace(b"(first) Tj", b"(first) Tj [[<")) != ""
    assert "second" in read(whole.replace(b"/Contents 5 0 R", b"/Contents (a)  "))


def test_what_was_read_before_the_damage_counts():
    document = docx(*[f"word{number}" for number in range(9)], inside="<w:p><w:broken")
    assert read(document).startswith("word0 word1")


@pytest.mark.parametrize(
    "document", [docx("zandbank"), pdf("zandbank"), odf("<text:p>zandbank</text:p>")]
)
def test_a_truncated_document_is_a_problem_or_the_text_that_is_left(document):
    for length in (5, 60, len(document) // 2, len(document) - 30):
        got = answer(PATIENT, document[:length])
        assert got.get("text", "").strip() in {"", "zandbank"}
        assert set(got) <= {"text", "problem"}


def test_a_document_with_a_password_says_so():
    assert problem(encrypted_pdf("secret")) == "EncryptedError"
    locked = odf("<text:p>x</text:p>", manifest="<m><encryption-data/></m>")
    assert problem(locked) == "EncryptedError"
    document = docx("x")
    flagged = document.replace(
        b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
    )
    assert flagged != document
    assert problem(flagged) == "EncryptedError"


def test_a_document_that_only_forbids_printing_is_read():
    assert PdfReader(BytesIO(encrypted_pdf(""))).is_encrypted
    assert read(encrypted_pdf("")) == "sealed"


def test_no_entity_is_expanded_and_no_file_is_fetched():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x><t>&b;</t></x>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><t>&a;</t></x>'
    for content in (laughs, outside, '<!DOCTYPE x SYSTEM "http://x/"><x><t>a</t></x>'):
        document = office_file({"word/document.xml": content})
        assert problem(document) == "DTDForbidden"


def test_an_archive_that_unfolds_too_far_is_not_opened(monkeypatch):
    monkeypatch.setattr(office, "MAX_UNPACKED", 50_000)
    bomb = office_file({"word/document.xml": " " * 50_001})
    assert problem(bomb) == "TooLargeError"
    many = {f"word/header{number}.xml": " " * 10_000 for number in range(6)}
    assert problem(office_file(many)) == "TooLargeError"
    # A picture is not read, so its size is of no account.
    assert read(docx("shown", media=" " * 60_000)) == "shown"


def test_an_archive_that_lies_about_its_size_gives_no_more_than_it_said():
    text = "<t>" + "word " * 1_000_000 + "</t>"
    document = office_file({"word/document.xml": text})
    size = struct.pack("<L", len(text))
    lying = document.replace(size, struct.pack("<L", 50))
    assert lying.count(size) == 0
    assert len(answer(PATIENT, lying).get("text", "")) <= 50


def test_an_archive_with_too_many_entries_is_not_opened(monkeypatch):
    monkeypatch.setattr(office, "MAX_ENTRIES", 3)
    document = docx("x", header1="a", header2="b")
    assert problem(document) == "TooLargeError"


def test_packing_that_no_office_program_uses_is_not_unpacked():
    document = docx("x")
    with zipfile.ZipFile(BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert problem(packed(parts, zipfile.ZIP_LZMA)) == "UnknownKindError"


def test_text_ends_where_an_index_has_enough():
    endless = docx(*["word " * 1000] * 100)
    got = answer(PATIENT, endless)["text"]
    assert len(got) == gathering.MAX_CHARS


def test_when_the_time_is_over_what_was_read_counts():
    assert answer({"enough": 0}, pdf("first", "second"))["text"] == "first"


def test_the_text_is_fit_for_a_database():
    gathered = Gathered(600)
    gathered.add("a\ud800b\0c")
    assert gathered.text == "a?b c"


def test_one_document_leaves_nothing_to_the_next(pool):
    pool.ask(PATIENT, 600, docx("secret"))
    assert "secret" not in pool.ask(PATIENT, 600, docx("harmless"))["text"]


def test_a_worker_opens_no_file_and_no_connection(pool):
    """All that its parsers need was there before it closed."""
    kinds = [docx("a"), pdf("a"), odf("a"), b"<p>a</p>", encrypted_pdf("")]
    for data in kinds:
        assert "text" in pool.ask(PATIENT, 600, data)
    worker = psutil.Process(pool._idle.queue[0].process.pid)
    assert worker.rlimit(psutil.RLIMIT_NOFILE) == (3, 3)
    assert worker.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert worker.rlimit(psutil.RLIMIT_AS)[0] <= 1 << 30
    assert "SECRET_KEY" not in worker.environ()


def test_nothing_can_be_opened_once_the_worker_is_closed():
    program = (
        "from knowledge.markup.bounds import serve\n"
        "def answer(request, data):\n"
        "    try: open('/etc/hostname')\n"
        "    except OSError: pass\n"
        "    else: return {'text': 'opened a file'}\n"
        "    import socket\n"
        "    try: socket.socket()\n"
        "    except OSError: return {'text': 'closed'}\n"
        "    return {'text': 'opened a socket'}\n"
        "import socket\n"
        "serve(answer, is_closed=True)\n"
    )
    done = subprocess.run(
        (sys.executable, "-c", program),
        input=b'{"seconds": 60}\n',
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.stdout.splitlines() == [b'"ready"', b'{"text": "closed"}']


def test_a_document_that_takes_for_ever_is_ended(pool, monkeypatch):
    # By its work: on a busy machine the clock may be first.
    monkeypatch.setattr(pools, "CLOCK_FACTOR", 1_000)
    with pytest.raises(TextAtFault):
        pool.ask(PATIENT, 0.4, ENDLESS)


def test_a_pdf_that_takes_all_memory_is_ended(pool):
    got = pool.ask(PATIENT, 600, growing_pdf())
    assert not got.get("text", "").strip()


def growing_pdf() -> bytes:
    """A few kilobytes that are packed three times over and unfold to gigabytes."""
    content = zlib.compress(b" " * 100_000_000, 9)
    for _time in range(2):
        content = zlib.compress(content, 9)
    page = pdf_of([content])
    return page.replace(
        b"<< /Length %d >>" % len(content),
        b"<< /Filter [/FlateDecode /FlateDecode /FlateDecode] /Length %d >>"
        % len(content),
    )


def test_pages_without_end_give_the_first_of_them(pool):
    """The tree of pages bites its own tail, or has ten thousand leaves."""
    circle = pdf("first").replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    assert not pool.ask(PATIENT, 600, circle).get("text", "").strip()
    many = pool.ask({"enough": 0.5}, 600, pdf(*["word"] * 10_000))
    assert many["text"].startswith("word")


def test_a_worker_that_was_killed_is_replaced(pool):
    pool.ask(PATIENT, 600, docx("a"))
    pool._idle.queue[0].process.send_signal(signal.SIGKILL)
    assert pool.ask(PATIENT, 600, docx("next"))["text"].strip() == "next"
