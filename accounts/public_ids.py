"""Random identifiers for addresses: they count nothing and reveal nothing."""

import secrets

# No vowels and no look-alikes: no words by accident, readable over the telephone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
LENGTH = 8


def new_public_id() -> str:
    """Draw a public id of 8 characters (27**8, about 38 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
