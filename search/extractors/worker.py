"""The process that opens documents: a hostile one can hang or crash it, not the site."""

import codecs
import encodings
import importlib
import pkgutil
from contextlib import suppress
from typing import Any

import pypdf

from knowledge.markup.bounds import serve
from search.extractors.gathering import Enough, Gathered, UnknownKindError
from search.extractors.html import HEAD_BYTES, looks_like_markup, read_html
from search.extractors.office import read_office
from search.extractors.pdf import read_pdf


def answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the text of a document, or the name of what went wrong.

    What was read before the damage counts.
    """
    gathered = Gathered(request["enough"])
    try:
        extract(data, gathered)
    except Enough:
        pass
    except MemoryError:
        # The pool knows this answer.
        return {"problem": "MemoryError"}
    except Exception as problem:  # noqa: BLE001  (a parser may fail in any way)
        if not gathered.text.strip():
            return {"problem": type(problem).__name__}
    return {"text": gathered.text}


def extract(data: bytes, gathered: Gathered) -> None:
    """Choose by the first bytes who reads them; no name is asked.

    Raises UnknownKindError, or what that one raises.
    """
    if data.startswith(b"%PDF-"):
        read_pdf(data, gathered)
    elif data.startswith(b"PK\x03\x04"):
        read_office(data, gathered)
    elif looks_like_markup(data[:HEAD_BYTES]):
        read_html(data, gathered)
    else:
        raise UnknownKindError


def _load_all() -> None:
    """Import now what parsers import when they need it: later no file can be opened."""
    for module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
        with suppress(ImportError):
            importlib.import_module(module.name)
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError, LookupError):
            codecs.lookup(module.name)


if __name__ == "__main__":
    _load_all()
    serve(answer, is_closed=True)
