"""Seeded leaks: take one protection away, and see whether the oracle turns red.

    python -m scripts.leaks                  all of them
    python -m scripts.leaks NAME…            some; a name may hold * and ?
    python -m scripts.leaks --aimed          without the rest of the oracle
    python -m scripts.leaks --trusting       without running the tests unchanged first
    python -m scripts.leaks --list           only tell what there is

The leaks are data: tests/oracle/leaks/*.toml. Each names a protection by the text of the
code that does it (`file`, `old`, which stands there once) and what a developer might
have written instead (`new`); under `also` stands what else must go before the hole is
open, where a protection has two walls. `class` is the class of leaks it stands for.
`aim` is the test that should see it first, with `only` some surfaces.

For each of them a copy of the project is changed and the aimed test is run in it; if it
stays green, the rest of the oracle. It is caught when a test fails by its assertion. The
same tests must be green in the copy that nobody changed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from queue import Queue
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LEAKS = ROOT / "tests" / "oracle" / "leaks"
ORACLE = "tests/oracle"
# Made by `make setup`, not by git, and wanted by every page.
BUILT = ("kbsite/static/build", "kbsite/locale/nl/LC_MESSAGES/django.mo")
MAX_JOBS = 2


@dataclass(frozen=True)
class Replacement:
    """A text that stands once in a file, and what stands there instead."""

    file: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        """Write it. Raises ValueError when the old text is not there exactly once."""
        path = folder / self.file
        text = path.read_text()
        found = text.count(self.old)
        if found != 1:
            message = f"{self.file}: the old text stands there {found} times, not once"
            raise ValueError(message)
        path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Leak:
    """One protection that is taken away."""

    name: str
    kind: str
    why: str
    aim: str
    only: str
    replacements: tuple[Replacement, ...]

    @property
    def aimed_file(self) -> str:
        """Give the file of the test that should see it."""
        return f"{ORACLE}/{self.aim.partition('::')[0]}"

    @contextmanager
    def planted(self, folder: Path) -> Iterator[None]:
        """Change a copy of the project, and change it back."""
        files = {replacement.file for replacement in self.replacements}
        try:
            for replacement in self.replacements:
                replacement.apply(folder)
            yield
        finally:
            for name in files:
                shutil.copy2(ROOT / name, folder / name)


@dataclass(frozen=True)
class Result:
    """What became of one leak. `by` is the test that saw it, or what is wrong."""

    leak: Leak
    outcome: str
    by: str
    seconds: float


@dataclass
class Run:
    """One run of some tests: those that failed, as `tests.support.verdict` wrote them."""

    status: int
    output: str
    failed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        """Say whether tests ran and none failed."""
        return self.status == 0

    @property
    def caught_by(self) -> str:
        """Name the test that failed by its assertion, or nothing."""
        tests = [str(one["test"]) for one in self.failed if one["asserted"]]
        return tests[0] if self.status == 1 and len(tests) == len(self.failed) else ""

    @property
    def trouble(self) -> str:
        """Say in a line what broke."""
        if self.failed:
            first = self.failed[0]
            return f"{first['test']}: {first['error']} {first['crashed']}"[:300]
        return f"pytest ended with {self.status}: {self.output[-300:]}"


def read_leaks() -> list[Leak]:
    """Read all leaks, file by file. Raises KeyError for one that lacks something."""
    return [
        _leak(entry)
        for path in sorted(LEAKS.glob("*.toml"))
        for entry in tomllib.loads(path.read_text())["leak"]
    ]


def _leak(entry: dict[str, Any]) -> Leak:
    return Leak(
        name=entry["name"],
        kind=entry["class"],
        why=entry["why"],
        aim=entry["aim"],
        only=entry.get("only", ""),
        replacements=tuple(
            Replacement(one["file"], one["old"], one["new"])
            for one in (entry, *entry.get("also", ()))
        ),
    )


def copy_project(folder: Path) -> None:
    """Copy what git knows or would take, and what is built."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for name in BUILT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        elif (ROOT / name).exists():
            shutil.copy2(ROOT / name, folder / name)


