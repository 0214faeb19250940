"""Record who comes and goes, and what changes about how they sign in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from accounts.audit import record, record_person
from accounts.models import User
from accounts.selectors import host_organisation
from accounts.validators import clean_email


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Record a sign-in, and note when it began and from where."""
    record_person("session.start", by=user, person=user)
    is_asked = "REMOTE_ADDR" in request.META
    sessions.begin(
        session=request.session,
        user=user,
        address=str(get_adapter().get_client_ip(request)) if is_asked else "",
        browser=request.META.get("HTTP_USER_AGENT", ""),
    )


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    """Record a sign-out, also one by the door. The browser shall forget, too."""
    request.has_signed_out = True  # type: ignore[attr-defined]
    sessions.forget(session_key=request.session.session_key)
    if user is not None:
        record_person("session.end", by=user, person=user)


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], **_kwargs: Any) -> None:
    """Record a failed sign-in. What a stranger typed as address is not kept."""
    email = clean_email(str(credentials.get("email") or ""))
    known = User.objects.filter(email=email).first()
    if known is not None:
        record_person("session.refused", by=None, person=known)
    else:
        record("session.refused", by=None, organisation=host_organisation())


@receiver(authentication_failed)
def code_refused(user: User, **_kwargs: Any) -> None:
    """Record a wrong code of the second factor."""
    record_person("session.refused", by=None, person=user, step="code")


@receiver([password_changed, password_reset, password_set])
def password_renewed(user: User, **_kwargs: Any) -> None:
    """Record a new password."""
    record_person("person.password", by=user, person=user)


@receiver(authenticator_added)
def factor_added(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Record a new second factor."""
    record_person("person.factor", by=user, person=user, added=authenticator.type)


@receiver(authenticator_removed)
def factor_removed(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Record a second factor taken away."""
    record_person("person.factor", by=user, person=user, removed=authenticator.type)


@receiver(authenticator_reset)
def factor_reset(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Record new recovery codes."""
    record_person("person.factor", by=user, person=user, reset=authenticator.type)


@receiver(pre_save, sender=User)
def operator_made(
    instance: User, update_fields: frozenset[str] | None, **_kwargs: Any
) -> None:
    """Record who becomes an operator or is one no longer, whatever code does it."""
    if update_fields is not None and "is_superuser" not in update_fields:
        return
    before = User.objects.filter(pk=instance.pk, is_superuser=True).exists()
    if before != instance.is_superuser:
        now = instance.is_superuser
        # Who sees everything is a matter of the installation, so of the host.
        record(
            "person.operator",
            by=None,
            organisation=host_organisation(),
            target=instance.public_id,
            operator=now,
        )
