"""The tokens of invitations: made from a secret, stored as a hash only."""

import base64
import hashlib

from django.utils.crypto import salted_hmac

SALT = "accounts.invitation"


def invitation_token(public_id: str) -> str:
    """Give the token of an invitation: 256 bits that only who knows SECRET_KEY can make.

    It is made anew where the mail is written, so it waits in no queue and no table.
    """
    digest = salted_hmac(SALT, public_id, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_token(token: str) -> str:
    """Give what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
