"""Count how many small mistakes in the access rule the tests notice.

    python -m scripts.mutants                     every mutant (an hour on two cores)
    python -m scripts.mutants --every 5           every fifth
    python -m scripts.mutants --only rule.py      one file
    python -m scripts.mutants --again             those that survived last time

^C ends a run early; what was tried by then is reported.

Prints the survivors, a table per file and, as the last line, one JSON object.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from coverage import CoverageData

from scripts.mutants.operators import mutants_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "knowledge" / "access"
KEPT = ROOT / ".cache" / "mutants"
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
# The tests that are about the package. That others would notice too is a comfort, and
# no reason to say less here.
TESTS = ("tests/knowledge/access",)
CHOICE = ("-m", "not search_engine and not browser", "-p", "no:randomly")
PYTEST = ("-q", "-s", "-p", "scripts.mutants.plugin", "--one-world", *CHOICE)
# Executes no line of the models, and compares every one of their fields.
SCHEMA = (
    "tests/knowledge/access/test_grants_shown.py"
    "::test_the_database_holds_what_the_models_say"
)
# After that many seconds of tests without a failure a mutant has survived.
BUDGET = 60.0
ENVIRONMENT = {"HYPOTHESIS_PROFILE": "mutants"}
Row = dict[str, Any]


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    os.chdir(ROOT)
    KEPT.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    rows = list_mutants(arguments.only)[:: arguments.every]
    before = _read("results.json") if arguments.again else []
    if arguments.again:
        survivors = {key(row) for row in before if _lives(row)}
        rows = [row for row in rows if key(row) in survivors]
    choose_tests(rows, *tests_by_line())
    results = try_all([row for row in rows if not row["reason"]], arguments.jobs)
    results += [row | {"outcome": "equivalent"} for row in rows if row["reason"]]
    tried = {(row["file"], row["number"]) for row in results}
    results += [row for row in before if (row["file"], row["number"]) not in tried]
    results.sort(key=lambda row: (row["file"], row["number"]))
    (KEPT / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    return report(results, time.monotonic() - started)


def key(row: Row) -> tuple[str, ...]:
    """Give what a mutant is known by when lines move."""
    return row["file"], row["where"], row["was"], row["now"]


def _lives(row: Row) -> bool:
    return bool(row["outcome"] == "survived")


def _read(name: str) -> Any:
    return json.loads((KEPT / name).read_text(encoding="utf-8"))


def equivalent() -> dict[tuple[str, ...], str]:
    """Read which mutants cannot make a difference, and why."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    folder = PACKAGE.relative_to(ROOT)
    return {
        key(entry | {"file": str(folder / entry["file"])}): entry["reason"]
        for entry in entries
    }


def list_mutants(only: list[str]) -> list[Row]:
    """List the mutants of the package; `reason` when one cannot make a difference."""
    reasons = equivalent()
    rows: list[Row] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" in path.parts or (only and path.name not in only):
            continue
        for number, mutant in enumerate(mutants_of(path.read_text(encoding="utf-8"))):
            row = {
                "file": str(path.relative_to(ROOT)),
                "number": number,
                "line": mutant.line,
                "lines": mutant.place.lines,
                "where": mutant.place.where,
                "in_function": mutant.place.in_function,
                "was": mutant.was,
                "now": mutant.now,
            }
            rows.append(row | {"reason": reasons.get(key(row))})
    return rows


# --- Which tests see a line -----------------------------------------------------------


def tests_by_line() -> tuple[CoverageData, dict[str, float]]:
    """Run the chosen tests once; next time only those that changed since."""
    coverage, seconds, state = KEPT / "coverage", KEPT / "seconds.json", KEPT / "state"
    known = json.loads(state.read_text()) if state.exists() else {}
    now = {str(unit.relative_to(ROOT)): _hash(unit) for unit in _units()}
    stale = [unit for unit, sha in now.items() if known.get(unit) != sha]
    if stale:
        print(f"Which lines do they see? {' '.join(stale)}", flush=True)
        times = {} if len(stale) == len(now) else json.loads(seconds.read_text())
        kept = {k: v for k, v in times.items() if not k.startswith(tuple(stale))}
        package = str(PACKAGE.relative_to(ROOT))
        options = [f"--cov={package}", "--cov-context=test", "--cov-report="]
        options += ["--cov-append"] if kept else []
        told = {"COVERAGE_FILE": str(coverage), "MUTANTS_SECONDS": str(seconds)}
        command = (*_pytest(os.cpu_count() or 1), *options, *stale)
        run = subprocess.run(command, env=os.environ | ENVIRONMENT | told, check=False)
        if run.returncode > 1:
            sys.exit("The tests could not be run.")
        kept |= json.loads(seconds.read_text())
        seconds.write_text(json.dumps(kept))
        state.write_text(json.dumps(now))
    data = CoverageData(str(coverage))
    data.read()
    return data, json.loads(seconds.read_text())


def _pytest(workers: int) -> tuple[str, ...]:
    return sys.executable, "-m", "pytest", f"-n{workers}", *PYTEST


def _units() -> list[Path]:
    """List what is run anew as a whole when something in it changes."""
    units = [
        sorted(ROOT.joinpath(path).glob("test_*.py")) or [ROOT / path] for path in TESTS
    ]
    return [unit for found in units for unit in found]


