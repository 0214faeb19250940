"""Open what lies in a folder, and nothing that lies elsewhere.

Between looking and opening, somebody may put a symbolic link in the place of a file or
of a folder on the way. So each step is taken from the folder that is open already, and
the system refuses a link on any of them.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that nobody writes to must not keep us waiting.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def open_folder(top: Path, key: str) -> Iterator[int]:
    """Open the folder `key` below `top`, "" for itself. Raises OSError for a link."""
    current = os.open(top, _STEP)
    try:
        for name in key.split("/") if key else ():
            below = os.open(name, _STEP, dir_fd=current)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


def open_file(top: Path, key: str) -> BinaryIO:
    """Open the file `key` below `top`.

    Raises OSError for a link and for what is no regular file.
    """
    folder, _slash, name = key.rpartition("/")
    with open_folder(top, folder) as place:
        opened = os.open(name, _FILE, dir_fd=place)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise OSError("not a regular file")
    return os.fdopen(opened, "rb")


def reason(error: OSError) -> str:
    """Say in words why a file could not be opened."""
    return error.strerror or str(error)