def run_tests(
    folder: Path, tests: Iterable[str], *, only: str = "", viewers: str = "all"
) -> Run:
    """Run tests in a copy until one fails."""
    verdicts = folder / "verdicts.jsonl"
    verdicts.unlink(missing_ok=True)
    environment = os.environ | {
        "VERDICTS": str(verdicts),
        "ORACLE": viewers,
        "ORACLE_ONLY": only,
        # The same drawn worlds each time: a leak is caught or missed, not by luck.
        "HYPOTHESIS_PROFILE": "ci",
        # A hundred runs: no other plugin is worth its start.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    options = ("-n0", "-x", "-q", "--no-header", "--tb=line")
    wanted = ("pytest_django.plugin", "xdist.plugin", "tests.support.verdict")
    plugins = ("-p", "no:cacheprovider", *(f"-p{name}" for name in wanted))
    ended = subprocess.run(
        (sys.executable, "-m", "pytest", *options, *plugins, *tests),
        cwd=folder,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = verdicts.read_text().splitlines() if verdicts.exists() else []
    return Run(ended.returncode, ended.stdout, [json.loads(line) for line in lines])


def try_leak(leak: Leak, folder: Path, *, aimed_only: bool) -> Result:
    """Plant one leak in a copy and see who notices."""
    started = time.monotonic()

    def result(outcome: str, by: str) -> Result:
        return Result(leak, outcome, by, time.monotonic() - started)

    if not (ROOT / leak.aimed_file).exists():
        return result("waits", leak.aimed_file)
    with leak.planted(folder):
        run = run_tests(folder, [f"{ORACLE}/{leak.aim}"], only=leak.only)
        seen_late = run.is_green and not aimed_only
        if seen_late:
            run = run_tests(folder, [ORACLE], viewers="few")
    if run.is_green:
        return result("MISSED", leak.aim)
    if not run.caught_by:
        return result("BROKEN", run.trouble)
    if seen_late and not run_tests(folder, [run.caught_by]).is_green:
        return result("BROKEN", f"{run.caught_by} is red without the leak, too")
    return result("caught", run.caught_by.removeprefix(f"{ORACLE}/"))


def unchanged(leaks: Iterable[Leak], folder: Path) -> Run:
    """Run all aimed tests in the copy that nobody changed, whole files where asked."""
    leaks = list(leaks)
    aims = {
        f"{ORACLE}/{leak.aim}" for leak in leaks if (ROOT / leak.aimed_file).exists()
    }
    files = {aim for aim in aims if "::" not in aim}
    rest = {aim for aim in aims if aim.partition("::")[0] not in files}
    only = {surface for leak in leaks for surface in leak.only.split()}
    return run_tests(folder, sorted(files | rest), only=" ".join(sorted(only)))


def try_all(
    leaks: list[Leak], jobs: int, *, aimed_only: bool, trusting: bool
) -> Iterator[Result]:
    """Try leaks, as many at once as there are jobs; give each result as it comes."""
    with tempfile.TemporaryDirectory(prefix="leaks-") as parent:
        folders: Queue[Path] = Queue()
        for number in range(jobs):
            folder = Path(parent) / str(number)
            folder.mkdir()
            copy_project(folder)
            folders.put(folder)

        def one(leak: Leak) -> Result:
            folder = folders.get()
            try:
                return try_leak(leak, folder, aimed_only=aimed_only)
            finally:
                folders.put(folder)

        if not trusting:
            before = unchanged(leaks, folders.queue[0])
            if not before.is_green:
                message = f"Red before anything was changed: {before.trouble}"
                raise SystemExit(message)
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, leaks)


def chosen(names: list[str]) -> list[Leak]:
    """Choose leaks by name. Raises SystemExit for a name that there is not."""
    leaks = read_leaks()
    for name in names:
        if not any(fnmatch(leak.name, name) for leak in leaks):
            message = f"There is no leak called {name}"
            raise SystemExit(message)
    # In the order asked for, each once.
    wanted = [leak for name in names for leak in leaks if fnmatch(leak.name, name)]
    return list(dict.fromkeys(wanted)) if names else leaks


def report(results: list[Result], seconds: float) -> int:
    """Print the closing line; return the exit status."""
    counts = Counter(result.outcome for result in results)
    figures = {
        "leaks": len(results),
        "caught": counts["caught"],
        "missed": [r.leak.name for r in results if r.outcome == "MISSED"],
        "broken": [r.leak.name for r in results if r.outcome == "BROKEN"],
        "waiting": [r.leak.name for r in results if r.outcome == "waits"],
        "seconds": round(seconds, 1),
    }
    print(f"\n{json.dumps(figures)}")
    return 0 if counts["caught"] == len(results) else 1


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--jobs", type=int, choices=range(1, MAX_JOBS + 1), default=2)
    parser.add_argument("--aimed", action="store_true")
    parser.add_argument("--trusting", action="store_true")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    leaks = chosen(arguments.names)
    if arguments.list:
        for leak in leaks:
            print(f"{leak.kind:<4} {leak.name:<38} {leak.why}")
        return 0
    started = time.monotonic()
    with shared_database():
        results = []
        for result in try_all(
            leaks,
            arguments.jobs,
            aimed_only=arguments.aimed,
            trusting=arguments.trusting,
        ):
            results.append(result)
            leak = result.leak
            line = f"{leak.name:<38} {leak.kind:<4} {result.outcome:<7}"
            print(f"{line} {result.seconds:5.0f} s  {result.by}", flush=True)
    return report(results, time.monotonic() - started)


@contextmanager
def shared_database() -> Iterator[None]:
    """Keep one PostgreSQL running for all runs; each makes a database of its own."""
    from kbsite.postgres import embedded_url  # noqa: PLC0415 - starts with --list, too

    if not os.environ.get("DATABASE_URL"):
        data = Path(os.environ.get("DATA_DIR", ".cache/test")).resolve()
        data.mkdir(parents=True, exist_ok=True)
        os.environ |= {"DATA_DIR": str(data), "DATABASE_URL": embedded_url(data)}
    yield


if __name__ == "__main__":
    sys.exit(main())
