"""The log, as its formatter writes it."""

import io
import logging
from logging.config import DictConfigurator

import pytest

from kbsite.logs import line_formatter

pytestmark = pytest.mark.django_db
TOKEN = "tok3nfromthemail"


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def log(request):
    """Everything that is logged, in each format."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    config = DictConfigurator({"version": 1})
    handler.setFormatter(
        config.configure_formatter(line_formatter(as_json=request.param))
    )
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "address", [f"/invitation/{TOKEN}/", f"/accounts/password/reset/key/2-{TOKEN}/"]
)
def test_the_log_has_no_tokens(client, log, address):
    client.get(address)
    assert "request_started" in log.getvalue()
    assert TOKEN not in log.getvalue()


def test_the_log_has_no_search_words(world, sign_in, log):
    sign_in(world.member).get("/search/?q=salaries")
    assert "GET /search/" in log.getvalue()
    assert "salaries" not in log.getvalue()


def test_a_traceback_has_no_values_of_variables(log):
    secret = "hunter" + "2"
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("kbsite").exception("It failed")
    assert "ValueError: broken" in log.getvalue()
    assert secret not in log.getvalue()
