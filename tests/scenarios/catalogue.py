"""The numbered scenarios of docs/permissions.md as small worlds with expectations.

Each function builds its case in a `World` and yields (viewer, action, page, allowed).
`tests/scenarios/test_permissions.py` asks every path the same question.
"""

from tests.scenarios import ends_and_tree, sharing
from tests.scenarios.register import CATALOGUE

__all__ = ["CATALOGUE", "ends_and_tree", "sharing"]
