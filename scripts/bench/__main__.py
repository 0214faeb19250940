"""Build two installations, measure both in turn, print a table and one JSON line.

`timing` and `search` measure something else: see their modules.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median
from typing import Any

from scripts import local_elasticsearch
from scripts.bench import search_speed, timing
from scripts.bench.bounds import percentile
from scripts.bench.installations import build, environment, has_corpus
from scripts.bench.report import write_report
from scripts.bench.steps import ROOT, run_step

CORPUS = ROOT.parent / "shared/corpora/large/pages.jsonl.gz"


def main() -> int:
    """Do what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "part", choices=["growth", "timing", "search"], nargs="?", default="growth"
    )
    parser.add_argument("--samples", type=int, default=timing.SAMPLES, help="timing")
    parser.add_argument("--sizes", type=int, nargs=2, default=[5_000, 25_000])
    parser.add_argument("--copies", type=int, default=8, help="search, of the larger")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--rounds", type=int, default=4, help="of each, in turn")
    parser.add_argument("--repetitions", type=int, default=20, help="in each round")
    parser.add_argument("--keep", action="store_true", help="use what was built before")
    parser.add_argument("--write", type=Path, help="put the tables into this file")
    arguments = parser.parse_args()
    if arguments.part == "timing":
        return timing.run(arguments)
    if not has_corpus(arguments.corpus):
        return 1
    if arguments.part == "search":
        return search_speed.run(arguments)
    environments = {size: environment(str(size)) for size in arguments.sizes}
    try:
        builds = {s: build(s, e, arguments) for s, e in environments.items()}
        cases = _measure(environments, arguments)
    finally:
        local_elasticsearch.release(os.getpid())
    figures = {"builds": builds, "cases": cases}
    text = write_report(figures, arguments.write)
    print(f"{text}\n{json.dumps(figures)}")
    return 0


def _measure(
    environments: dict[int, dict[str, str]], arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    """Measure in turn, small, large, small, large, and compare the medians."""
    small, large = arguments.sizes
    times: dict[str, dict[int, list[float]]] = {}
    queries: dict[str, dict[int, int]] = {}
    for number in range(arguments.rounds):
        print(f"Round {number + 1} of {arguments.rounds}", file=sys.stderr, flush=True)
        for size, settings in environments.items():
            for case in run_step(settings, "measure", str(arguments.repetitions)):
                name = case["name"]
                spent = times.setdefault(name, {small: [], large: []})
                spent[size] += case["milliseconds"]
                queries.setdefault(name, {})[size] = case["queries"]
    return [
        {
            "case": name,
            "queries": list(queries[name].values()),
            "median_ms": [round(median(spent[size]), 1) for size in spent],
            "p95_ms": [round(percentile(spent[size], 0.95), 1) for size in spent],
            "ratio": round(median(spent[large]) / median(spent[small]), 2),
        }
        for name, spent in times.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
