"""How django-allauth behaves here: accounts come from invitations only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No self-service sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: an account starts with an invitation."""
        return False
