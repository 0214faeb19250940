"""The figures of a run as one JSON line, for scripts that read `make test`."""

import json
import time

import pytest

from tests.oracle import tally

OUTCOMES = ("passed", "failed", "skipped")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--figures",
        action="store_true",
        help="end with one JSON line: passed, failed, skipped, seconds",
    )


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if config.getoption("--figures") and not is_worker:
        config.pluginmanager.register(FiguresReport(), "figures")


class FiguresReport:
    """Counts what the terminal reporter saw; printed after its closing line."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None:
            return
        counts = {name: len(reporter.stats.get(name, ())) for name in OUTCOMES}
        # A fixture that breaks is an error to pytest and a failed test to us.
        counts["failed"] += len(reporter.stats.get("error", ()))
        seconds = round(time.monotonic() - self.started, 1)
        figures: dict[str, object] = {**counts, "seconds": seconds}
        if tally.numbers["probes"]:
            figures["oracle"] = tally.summary()
        reporter.write_line(json.dumps(figures))
