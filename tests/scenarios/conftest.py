"""The scenarios use the engines as the tests of search do."""

from tests.search.conftest import elastic  # noqa: F401
