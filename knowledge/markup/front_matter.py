"""The YAML between two `---` lines that other tools put above a page."""

import re
from typing import Any, NamedTuple

import yaml

MAX_CHARS = 64_000
MAX_DEPTH = 20
_BLOCK = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


class FrontMatter(NamedTuple):
    """What stood above the page, the page, and why the first could not be read."""

    data: dict[str, Any]
    body: str
    error: str | None


class _PlainLoader(yaml.SafeLoader):
    """Plain values only: no references, which can unfold without end."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references (*name) are not read")
        if self.depth >= MAX_DEPTH:
            raise yaml.YAMLError("nested too deeply")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def split_front_matter(text: str) -> FrontMatter:
    """Take the front matter off a text.

    Without front matter the body is the text. If it cannot be read, `data` is empty,
    `error` says why, and the body is kept.
    """
    found = _BLOCK.match(text)
    if not found:
        return FrontMatter({}, text, None)
    body = text[found.end() :]
    data, error = _load(found.group(1))
    return FrontMatter(data, body, error)


def _load(block: str) -> tuple[dict[str, Any], str | None]:
    if len(block) > MAX_CHARS:
        return {}, f"more than {MAX_CHARS} characters"
    try:
        # A subclass of SafeLoader: it builds plain values only.
        data = yaml.load(block, Loader=_PlainLoader)  # noqa: S506
        if data is None:
            return {}, None
        if not isinstance(data, dict):
            return {}, "not a list of names with values"
        return {str(key): value for key, value in data.items()}, None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as problem:
        return {}, " ".join(str(problem).split())[:300]
    except (LookupError, AttributeError, TypeError):
        # What the library stumbles over where a tag promises another kind of value.
        return {}, "a value cannot be read as what its tag says"
