"""The text inside a file: read once for each content, and kept for the indexes."""

import hashlib
import logging
from importlib.metadata import version

from django.db.models import Exists, OuterRef

from knowledge.files.content import PDF, UNKNOWN
from knowledge.files.models import Attachment
from knowledge.markup import render
from knowledge.markup.pool import NoAnswer, TextAtFault, WorkerPool
from search.extractors.html import HEAD_BYTES, looks_like_markup
from search.models import ExtractedText

logger = logging.getLogger(__name__)

# Bytes read of a plain text: more than an index takes.
MAX_TEXT_BYTES = 400_000
# Bytes of a document that is opened at all. Larger ones are found by their names.
MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
# Seconds of work for a document; after these it gives what it has read so far.
SECONDS = 12.0
ENOUGH_SECONDS = 8.0
DOCUMENTS = (
    PDF,
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
)
# Raise it when the same bytes must give another text.
EXTRACTOR = 1
EXTRACTOR_VERSION = f"{EXTRACTOR}-{version('pypdf')}"
# Nobody waits for an index: a busy machine may take its time.
POOL = WorkerPool.for_life("search.extractors.worker", patience=4)
State = ExtractedText.State


def text_of_file(file: Attachment) -> str:
    """Give the text of a file; one without is found by its name.

    So is a file whose bytes are gone, and one that cannot be opened.
    """
    if file.content_type.startswith("text/"):
        text = _read(file, MAX_TEXT_BYTES).decode("utf-8", "replace")
        return render(text).text if file.content_type == "text/markdown" else text
    if file.size > MAX_DOCUMENT_BYTES or not _is_document(file):
        return ""
    kept = ExtractedText.objects.filter(sha256=file.sha256).first()
    if kept is None or kept.version != EXTRACTOR_VERSION:
        kept = _extract(file)
    return kept.text if kept else ""


def _is_document(file: Attachment) -> bool:
    if file.content_type == UNKNOWN:
        # HTML has no type of its own here: a browser could run it.
        return looks_like_markup(_read(file, HEAD_BYTES))
    return file.content_type.startswith(DOCUMENTS)


def _extract(file: Attachment) -> ExtractedText | None:
    """Open a document and keep what came of it; None when it may be tried again."""
    data = _read(file, MAX_DOCUMENT_BYTES)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        # Damaged in the storage. What is kept by the hash is for others as well.
        logger.warning("file %s: the stored bytes are not what was uploaded", file.pk)
        return None
    try:
        answer = POOL.ask({"enough": ENOUGH_SECONDS}, SECONDS, data)
    except TextAtFault:
        answer = {"problem": "TextAtFault"}
    except NoAnswer:
        logger.warning("file %s: its text could not be read now", file.pk)
        return None
    problem = answer.get("problem", "")
    if problem:
        logger.warning("file %s has no text that is found: %s", file.pk, problem)
    kept, _is_new = ExtractedText.objects.update_or_create(
        sha256=file.sha256,
        defaults={
            "version": EXTRACTOR_VERSION,
            "state": _STATES.get(problem, State.DAMAGED),
            "text": answer.get("text", ""),
        },
    )
    return kept


_STATES = {
    "": State.READ,
    "EncryptedError": State.ENCRYPTED,
    "TextAtFault": State.STOPPED,
    "MemoryError": State.STOPPED,
    "TooLargeError": State.STOPPED,
}


def _read(file: Attachment, limit: int) -> bytes:
    try:
        with file.file.storage.open(file.file.name or "") as stored:
            content: bytes = stored.read(limit)
    except OSError:
        return b""
    return content


def forget_texts() -> int:
    """Delete the texts of bytes that no file has any more. Returns how many."""
    files = Attachment.objects.filter(sha256=OuterRef("sha256"))
    count, _by_model = ExtractedText.objects.filter(~Exists(files)).delete()
    return count
