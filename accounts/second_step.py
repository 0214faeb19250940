"""Whose role demands a second step of sign-in, and since when (ADR 0013)."""

import datetime

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Membership, User
from accounts.selectors import Principals, principals_of

# Names of roles in the setting.
ADMIN, OPERATOR, GUEST = "admin", "operator", "guest"


def demands_second_step(user: User) -> bool:
    """Say whether one of the person's roles demands it."""
    principals: Principals = getattr(user, "principals", None) or principals_of(user)
    roles = {
        ADMIN: bool(principals.ids_with_role(Membership.Role.ADMIN)),
        OPERATOR: user.is_superuser,
        GUEST: not principals.is_employee and not user.is_superuser,
    }
    return any(roles.get(name, False) for name in settings.SECOND_STEP_FOR)


def second_step_due(request: HttpRequest, user: User) -> datetime.datetime | None:
    """Give the moment by which the person must add a second step; None if there is one.

    Who came in by it is not asked again, so that it costs no query.
    """
    if not demands_second_step(user):
        return None
    if any(r.get("method") == "mfa" for r in get_authentication_records(request, user)):
        return None
    return _due(user)


def lacks_second_step(user: User) -> bool:
    """Say whether the person opens no page before adding a second step."""
    due = _due(user) if demands_second_step(user) else None
    return due is not None and due <= timezone.now()


def _due(user: User) -> datetime.datetime | None:
    # Recovery codes alone are no second step: they come with one.
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    if Authenticator.objects.filter(user=user, type__in=kinds).exists():
        return None
    return user.date_joined + datetime.timedelta(days=settings.SECOND_STEP_GRACE_DAYS)