@cache
def _hash(unit: Path | None) -> str:
    """Hash some tests with all they stand on; without any, what all stand on."""
    if unit is None:
        files = [*ROOT.glob("tests/*.py"), *ROOT.glob("tests/support/*.py")]
        files += [*ROOT.glob("accounts/**/*.py"), *ROOT.glob("knowledge/**/*.py")]
    else:
        helpers = unit.parent.glob("*.py")
        files = [unit, *(file for file in helpers if not file.name.startswith("test_"))]
    sha = hashlib.sha256(_hash(None).encode() if unit else b"")
    for file in sorted(files):
        sha.update(file.read_bytes())
    return sha.hexdigest()


def choose_tests(
    rows: list[Row], data: CoverageData, seconds: dict[str, float]
) -> None:
    """Give each mutant the tests that reach it, quick ones first, within the budget."""
    seen = {file: data.contexts_by_lineno(str(ROOT / file)) for file in _files(rows)}
    for row in rows:
        lines = seen[row["file"]]
        if row["in_function"] and _only_on_import(lines, row["lines"]):
            row["in_function"] = False
        # What stands outside functions runs on import: whoever uses the file is asked.
        first, last = row["lines"] if row["in_function"] else (0, max(lines, default=0))
        contexts = {
            context.partition("|")[0]
            for line in range(first, last + 1)
            for context in lines.get(line, ())
        }
        if row["file"].endswith("/models.py") and not row["in_function"]:
            contexts.add(SCHEMA)
        row["tests"], row["seconds"] = [], 0.0
        quick_first = sorted(
            contexts & seconds.keys(), key=lambda t: (t != SCHEMA, seconds[t], t)
        )
        for test in quick_first:
            if row["seconds"] < BUDGET:
                row["tests"].append(test)
                row["seconds"] += seconds[test]


def _only_on_import(lines: dict[int, list[str]], own: tuple[int, int]) -> bool:
    """Say whether a function is called while modules are imported, by no test."""
    return {c for line in range(own[0], own[1] + 1) for c in lines.get(line, ())} == {
        ""
    }


def _files(rows: list[Row]) -> set[str]:
    return {row["file"] for row in rows}


# --- Trying them -----------------------------------------------------------------------


def try_all(rows: list[Row], jobs: int) -> list[Row]:
    """Try every mutant that a test reaches, on several processes."""
    unseen = [row | {"outcome": "survived"} for row in rows if not row["tests"]]
    rows = [row for row in rows if row["tests"]]
    if not rows:
        return unseen
    # In no order, so that a run that is stopped has tried a fair sample.
    rows.sort(key=lambda row: hashlib.sha256(repr(key(row)).encode()).digest())
    plan = KEPT / "plan.json"
    plan.write_text(json.dumps([*controls(rows), *rows]), encoding="utf-8")
    for old in KEPT.glob("plan.json.*"):
        old.unlink()
    told = {
        "MUTANTS_PLAN": str(plan),
        "MUTANTS_COMMAND": json.dumps(_pytest(0)),
        "MUTANTS_CONTROL": min(rows[0]["tests"]),
    }
    command = (*_pytest(0), *TESTS)
    slots = [{"MUTANTS_SLOT": f"{slot}/{jobs}"} for slot in range(jobs)]
    started = [
        subprocess.Popen(command, env=os.environ | ENVIRONMENT | told | slot)
        for slot in slots
    ]
    try:
        codes = [process.wait() for process in started]
    except KeyboardInterrupt:
        print("Stopped; what was tried until now:", flush=True)
        codes = [process.wait() and 0 for process in started]
    if any(codes):
        sys.exit("The tests must pass before mutants can tell anything.")
    found = [
        json.loads(line)
        for file in KEPT.glob("plan.json.*")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    if any(row["number"] < 0 and not _lives(row) for row in found):
        sys.exit("A mutant without any change was killed: the run proves nothing.")
    return unseen + [row for row in found if row["number"] >= 0]


def controls(rows: list[Row]) -> list[Row]:
    """Give two rows that change nothing, one for each way of trying: they must live."""
    tests = list(dict.fromkeys(test for row in rows for test in row["tests"]))
    same = {"file": rows[0]["file"], "where": "", "was": "", "now": "", "seconds": 600}
    return [
        same | {"number": -1, "in_function": True, "tests": tests},
        same | {"number": -2, "in_function": False, "tests": tests[:20]},
    ]


# --- The report ------------------------------------------------------------------------


def report(results: list[Row], seconds: float) -> int:
    """Print survivors, the table and the JSON line; return the exit status."""
    for row in filter(_lives, results):
        tests = f"{len(row['tests'])} tests" if row["tests"] else "no test"
        print(f"\n{row['file']}:{row['line']} {row['where']} ({tests})")
        print(f"  - {row['was']}\n  + {row['now']}")
    print(f"\n{'file':<48}{'mutants':>9}{'killed':>8}{'survived':>10}{'score':>8}")
    for file in sorted(_files(results)):
        figures = count([row for row in results if row["file"] == file])
        print(
            f"{file:<48}{figures['mutants']:>9}{figures['killed']:>8}"
            f"{figures['survived']:>10}{figures['score']:>8.1%}"
        )
    print(json.dumps(count(results) | {"seconds": round(seconds)}))
    return 0


def count(results: list[Row]) -> Row:
    """Give the figures of some mutants; the equivalent ones are no part of the score."""
    outcomes = [row["outcome"] for row in results]
    killed = outcomes.count("killed") + outcomes.count("timeout")
    tried = len(outcomes) - outcomes.count("equivalent")
    return {
        "mutants": tried,
        "killed": killed,
        "survived": outcomes.count("survived"),
        "timeouts": outcomes.count("timeout"),
        "equivalent": outcomes.count("equivalent"),
        "score": round(killed / tried, 4) if tried else 1.0,
    }


if __name__ == "__main__":
    sys.exit(main())
