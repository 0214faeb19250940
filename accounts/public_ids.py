"""Random identifiers for addresses: they count nothing and reveal nothing."""

import re
import secrets

# No vowels and no look-alikes: no words by accident, readable over the telephone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
LENGTH = 8
# For what there are millions of: two that are equal would be an error.
LONG = 12
LONG_ID = re.compile(rf"^[{ALPHABET}]{{{LONG}}}\Z")


def new_public_id() -> str:
    """Draw a public id of 8 characters (27**8, about 38 bits)."""
    return _draw(LENGTH)


def new_long_id() -> str:
    """Draw a public id of 12 characters (27**12, about 57 bits)."""
    return _draw(LONG)


def _draw(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
