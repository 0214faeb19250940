"""The tables of a measurement, for people."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

START = "<!-- make bench: start -->"
END = "<!-- make bench: end -->"


def write_report(figures: dict[str, Any], path: Path | None) -> str:
    """Make the tables; put them between the marks of the file at `path`, if any."""
    text = "\n".join([*_where(), "", *_builds(figures), "", *_cases(figures)])
    if path is not None:
        before, _, rest = path.read_text("utf-8").partition(START)
        _, _, after = rest.partition(END)
        path.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")
    return text


def _where() -> list[str]:
    day = datetime.now(tz=UTC).date()
    cores = os.cpu_count()
    return [
        f"Measured on {day} with Python {platform.python_version()} on {cores} cores."
    ]


def _builds(figures: dict[str, Any]) -> list[str]:
    rows = [
        "| installation | pages | import, pages/s | index, documents/s |",
        "|---|---:|---:|---|",
    ]
    for size, built in figures["builds"].items():
        pages = built["pages"]
        rates = ", ".join(
            f"{name} {pages / seconds:,.0f}"
            for name, seconds in built["indexing"].items()
        )
        rate = pages / built["importing"]
        rows.append(f"| {int(size):,} | {pages:,} | {rate:,.0f} | {rates} |")
    return rows


def _cases(figures: dict[str, Any]) -> list[str]:
    small, large = (f"{int(size):,}" for size in figures["builds"])
    rows = [
        f"| case | queries | median at {small} (ms) | at {large} (ms) "
        "| 95 % (ms) | ratio |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for case in figures["cases"]:
        queries = " / ".join(map(str, case["queries"]))
        first, second = case["median_ms"]
        tails = " / ".join(f"{value}" for value in case["p95_ms"])
        rows.append(
            f"| {case['case']} | {queries} | {first} | {second} | {tails} "
            f"| {case['ratio']} |"
        )
    return rows
