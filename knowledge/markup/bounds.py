"""What a process does that parses: it answers requests, each within its bounds.

Reads one JSON request a line on standard input, after it the bytes that the request
announces, and writes one JSON answer a line. Started by `pool`; ends when its input does.
"""

import json
import signal
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

resource: ModuleType | None
try:
    import resource
except ImportError:  # not on Windows
    resource = None

# Bytes of address space; far above what the longest page takes.
MAX_MEMORY = 1 << 30
# Standard input, output and errors.
OPEN_FILES = 3
Answer = Callable[[dict[str, Any], bytes], dict[str, Any]]


def serve(answer: Answer, *, is_closed: bool = False) -> None:
    """Answer requests until there are no more.

    With `is_closed` this process can open nothing any more: no file, no connection and
    no module that it has not imported yet.
    """
    _limit_memory()
    if is_closed:
        _limit_files()
    _say("ready")
    for line in sys.stdin.buffer:
        request = json.loads(line)
        data = sys.stdin.buffer.read(request.get("bytes", 0))
        _limit_time(request["seconds"])
        _say(answer(request, data))
        _limit_time(0)


def _limit_memory() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        # What is in memory is somebody's text: a crash leaves none of it on the disk.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_files() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _limit_time(seconds: float) -> None:
    """Let the system end this process after so many seconds of work; 0 is never.

    Seconds of the processor, not of the clock: a busy machine makes no page fail.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
