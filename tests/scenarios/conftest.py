"""The scenarios use the engines as the tests of search do."""

from tests.support.elasticsearch import elastic  # noqa: F401
