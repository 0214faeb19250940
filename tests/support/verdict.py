"""By what a test failed, for `scripts.leaks`: a plugin that only that script loads.

A seeded leak counts as caught when a test says so. An import that fails, a fixture that
breaks or a page that crashes proves nothing.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.signals import got_request_exception

crashes: list[str] = []


def _crashed(request, **_kwargs) -> None:
    crashes.append(request.path)


def pytest_configure() -> None:
    got_request_exception.connect(_crashed)


def pytest_runtest_setup() -> None:
    crashes.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call) -> Iterator[None]:
    report = yield
    if report.failed:
        error = call.excinfo.value
        line = {
            "test": item.nodeid,
            "asserted": call.when == "call" and not crashes and _is_assertion(error),
            "error": f"{type(error).__name__}: {error}"[:2000],
            "crashed": crashes[:3],
        }
        with Path(os.environ["VERDICTS"]).open("a") as file:
            file.write(f"{json.dumps(line)}\n")
    return report


def _is_assertion(error: BaseException) -> bool:
    """Say whether a test refused what it saw. Hypothesis gives several at once."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_assertion(one) for one in error.exceptions)
    return isinstance(error, AssertionError)
