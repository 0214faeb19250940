"""The names of files: as given, without what could mislead people or machines."""

import re
import unicodedata

MAX_NAME_CHARS = 120
# Not allowed in a name on one system or another.
_FORBIDDEN = re.compile(r'[<>:"|?*%#]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_GAPS = re.compile(r"\s+")
FALLBACK = "file"


def clean_name(raw: str) -> str:
    """Bring a name into the form in which it is stored, shown and sent.

    Keeps the last part of a path; drops control characters and the invisible ones
    that turn the direction of text; shortens before the ending.
    """
    last = re.split(r"[/\\]", raw.replace("\x00", ""))[-1]
    composed = unicodedata.normalize("NFC", last)
    # C: control, format (among them the direction marks), surrogate, private, unknown.
    # Zl, Zp: line and paragraph separators.
    shown = "".join(c for c in composed if _is_shown(c))
    name = _GAPS.sub(" ", _FORBIDDEN.sub("_", shown)).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shorten(name) or FALLBACK


def _is_shown(character: str) -> bool:
    category = unicodedata.category(character)
    return character == "\t" or not (category[0] == "C" or category in {"Zl", "Zp"})


def _shorten(name: str) -> str:
    if len(name) <= MAX_NAME_CHARS:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:MAX_NAME_CHARS].rstrip(" .")
    return f"{stem[: MAX_NAME_CHARS - len(ending) - 1].rstrip(' .')}.{ending}"
