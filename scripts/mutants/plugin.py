"""A pytest plugin that tries mutants: collect once, then fork for each of them.

`MUTANTS_PLAN` names the list of mutants with the tests of each; this process takes those
of its `MUTANTS_SLOT`. A change inside a function is put into the loaded function of the
fork. Any other change (a default, a decorator, a class attribute) needs the module
imported anew: the fork becomes a fresh pytest with `MUTANT` set.
"""

import gc
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from scripts.mutants.operators import mutate

OPTIMIZED = 1  # the flag of a function's code that a class body's does not have
PATIENCE = 6.0  # how many times longer than without the change a test may take
GRACE = 60.0  # seconds more
STEP = 0.02  # seconds
PLAN = os.environ.get("MUTANTS_PLAN", "")
MUTANT = os.environ.get("MUTANT", "")
SECONDS: dict[str, float] = {}
FAILED: set[str] = set()


# --- The module with its change -----------------------------------------------------


class MutantLoader(SourceFileLoader):
    """Compiles the changed source instead of the one on disk."""

    def get_code(self, _fullname: str) -> CodeType:
        """Give the code of the module with the change."""
        return _compiled(*_parts(MUTANT))


class MutantFinder:
    """Answers for the one module that is changed."""

    @staticmethod
    def find_spec(
        name: str, _path: object, _target: object = None
    ) -> ModuleSpec | None:
        """Give the changed module, and nothing for others."""
        file, _number = _parts(MUTANT)
        if name != _module(file):
            return None
        path = str(Path(file).resolve())
        loader = MutantLoader(name, path)
        return importlib.util.spec_from_file_location(name, path, loader=loader)


if MUTANT:
    sys.meta_path.insert(0, MutantFinder)


def _parts(mutant: str) -> tuple[str, int]:
    file, _colon, number = mutant.partition(":")
    return file, int(number)


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def _compiled(file: str, number: int) -> CodeType:
    tree = mutate(Path(file).read_text(encoding="utf-8"), number)
    code: CodeType = compile(tree, str(Path(file).resolve()), "exec")
    return code


def swap(file: str, number: int) -> None:
    """Put a change into the functions that are loaded.

    Raises ValueError when a function cannot take it, as after losing its `super()`.
    """
    changed = {
        (code.co_qualname, code.co_firstlineno): code
        for code in _functions(_compiled(file, number))
    }
    for found in gc.get_objects():
        # Not isinstance(): that asks lazy objects what they are, and they wake up.
        if type(found) is FunctionType and found.__module__ == _module(file):
            key = found.__code__.co_qualname, found.__code__.co_firstlineno
            found.__code__ = changed.get(key, found.__code__)


def _functions(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & OPTIMIZED:
                yield inner
            else:
                yield from _functions(inner)


# --- The tests ----------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a fresh process, keep the tests of its mutant, in their order."""
    if MUTANT:
        file, number = _parts(MUTANT)
        (mine,) = (m for m in _plan() if (m["file"], m["number"]) == (file, number))
        by_id = {item.nodeid: item for item in items}
        items[:] = [by_id[test] for test in mine["tests"]]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up how long each test takes; a mutant learns nothing from one that fails."""
    SECONDS[report.nodeid] = SECONDS.get(report.nodeid, 0.0) + report.duration
    if report.failed:
        FAILED.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Keep the times for who chooses tests."""
    if target := os.environ.get("MUTANTS_SECONDS"):
        passed = {k: v for k, v in SECONDS.items() if k not in FAILED}
        Path(target).write_text(json.dumps(passed), encoding="utf-8")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Try mutants instead of running all tests once."""
    if not PLAN or MUTANT:
        return None
    slot, slots = map(int, os.environ["MUTANTS_SLOT"].split("/"))
    items = {item.nodeid: item for item in session.items}
    mutants = _plan()[slot::slots]
    _set_up(session, items[os.environ["MUTANTS_CONTROL"]])
    with Path(f"{PLAN}.{slot}").open("a", encoding="utf-8") as results:
        for mutant in mutants:
            outcome = _try(session, items, mutant)
            results.write(json.dumps(mutant | {"outcome": outcome}) + "\n")
            results.flush()
    return True


def _plan() -> list[dict[str, Any]]:
    plan: list[dict[str, Any]] = json.loads(Path(PLAN).read_text(encoding="utf-8"))
    return plan


def _set_up(session: pytest.Session, control: pytest.Item) -> None:
    """Run one test, so that database, addresses and templates are there for all."""
    # With another test to follow, so that this one is torn down and the session is not.
    others = [item for item in session.items if item is not control]
    elsewhere = [item for item in others if item.path != control.path]
    following = next(iter(elsewhere or others), None)
    control.config.hook.pytest_runtest_protocol(item=control, nextitem=following)
    if session.testsfailed:
        pytest.exit("the tests fail without any change", returncode=3)
    _close_connections()


def _close_connections() -> None:
    if settings.configured:
        connections.close_all()


def _try(
    session: pytest.Session, items: Mapping[str, pytest.Item], mutant: dict[str, Any]
) -> str:
    """Fork, run the tests of a mutant until one fails, tell how that ended."""
    pid = os.fork()
    if not pid:
        os.setpgid(0, 0)
        try:
            failed = _run(session, items, mutant)
        except BaseException:  # noqa: BLE001 - a mutant may do anything
            failed = True
        os._exit(failed)
    left = GRACE + PATIENCE * mutant["seconds"]
    while left > 0:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return "killed" if os.waitstatus_to_exitcode(status) else "survived"
        # Counted in steps: a machine that was paused meanwhile kills no mutant.
        time.sleep(STEP)
        left -= STEP
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "timeout"


def _run(
    session: pytest.Session, items: Mapping[str, pytest.Item], mutant: dict[str, Any]
) -> bool:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    if not mutant["in_function"]:
        _begin_anew(mutant)
    try:
        swap(mutant["file"], mutant["number"])
    except ValueError:
        _begin_anew(mutant)
    tests = [items[test] for test in mutant["tests"]]
    for item, following in zip(tests, [*tests[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return True
    return False


def _begin_anew(mutant: dict[str, Any]) -> None:
    """Become a pytest that imports the changed module."""
    environment = os.environ | {"MUTANT": f"{mutant['file']}:{mutant['number']}"}
    files = dict.fromkeys(test.partition("::")[0] for test in mutant["tests"])
    command = json.loads(os.environ["MUTANTS_COMMAND"])
    os.execve(command[0], [*command, "-x", *files], environment)  # noqa: S606
