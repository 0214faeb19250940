"""The speed of search, in one run on an installation and on several copies of it.

What is held against a bound is nearly always a ratio of two things measured in turn, so
that a noisy machine is noisy for both.
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from scripts import local_elasticsearch
from scripts.bench.bounds import FILTERS, WITHOUT, Bound, name_of, percentile
from scripts.bench.installations import Environment, build, environment, multiply, say
from scripts.bench.report import where, write_between
from scripts.bench.steps import run_step

MARKS = ("<!-- make bench search: start -->", "<!-- make bench search: end -->")
# By what the search of a whole page may exceed Elasticsearch alone.
AT_MOST = {"small": 2.5, "large": 1.5}
INDEXING = 0.8
Spent = dict[str, list[float]]


def run(arguments: argparse.Namespace) -> int:
    """Build, measure, print tables and one JSON line; 1 when a bound does not hold."""
    try:
        figures = _measure(arguments)
    finally:
        local_elasticsearch.release(os.getpid())
    found = bounds(figures)
    text = "\n".join([*where(), "", *table(figures), "", *table_of_bounds(found)])
    if arguments.write is not None:
        write_between(arguments.write, *MARKS, text)
    answer = summary(figures) | {"bounds": [bound.as_dict() for bound in found]}
    print(f"{text}\n{json.dumps({'search': answer})}")
    return 0 if all(bound.holds for bound in found) else 1


def _measure(arguments: argparse.Namespace) -> dict[str, Any]:
    size, copies = arguments.sizes[-1], arguments.copies
    small = environment(str(size))
    built = build(size, small, arguments)
    large = environment(f"{size}x{copies}")
    multiply(copies, small, large, keep=arguments.keep)
    both = {"small": small, "large": large}
    # More than pages of the corpus: a folder is a page, too.
    documents = {name: run_step(one, "documents") for name, one in both.items()}
    spent = _ask(both, arguments)
    say("Filters of many roots")
    filters = run_step(large, "search-filter", str(arguments.repetitions))
    say("Indexing")
    rates = run_step(small, "search-indexing", str(arguments.rounds))
    return {
        "documents": documents,
        "spent": spent,
        "filters": filters,
        "grant": {name: run_step(one, "search-grant") for name, one in both.items()},
        "indexing": rates,
        "postgres": documents["small"] / built["indexing"]["postgres"],
    }


def _ask(
    both: Mapping[str, Environment], arguments: argparse.Namespace
) -> dict[str, Spent]:
    """Ask in turn, small, large, small, large."""
    spent: dict[str, Spent] = {name: {} for name in both}
    for number in range(arguments.rounds):
        say(f"Round {number + 1} of {arguments.rounds}")
        for name, settings in both.items():
            answer = run_step(settings, "search-ask", str(arguments.repetitions))
            for case, values in answer.items():
                spent[name].setdefault(case, []).extend(values)
    return spent


def bounds(figures: Mapping[str, Any]) -> list[Bound]:
    """Hold what was measured against what is promised."""
    found = []
    for name, limit in AT_MOST.items():
        spent, number = figures["spent"][name], figures["documents"][name]
        whole, raw, suggested = (
            percentile(spent[case], 0.95) for case in ("search", "raw", "suggestions")
        )
        at = f"{number:,} documents"
        found.append(Bound(f"search / raw query, 95 %, {at}", whole / raw, limit))
        found.append(Bound(f"suggestions / search, 95 %, {at}", suggested / whole, 1.0))
        rewritten = figures["grant"][name]["rewritten"]
        found.append(Bound(f"documents rewritten for a grant, {at}", rewritten, 0))
    without = percentile(figures["filters"][WITHOUT], 0.5)
    for count, limit in FILTERS.items():
        filtered = percentile(figures["filters"][name_of(count)], 0.5)
        what = f"{name_of(count)} / {WITHOUT}, median"
        found.append(Bound(what, filtered / without, limit))
    rate = percentile(figures["indexing"]["rebuild"], 0.5)
    raw_rate = percentile(figures["indexing"]["raw"], 0.5)
    what = "documents/s of a rebuild / of a raw bulk"
    found.append(Bound(what, rate / raw_rate, INDEXING, at_least=True))
    return found


def summary(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Give the figures without each single time."""
    return {
        "documents": figures["documents"],
        "milliseconds": {
            name: {case: _middle_and_tail(values) for case, values in spent.items()}
            for name, spent in _all_spent(figures).items()
        },
        "grant": figures["grant"],
        "documents_per_second": {
            "rebuild": round(percentile(figures["indexing"]["rebuild"], 0.5), 1),
            "raw": round(percentile(figures["indexing"]["raw"], 0.5), 1),
            "postgres": round(figures["postgres"], 1),
        },
    }


def table(figures: Mapping[str, Any]) -> list[str]:
    """Lay out what was measured, for people."""
    rows = [
        "| documents | case | samples | median (ms) | 95 % (ms) |",
        "|---:|---|---:|---:|---:|",
    ]
    for name, spent in _all_spent(figures).items():
        number = figures["documents"][name.partition(" ")[0]]
        for case, values in spent.items():
            middle, tail = _middle_and_tail(values)
            rows.append(f"| {number:,} | {case} | {len(values)} | {middle} | {tail} |")
    rates = figures["indexing"]
    return [
        *rows,
        "",
        "Indexed per second, documents: "
        f"rebuild of Elasticsearch {percentile(rates['rebuild'], 0.5):,.0f}, "
        f"raw bulk {percentile(rates['raw'], 0.5):,.0f}; "
        f"PostgreSQL, which reads every page, {figures['postgres']:,.0f}.",
    ]


def table_of_bounds(found: Sequence[Bound]) -> list[str]:
    """Lay out what was promised."""
    rows = ["| what | measured | bound | holds |", "|---|---:|---:|---|"]
    for bound in found:
        sign = "≥" if bound.at_least else "≤"
        holds = "yes" if bound.holds else "**no**"
        rows.append(
            f"| {bound.what} | {bound.measured:.2f} | {sign} {bound.limit:g} | {holds} |"
        )
    return rows


def _all_spent(figures: Mapping[str, Any]) -> dict[str, Spent]:
    spent: dict[str, Spent] = figures["spent"]
    return spent | {"large filters": figures["filters"]}


def _middle_and_tail(values: Sequence[float]) -> tuple[float, float]:
    return round(percentile(values, 0.5), 1), round(percentile(values, 0.95), 1)
