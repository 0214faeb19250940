"""Count what the oracle did, over all processes of a run, for its report.

`ORACLE_SEED` repeats a run, `ORACLE_AT_LEAST` makes one fail that asked too little.
"""

import os
from collections import Counter

import pytest

COUNTED = ("probes", "histories", "steps", "paired worlds", "controls", "leaks")
numbers: Counter[str] = Counter()
surfaces: set[str] = set()
viewers: set[str] = set()


def count(what: str, number: int = 1) -> None:
    """Add to one of COUNTED."""
    numbers[what] += number


def note_probe(viewer: str, surface: str) -> None:
    """Count an answer that somebody got and that is compared with the right one."""
    numbers["probes"] += 1
    surfaces.add(surface)
    viewers.add(viewer)


def _figures() -> dict[str, object]:
    return {
        "numbers": dict(numbers),
        "surfaces": sorted(surfaces),
        "viewers": sorted(viewers),
    }


def _take_in(figures: dict[str, object]) -> None:
    numbers.update(figures["numbers"])
    surfaces.update(figures["surfaces"])
    viewers.update(figures["viewers"])


def summary() -> dict[str, object]:
    """Give the figures of the whole run."""
    found = {what.replace(" ", "_"): numbers[what] for what in COUNTED}
    seed = int(os.environ["ORACLE_SEED"])
    return {"surfaces": len(surfaces), "viewers": len(viewers), **found, "seed": seed}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the figures of a worker to who started it; there, ask whether it was enough."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["oracle"] = _figures()
    elif numbers["probes"] < int(os.environ.get("ORACLE_AT_LEAST", "0")):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Add up what the workers counted."""
    output = getattr(node, "workeroutput", {})
    if "oracle" in output:
        _take_in(output["oracle"])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a test of the oracle that went red."""
    is_oracle = report.nodeid.startswith("tests/oracle/")
    if is_oracle and report.failed and not hasattr(report, "node"):
        numbers["leaks"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was asked, if anything was."""
    found = summary()
    if not found["probes"]:
        return
    terminalreporter.section("oracle")
    for what, number in found.items():
        shown = number if what == "seed" else f"{number:,}"
        terminalreporter.write_line(f"{what:<14} {shown:>11}")
    least = int(os.environ.get("ORACLE_AT_LEAST", "0"))
    if numbers["probes"] < least:
        terminalreporter.write_line(f"fewer probes than {least:,}: this run fails")
