"""Build two installations, measure both in turn, print a table and one JSON line."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from kbsite.postgres import embedded_url
from scripts import local_elasticsearch
from scripts.bench import timing
from scripts.bench.report import write_report
from scripts.bench.steps import empty, run_step

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT.parent / "shared/corpora/large/pages.jsonl.gz"


def main() -> int:
    """Do what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "part", choices=["growth", "timing"], nargs="?", default="growth"
    )
    parser.add_argument("--samples", type=int, default=timing.SAMPLES, help="timing")
    parser.add_argument("--sizes", type=int, nargs=2, default=[5_000, 25_000])
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--rounds", type=int, default=4, help="of each, in turn")
    parser.add_argument("--repetitions", type=int, default=20, help="in each round")
    parser.add_argument("--keep", action="store_true", help="use what was built before")
    parser.add_argument("--write", type=Path, help="put the tables into this file")
    arguments = parser.parse_args()
    if arguments.part == "timing":
        return timing.run(arguments)
    if not arguments.corpus.is_file():
        print(
            f"{arguments.corpus} is missing. Give a file of JSON lines, gzipped, with "
            "source, path, title and markdown: make bench ARGS='--corpus FILE'",
            file=sys.stderr,
        )
        return 1
    environments = {size: _environment(size) for size in arguments.sizes}
    try:
        builds = {s: _build(s, e, arguments) for s, e in environments.items()}
        cases = _measure(environments, arguments)
    finally:
        local_elasticsearch.release(os.getpid())
    figures = {"builds": builds, "cases": cases}
    text = write_report(figures, arguments.write)
    print(f"{text}\n{json.dumps(figures)}")
    return 0


def _environment(size: int) -> dict[str, str]:
    """Give each size a database and an index of its own, on the same servers."""
    data_dir = ROOT / ".cache/bench"
    return dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "kbsite.settings.development",
        "DJANGO_DEBUG": "0",
        "DATA_DIR": str(data_dir / str(size)),
        "DATABASE_URL": embedded_url(data_dir, f"bench_{size}"),
        "ELASTICSEARCH_URL": local_elasticsearch.ensure_running(os.getpid()),
        "ELASTICSEARCH_INDEX_PREFIX": f"bench-{size}",
    }


def _build(
    size: int, environment: dict[str, str], arguments: argparse.Namespace
) -> dict[str, Any]:
    kept = Path(environment["DATA_DIR"]) / "built.json"
    if not (arguments.keep and kept.is_file()):
        print(f"Building {size:,} pages", file=sys.stderr, flush=True)
        empty(environment["DATABASE_URL"])
        built = run_step(environment, "build", str(arguments.corpus), str(size))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(built))
    elif not _has_index(environment):
        run_step(environment, "index")
    result: dict[str, Any] = json.loads(kept.read_text())
    return result


def _has_index(environment: dict[str, str]) -> bool:
    return bool(run_step(environment, "has-index"))


def _measure(
    environments: dict[int, dict[str, str]], arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    """Measure in turn, small, large, small, large, and compare the medians."""
    small, large = arguments.sizes
    times: dict[str, dict[int, list[float]]] = {}
    queries: dict[str, dict[int, int]] = {}
    for number in range(arguments.rounds):
        print(f"Round {number + 1} of {arguments.rounds}", file=sys.stderr, flush=True)
        for size, environment in environments.items():
            for case in run_step(environment, "measure", str(arguments.repetitions)):
                name = case["name"]
                spent = times.setdefault(name, {small: [], large: []})
                spent[size] += case["milliseconds"]
                queries.setdefault(name, {})[size] = case["queries"]
    return [
        {
            "case": name,
            "queries": list(queries[name].values()),
            "median_ms": [round(median(spent[size]), 1) for size in spent],
            "p95_ms": [round(_p95(spent[size]), 1) for size in spent],
            "ratio": round(median(spent[large]) / median(spent[small]), 2),
        }
        for name, spent in times.items()
    ]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    sys.exit(main())
