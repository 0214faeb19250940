"""Values of front matter as JSON and PostgreSQL can hold them, and read with care."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

# Told of what could not be kept as it was: the name, and why.
Tell = Callable[[str, str], None]
# Beyond it a number counts nothing here, and may not even be written out.
MAX_NUMBER = 2**63
TEXT = (str, int, float)


def keep(data: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Bring front matter into plain texts, numbers, lists and dictionaries."""
    return {
        clean(name): _plain(value, partial(tell, name)) for name, value in data.items()
    }


def first_text(data: dict[str, Any], names: tuple[str, ...], tell: Tell) -> str:
    """Find the first of these values that can be read as a text, on one line."""
    for name in names:
        value = data.get(name)
        if isinstance(value, TEXT) and not isinstance(value, bool):
            return " ".join(str(value).split())
        if value is not None:
            tell(name, f"{_kind(value)}, not a text")
    return ""


def first_number(data: dict[str, Any], names: tuple[str, ...], tell: Tell) -> float:
    """Find the first of these values that is a whole number; else infinity."""
    for name in names:
        value = data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if value is not None:
            tell(name, f"{_kind(value)}, not a whole number")
    return math.inf


def clean(text: str) -> str:
    """Leave out what no database holds: the null character, halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _plain(value: Any, tell: Callable[[str], None]) -> Any:
    if isinstance(value, dict):
        return {
            _plain_name(name, tell): _plain(inner, tell)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(inner, tell) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _plain_number(value, tell)
    text = str(value)
    if text != clean(text):
        tell("characters that no text can hold are left out")
    return clean(text)


def _plain_name(name: Any, tell: Callable[[str], None]) -> str:
    return str(_plain(name, tell))


def _plain_number(value: float, tell: Callable[[str], None]) -> float | None:
    if -MAX_NUMBER < value < MAX_NUMBER:
        return value
    # Also what is no number: it compares with nothing.
    tell("a number that is too large, or none")
    return None


def _kind(value: Any) -> str:
    kinds = {bool: "yes or no", list: "a list", dict: "names with values", str: "words"}
    return kinds.get(type(value), "a number")
