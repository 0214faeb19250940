"""What a test does when a service it needs is not on this machine."""

import os
from typing import NoReturn

import pytest


def report_missing(service: str, reason: str) -> NoReturn:
    """Skip with the reason; fail where REQUIRE_SERVICES=1 promises the service."""
    message = f"{service} is not available: {reason}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"{message} (REQUIRE_SERVICES=1)", pytrace=False)
    pytest.skip(message)
