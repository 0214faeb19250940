"""The sign-in backend that says who may enter the Wagtail admin."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import Membership
from accounts.selectors import Person, principals_of

ENTER = "wagtailadmin.access_admin"


class AuthorBackend(BaseBackend):
    """Host managers and admins enter the Wagtail admin; guests never do."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Answer only for entering; what is inside asks the rule."""
        return perm == ENTER and obj is None and may_enter_admin(user_obj)


def may_enter_admin(user: Person) -> bool:
    """Say whether a person is a host author or an operator."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser:
        return True
    principals = getattr(user, "principals", None) or principals_of(user)
    role = principals.roles.get(principals.host_id or 0)
    return role in {Membership.Role.MANAGER, Membership.Role.ADMIN}
