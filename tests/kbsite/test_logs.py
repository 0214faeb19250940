"""The log of requests."""

import pytest

pytestmark = pytest.mark.django_db
TOKEN = "tok3nfromthemail"


@pytest.mark.parametrize(
    "address", [f"/invitation/{TOKEN}/", f"/accounts/password/reset/key/2-{TOKEN}/"]
)
def test_the_log_has_no_tokens(client, capsys, address):
    client.get(address)
    lines = "".join(capsys.readouterr())
    assert "request_started" in lines
    assert TOKEN not in lines


def test_the_log_has_no_search_words(world, sign_in, capsys):
    sign_in(world.member).get("/search/?q=salaries")
    lines = "".join(capsys.readouterr())
    assert "GET /search/" in lines
    assert "salaries" not in lines
