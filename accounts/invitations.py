"""Invitations: a hashed, single-use, expiring token bound to one address."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import Invitation, Membership, Organisation, User, clean_email
from accounts.rights import invitable_roles, may_come_in
from accounts.services import create_person, save_membership

VALID_FOR = datetime.timedelta(days=7)


class InvitationError(Exception):
    """The invitation cannot be used. The text says so without saying why."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    email: str,
    organisation: Organisation,
    by: User,
    role: str = Membership.Role.MEMBER,
    membership_ends_on: datetime.date | None = None,
) -> tuple[Invitation, str]:
    """Invite an address into an organisation and send the mail after the commit.

    Returns the invitation and its token: the only time the token exists outside the
    mail. Raises ValidationError for a guest without end, a bad address or somebody who
    is a member already.
    """
    if not organisation.is_host and membership_ends_on is None:
        raise ValidationError({"membership_ends_on": _("A guest needs an end date.")})
    email = clean_email(email)
    if organisation.memberships.filter(user__email=email).exists():
        raise ValidationError({"email": _("This person is a member already.")})
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email,
        organisation=organisation,
        role=role,
        membership_ends_on=membership_ends_on,
        token_hash=_hash(token),
        invited_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    invitation.full_clean()
    invitation.save()
    record(
        "invitation.create",
        by=by,
        organisation=organisation,
        target=invitation.public_id,
        email=email,
        role=role,
    )
    transaction.on_commit(lambda: _send(invitation, token))
    return invitation, token


def _send(invitation: Invitation, token: str) -> None:
    known = User.objects.filter(email=invitation.email).first()
    language = (known.language if known else "") or settings.LANGUAGE_CODE
    with translation.override(language):
        context = {
            "invitation": invitation,
            "url": f"{settings.BASE_URL}/invitation/{token}/",
            "days": VALID_FOR.days,
        }
        subject = _("Invitation to %(organisation)s on Deelplein") % {
            "organisation": invitation.organisation.name
        }
        body = render_to_string("accounts/mail/invitation.txt", context)
    send_mail(subject, body, None, [invitation.email])


def find_invitation(token: str) -> Invitation:
    """Find an invitation that can still be accepted. Raises InvitationError."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(token_hash=_hash(token))
        .first()
    )
    if invitation is None or not _usable(invitation):
        raise InvitationError(
            _("This invitation has been used, was withdrawn or has expired.")
        )
    return invitation


def _usable(invitation: Invitation) -> bool:
    """Ask again what was true when it was sent: term, organisation, inviter's rights."""
    inviter = invitation.invited_by
    return (
        invitation.is_open
        and may_come_in(inviter)
        and invitation.role in invitable_roles(inviter, invitation.organisation)
    )


@transaction.atomic
def accept_invitation(
    *, token: str, user: User | None = None, name: str = "", password: str = ""
) -> User:
    """Accept once. Without `user` the account of the invited address is created.

    Raises InvitationError when the token is not usable or `user` has another address.
    """
    locked = Invitation.objects.select_for_update().filter(token_hash=_hash(token))
    list(locked)
    invitation = find_invitation(token)
    existing = User.objects.filter(email=invitation.email).first()
    if (user and user.email != invitation.email) or (existing and user != existing):
        raise InvitationError(_("Sign in with the address that was invited."))
    user = user or create_person(
        email=invitation.email, name=name, password=password, by=invitation.invited_by
    )
    if not user.is_active:
        raise InvitationError(_("Sign in with the address that was invited."))
    save_membership(
        user=user,
        organisation=invitation.organisation,
        by=invitation.invited_by,
        role=invitation.role,
        sponsor=None if invitation.organisation.is_host else invitation.invited_by,
        ends_on=invitation.membership_ends_on,
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    record(
        "invitation.accept",
        by=user,
        organisation=invitation.organisation_id,
        target=invitation.public_id,
    )
    return user


@transaction.atomic
def send_again(*, invitation: Invitation, by: User) -> tuple[Invitation, str]:
    """Replace an invitation by a fresh one: the old link stops working.

    Returns what `invite` returns and raises what it raises.
    """
    withdraw_invitation(invitation=invitation, by=by)
    return invite(
        email=invitation.email,
        organisation=invitation.organisation,
        by=by,
        role=invitation.role,
        membership_ends_on=invitation.membership_ends_on,
    )


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """Take an invitation back before it is accepted."""
    updated = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=timezone.now())
    if updated:
        record(
            "invitation.withdraw",
            by=by,
            organisation=invitation.organisation_id,
            target=invitation.public_id,
        )
