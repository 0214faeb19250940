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
    text = "\n".join([*where(), "", *_builds(figures), "", *_cases(figures)])
    if path is not None:
        write_between(path, START, END, text)
    return text


def write_between(path: Path, start: str, end: str, text: str) -> None:
    """Put a text between two marks of a file."""
    before, _, rest = path.read_text("utf-8").partition(start)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def where() -> list[str]:
    """Say when and on what it was measured."""
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
