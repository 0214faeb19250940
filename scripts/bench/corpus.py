"""Pages to measure with: a JSON-lines file, dealt out to folders that are imported."""

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Pages longer than this are few and would make one sample unlike the next.
MAX_CHARS = 60_000
LANGUAGES = ("nl", "de", "en")


@dataclass(frozen=True)
class CorpusPage:
    """One line of the corpus: where it came from, and its Markdown."""

    source: str
    path: str
    title: str
    markdown: str


def read(path: Path, number: int) -> list[CorpusPage]:
    """Read `number` pages, evenly taken from the whole, in the order of their paths.

    The lines are objects with `source`, `path`, `title` and `markdown`. Raises
    ValueError when there are too few.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        parsed = [page for page in map(_parse, lines) if page]
    pages = [page for page in parsed if len(page.markdown) <= MAX_CHARS]
    if len(pages) < number:
        raise ValueError(f"{path} has {len(pages)} pages of use, not {number}")
    pages.sort(key=lambda page: (page.source, page.path))
    return [pages[place * len(pages) // number] for place in range(number)]


def _parse(line: str) -> CorpusPage | None:
    """Read a line; None for one that is not JSON, as some of the corpus are not."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return CorpusPage(data["source"], data["path"], data["title"], data["markdown"])


def deal(pages: list[CorpusPage], shares: list[int]) -> Iterator[list[CorpusPage]]:
    """Deal neighbouring pages to projects, as many to each as `shares` says."""
    start = 0
    for share in shares:
        yield pages[start : start + share]
        start += share


def write_folder(folder: Path, pages: list[CorpusPage]) -> None:
    """Write pages to a new folder as their authors had them, for an import."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages:
        target = folder / page.source / PurePosixPath(page.path).relative_to(_top(page))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.markdown, encoding="utf-8")


def _top(page: CorpusPage) -> PurePosixPath:
    """Give the folders above the last three: the corpus nests ten deep."""
    return PurePosixPath(*PurePosixPath(page.path).parts[:-4])


def language_of(pages: list[CorpusPage]) -> str:
    """Give the language of most pages; sources carry it at the end of their names."""
    found = Counter(page.source.rpartition("-")[2] for page in pages).most_common(1)
    return found[0][0] if found and found[0][0] in LANGUAGES else "en"
