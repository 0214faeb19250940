"""The text of a PDF, page by page."""

import logging
from io import BytesIO

from pypdf import PdfReader

from search.extractors.gathering import EncryptedError, Enough, Gathered

# Typesetters draw these letters as one; people type two.
LIGATURES = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        # A place where a word may be broken.
        "\u00ad": None,
    }
)
# It tells of each damage, and quotes what it found there.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_pdf(data: bytes, gathered: Gathered) -> None:
    """Add the text of each page; a damaged page costs only its own.

    Raises EncryptedError, Enough, or whatever the parser raises for damage.
    """
    reader = PdfReader(BytesIO(data), strict=False)
    # A document that only forbids printing opens with an empty password.
    if reader.is_encrypted and not reader.decrypt(""):
        raise EncryptedError
    damage: Exception | None = None
    for number in range(len(reader.pages)):
        try:
            gathered.add(reader.pages[number].extract_text().translate(LIGATURES))
            gathered.add("\n")
        except (Enough, MemoryError):
            raise
        except Exception as problem:  # noqa: BLE001  (a parser may fail in any way)
            damage = problem
    if damage and not gathered.text.strip():
        raise damage
