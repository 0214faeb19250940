"""Whether the time of an answer tells what is hidden from what never was.

A real server is asked over HTTP, hidden and missing in turn, in an order that is drawn.
AUC is the chance that a hidden one took longer than a missing one: 0.5 says that the
clock tells nothing.
"""

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from kbsite.postgres import embedded_url
from scripts import local_elasticsearch
from scripts.bench.report import where, write_between
from scripts.bench.steps import empty, run_step

ROOT = Path(__file__).resolve().parent.parent.parent
MARKS = ("<!-- make bench timing: start -->", "<!-- make bench timing: end -->")
SAMPLES = 4000
WARM_UP = 100
SEED = 20261124
BOUNDS = (0.45, 0.55)
READY_SECONDS = 60.0
# Found, which an empty list of results is, too, or missing. A refusal is neither.
ANSWERS = {200, 404}


def run(arguments: argparse.Namespace) -> int:
    """Build, ask, print a table and one JSON line; 1 when the clock tells something."""
    environment = _environment()
    try:
        world = _world(environment, keep=arguments.keep)
        cases = _cases(environment, world, arguments.samples)
    finally:
        local_elasticsearch.release(os.getpid())
    text = "\n".join([*where(), "", *_table(cases)])
    if arguments.write is not None:
        write_between(arguments.write, *MARKS, text)
    print(f"{text}\n{json.dumps({'timing': cases})}")
    low, high = BOUNDS
    return 0 if all(low <= case["auc"] <= high for case in cases) else 1


def _world(environment: dict[str, str], *, keep: bool) -> dict[str, Any]:
    """Build what is asked about, or take what was built before."""
    kept = Path(environment["DATA_DIR"]) / "built.json"
    if not (keep and kept.is_file()):
        empty(environment["DATABASE_URL"])
        built = run_step(environment, "timing-world")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(built))
    else:
        run_step(environment, "index")
    world: dict[str, Any] = json.loads(kept.read_text())
    return world


def _environment() -> dict[str, str]:
    data_dir = ROOT / ".cache/bench"
    return dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "scripts.bench.endless",
        "DJANGO_DEBUG": "0",
        "LOG_LEVEL": "CRITICAL",
        "DATA_DIR": str(data_dir / "timing"),
        "DATABASE_URL": embedded_url(data_dir, "bench_timing"),
        "ELASTICSEARCH_URL": local_elasticsearch.ensure_running(os.getpid()),
        "ELASTICSEARCH_INDEX_PREFIX": "bench-timing",
    }


def _cases(
    environment: dict[str, str], world: dict[str, Any], samples: int
) -> list[dict[str, Any]]:
    """Measure all kinds of address with PostgreSQL, and words with both engines."""
    alone = environment | {"ELASTICSEARCH_URL": ""}
    kinds: Mapping[str, Mapping[str, list[str]]] = world["kinds"]
    cases = []
    with _server(alone) as port:
        for name, addresses in kinds.items():
            cases.append(_measure(name, port, world["cookie"], addresses, samples))
    with _server(environment) as port:
        name, addresses = "word, in Elasticsearch", kinds["word, in PostgreSQL"]
        cases.append(_measure(name, port, world["cookie"], addresses, samples))
    return cases


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[int]:
    """Serve the site as `make run` does, with one worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface=wsgi", "--workers=1"),
            *("--host=127.0.0.1", f"--port={port}", "--blocking-threads=1"),
            *("--log-level=warning", "kbsite.wsgi:application"),
        ],
        cwd=ROOT,
        env=environment,
        # A line for each missing page.
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)


def _measure(
    name: str,
    port: int,
    cookie: str,
    addresses: Mapping[str, Sequence[str]],
    samples: int,
) -> dict[str, Any]:
    """Ask half for what is hidden and half for what is missing, and compare."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable order, no secret
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    spent: dict[str, list[float]] = {"hidden": [], "missing": []}
    sizes: dict[str, set[tuple[int, int]]] = {"hidden": set(), "missing": set()}
    for turn in range(-WARM_UP, samples // 2):
        for kind in chance.sample(list(spent), 2):
            address = chance.choice(addresses[kind])
            started = time.perf_counter()
            connection.request("GET", address, headers={"Cookie": cookie})
            response = connection.getresponse()
            size = len(response.read())
            took = (time.perf_counter() - started) * 1000
            if turn >= 0:
                spent[kind].append(took)
            sizes[kind].add((response.status, size))
    statuses = {status for status, _size in sizes["hidden"] | sizes["missing"]}
    if not statuses <= ANSWERS:
        raise RuntimeError(f"{name}: {statuses} is no answer to measure")
    if sizes["hidden"] != sizes["missing"]:
        raise RuntimeError(f"{name}: hidden and missing differ already: {sizes}")
    hidden, missing = spent["hidden"], spent["missing"]
    result = {
        "case": name,
        "samples": len(hidden) + len(missing),
        "hidden_ms": round(median(hidden), 2),
        "missing_ms": round(median(missing), 2),
        "difference_ms": round(median(hidden) - median(missing), 3),
        "auc": round(auc(hidden, missing), 3),
    }
    print(_table([result])[-1], file=sys.stderr, flush=True)
    return result


def auc(first: Sequence[float], second: Sequence[float]) -> float:
    """Give the chance that one of the first is larger: Mann and Whitney's U / (n1 n2).

    A tie counts half.
    """
    ranked = sorted([(value, 1) for value in first] + [(value, 0) for value in second])
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        middle = (place + 1 + end) / 2
        total += middle * sum(own for _value, own in ranked[place:end])
        place = end
    count = len(first)
    return (total - count * (count + 1) / 2) / (count * len(second))


def _table(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        "| hidden or missing | samples | median hidden (ms) | missing (ms) "
        "| difference (ms) | AUC |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for case in cases:
        values = [f"{case['samples']:,}", case["hidden_ms"], case["missing_ms"]]
        values += [f"{case['difference_ms']:+}", f"{case['auc']:.3f}"]
        rows.append(f"| {case['case']} | {' | '.join(map(str, values))} |")
    return rows
