"""The process that parses: a hostile source can hang or crash it, not the site."""

from typing import Any

from knowledge.markup.bounds import serve
from knowledge.markup.pipeline import convert
from knowledge.markup.rendered import Labels


def answer(request: dict[str, Any], _data: bytes = b"") -> dict[str, Any]:
    """Return the rendered source, or the name of what went wrong."""
    try:
        labels = Labels(**request["labels"])
        return convert(request["source"], labels).to_json()
    except Exception as problem:  # noqa: BLE001  (a parser may fail in any way)
        return {"problem": type(problem).__name__}


if __name__ == "__main__":
    serve(answer)
