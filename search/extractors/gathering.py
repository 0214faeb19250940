"""What all extractors fill, and why they stop."""

import time

# More than an index takes; see search.content.
MAX_CHARS = 120_000


class Enough(Exception):  # noqa: N818  (it says what happened)
    """There is text enough, or the time for more of it is over."""


class EncryptedError(ValueError):
    """The document opens with a password only."""


class TooLargeError(ValueError):
    """The document unfolds to more than is read."""


class UnknownKindError(ValueError):
    """These bytes are no document that is read here."""


class Gathered:
    """The text of one document, as far as it goes."""

    def __init__(self, seconds: float) -> None:
        """Take text for so many seconds of work from now."""
        self._pieces: list[str] = []
        self._length = 0
        self._until = time.process_time() + seconds

    def add(self, piece: str) -> None:
        """Take a piece.

        Raises Enough when it is the last one.
        """
        self._pieces.append(piece)
        self._length += len(piece)
        if self._length >= MAX_CHARS or time.process_time() > self._until:
            raise Enough

    @property
    def text(self) -> str:
        """Give what came, as a database can keep it: no lone surrogate and no NUL."""
        text = "".join(self._pieces)[:MAX_CHARS].replace("\0", " ")
        return text.encode("utf-8", "replace").decode()
