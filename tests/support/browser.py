"""A real Chromium for tests marked `browser`."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.services import report_missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """Return the first Chromium in PATH; CHROMIUM names another one."""
    names = (os.environ.get("CHROMIUM", ""), *NAMES)
    found = (shutil.which(name) for name in names if name)
    return next((Path(path) for path in found if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per process of the run."""
    executable = find_chromium()
    if executable is None:
        report_missing("Chromium", f"none of {', '.join(NAMES)} in PATH")
    # Playwright keeps an event loop in this thread, which Django takes for async
    # code. Its calls block all the same, so the test may use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=list(FLAGS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def browser_page(browser: Browser, live_server) -> Iterator[Page]:
    """An empty tab on the live server; errors on the page fail the test."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text) if message.type == "error" else None
        ),
    )
    yield page
    context.close()
    assert errors == []
