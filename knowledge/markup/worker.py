"""The process that parses: a hostile source can hang or crash it, not the site.

Reads one JSON request a line on standard input, writes one JSON answer a line.
Started by `rendering`; ends when its input does.
"""

import json
import signal
import sys
from types import ModuleType
from typing import Any

from knowledge.markup.pipeline import convert
from knowledge.markup.rendered import Labels

resource: ModuleType | None
try:
    import resource
except ImportError:  # not on Windows
    resource = None

# Bytes of address space; far above what the longest page takes.
MAX_MEMORY = 1 << 30


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the rendered source, or the name of what went wrong."""
    try:
        labels = Labels(**request["labels"])
        return convert(request["source"], labels).to_json()
    except Exception as problem:  # noqa: BLE001  (a parser may fail in any way)
        return {"problem": type(problem).__name__}


def _limit_memory() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _limit_time(seconds: float) -> None:
    """Let the system end this process after so many seconds of work; 0 is never.

    Seconds of the processor, not of the clock: a busy machine makes no page fail.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> None:
    """Answer requests until there are no more."""
    _limit_memory()
    _say("ready")
    for line in sys.stdin:
        request = json.loads(line)
        _limit_time(request["seconds"])
        _say(answer(request))
        _limit_time(0)


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
