"""A folder from anywhere: only itself is read, and every file costs only itself."""

import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from knowledge.files.names import clean_name
from knowledge.markup import MAX_SOURCE_CHARS
from knowledge.pages.importing.plan import Plan, make_plan
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.scan import FolderRefusedError, scan

MAX_BYTES = 2048
MAX_FILES = 12
# Work for a folder of so few bytes, with the fuzzer watching.
MAX_SECONDS = 8.0
# A disk would be most of the time.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# What lies beside the folder, where no import may look.
OUTSIDE = "zqoutsidexk"
# Where an input says that another file begins, and that its name ends.
FILE, NAME = b"\x1d", b"\x1e"

SEEDS = [
    b"index.md\x1e# Start\n[a](a.md) ![p](p.png)\x1da.md\x1e[[Start]]\x1dp.png\x1e\x89PNG",
    b"a.md\x1e---\ntitle: A\nlang: nl\nweight: 3\naliases: [/b, /c]\n---\ntext",
    b"a.md\x1e---\ntitle: !!python/object:os.system x\n---\nx",
    b"a.md\x1e---\na: &a [*a, *a]\n---\nx",
    b"a.md\x1e---\ntitle: " + b"[" * 60 + b"\n---\nx",
    b"a.md\x1e---\nweight: 1e999\norder: .nan\ndate: 9999-99-99\n---\nx",
    b"a/b/c/d.md\x1e[x](../../../../../" + OUTSIDE.encode() + b".md)",
    b"a.md\x1e[x](%2e%2e/" + OUTSIDE.encode() + b".md) ![](//evil/x.png)",
    b"link.md\x1e->../" + OUTSIDE.encode() + b".md",
    b"sub\x1e->..\x1da.md\x1e[x](sub/" + OUTSIDE.encode() + b".md)",
    b"a.md\x1e\xff\xfea\x00b\x00",
    b"README.md\x1ex\x1dreadme.markdown\x1ey\x1d_index.md\x1ez",
    b"a.md\x1e[x](b.svg)\x1db.svg\x1e<svg onload=alert(1)>",
    b"a.md\x1e![x](b.zip)\x1db.zip\x1ePK\x03\x04",
    b"\xe2\x80\xae.md\x1ex\x1d .md\x1ex\x1d...md\x1ex\x1d\xff.md\x1ex",
]
WORDS = [
    *(b"---\n", b"title: ", b"lang: ", b"aliases: ", b"weight: ", b"!!", b"&a ", b"*a"),
    *(
        b".md",
        b".markdown",
        b"index",
        b"README",
        b"../",
        b"->",
        b"%2e%2e",
        b"](",
        b"[[",
    ),
    *(FILE, NAME, b"a.md\x1e", b"\x1db.md\x1e", b"<a href=", b"![", b"#", b"\\", b"?"),
]


def check(data: bytes) -> None:
    """Build the folder, plan its import, and fail if anything does not hold."""
    top = Path(tempfile.mkdtemp(prefix="deelplein-fuzz-", dir=MEMORY))
    started = time.process_time()
    try:
        (top / f"{OUTSIDE}.md").write_text(f"# {OUTSIDE}")
        folder = top / "folder"
        folder.mkdir()
        _fill(folder, data)
        report = Report()
        try:
            found = scan(folder, language="en", report=report)
        except FolderRefusedError:
            return
        plan = make_plan(found, project=None, takes_index=True, report=report)
        judge(plan, typed=data)
        assert time.process_time() - started < MAX_SECONDS
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _fill(folder: Path, data: bytes) -> None:
    """Write what the input names; what the system refuses is not there."""
    for part in data.split(FILE)[:MAX_FILES]:
        name, _mark, content = part.partition(NAME)
        path = Path(os.fsdecode(name))
        if not name or b"\0" in name or path.is_absolute() or ".." in path.parts:
            continue
        try:
            # Never through a link that stands there already: this is not the product.
            if any(p.is_symlink() for p in (folder / path).parents if p != folder):
                continue
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if content.startswith(b"->"):
                (folder / path).symlink_to(os.fsdecode(content[2:200]))
            elif not (folder / path).is_symlink():
                (folder / path).write_bytes(content)
        except (OSError, ValueError):
            continue


def judge(plan: Plan, *, typed: bytes) -> None:
    """Fail if a page or a file comes from elsewhere or the database cannot hold it."""
    outside = OUTSIDE.encode() in typed
    for key, page in plan.pages.items():
        source = page.source
        assert ".." not in key.split("/"), key
        assert not key.startswith("/"), key
        assert 0 < len(source.title) <= 255, repr(source.title)
        assert len(page.body) <= MAX_SOURCE_CHARS
        assert source.parent == "" or source.parent in plan.pages
        assert outside or OUTSIDE not in page.body + source.title
        assert f"# {OUTSIDE}" not in page.body
        stored = json.dumps(source.front_matter, allow_nan=False, ensure_ascii=False)
        stored.encode()
        assert "\\u0000" not in stored
        for text in (source.title, page.body, source.summary, page.slug):
            text.encode()
            assert "\0" not in text, repr(text)
        for name in page.files:
            assert ".." not in name.split("/"), name
            assert not re.search(r"[\x00-\x1f/\\]", clean_name(name)), name
