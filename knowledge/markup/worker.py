"""The process that parses: a hostile source can hang or crash it, not the site.

Reads one JSON request a line on standard input, writes one JSON answer a line.
Started by `rendering`; ends when its input does.
"""

import json
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


def main() -> None:
    """Answer requests until there are no more."""
    _limit_memory()
    _say("ready")
    for line in sys.stdin:
        _say(answer(json.loads(line)))


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
