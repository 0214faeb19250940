"""The text inside a file."""

from django.core.files.storage import Storage

from knowledge.files.models import Attachment
from knowledge.markup import render

# Bytes read of a plain text: more than an index takes.
MAX_BYTES = 400_000


def text_of_file(file: Attachment) -> str:
    """Give the text of a plain file; other kinds are found by their names.

    A file whose bytes are gone is found by its name, too.
    """
    if not file.content_type.startswith("text/"):
        return ""
    text = _read(file.file.storage, file.file.name or "")
    return render(text).text if file.content_type == "text/markdown" else text


def _read(storage: Storage, name: str) -> str:
    try:
        with storage.open(name) as stored:
            content: bytes = stored.read(MAX_BYTES)
    except OSError:
        return ""
    return content.decode("utf-8", "replace")
