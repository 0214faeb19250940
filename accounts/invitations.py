"""Invitations: a hashed, single-use, expiring token bound to one address."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.mails import INVITATION_VALID_FOR
from accounts.models import Invitation, Membership, Organisation, User
from accounts.public_ids import new_public_id
from accounts.rights import can_be_accepted
from accounts.services import create_person, save_membership, withdraw_invitations
from accounts.tasks import send_invitation
from accounts.tokens import hash_token, invitation_token
from accounts.validators import clean_email


class InvitationError(Exception):
    """The invitation cannot be used. The text says so without saying why."""


@transaction.atomic
def invite(
    *,
    email: str,
    organisation: Organisation,
    by: User,
    role: str = Membership.Role.MEMBER,
    membership_ends_on: datetime.date | None = None,
) -> tuple[Invitation, str]:
    """Invite an address into an organisation; the worker sends the mail.

    Returns the invitation and the token that the mail will carry. Raises
    ValidationError for a guest without end, a bad address or somebody who is a member
    already.
    """
    if not organisation.is_host and membership_ends_on is None:
        raise ValidationError({"membership_ends_on": _("A guest needs an end date.")})
    email = clean_email(email)
    if organisation.memberships.filter(user__email=email).exists():
        raise ValidationError({"email": _("This person is a member already.")})
    public_id = new_public_id()
    token = invitation_token(public_id)
    invitation = Invitation(
        public_id=public_id,
        email=email,
        organisation=organisation,
        role=role,
        membership_ends_on=membership_ends_on,
        token_hash=hash_token(token),
        invited_by=by,
        expires_at=timezone.now() + INVITATION_VALID_FOR,
    )
    invitation.full_clean()
    # The newest word counts: an older link with another role ends here.
    withdraw_invitations(email=email, organisation=organisation, by=by)
    invitation.save()
    record(
        "invitation.create",
        by=by,
        organisation=organisation,
        target=invitation.public_id,
        email=email,
        role=role,
    )
    send_invitation.defer(invitation=public_id)
    return invitation, token


def find_invitation(token: str) -> Invitation:
    """Find an invitation that can still be accepted. Raises InvitationError."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(token_hash=hash_token(token))
        .first()
    )
    if invitation is None or not can_be_accepted(invitation):
        raise InvitationError(
            _("This invitation has been used, was withdrawn or has expired.")
        )
    return invitation


@transaction.atomic
def accept_invitation(
    *, token: str, user: User | None = None, name: str = "", password: str = ""
) -> User:
    """Accept once. Without `user` the account of the invited address is created.

    Raises InvitationError when the token is not usable or `user` has another address.
    """
    locked = Invitation.objects.select_for_update().filter(token_hash=hash_token(token))
    list(locked)
    invitation = find_invitation(token)
    existing = User.objects.filter(email=invitation.email).first()
    if (user and user.email != invitation.email) or (existing and user != existing):
        raise InvitationError(_("Sign in with the address that was invited."))
    user = user or create_person(
        email=invitation.email,
        name=name,
        password=password,
        by=invitation.invited_by,
        organisation=invitation.organisation,
    )
    if not user.is_active:
        raise InvitationError(_("Sign in with the address that was invited."))
    if user.memberships.filter(organisation=invitation.organisation).exists():
        raise InvitationError(_("You belong to this organisation already."))
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    save_membership(
        user=user,
        organisation=invitation.organisation,
        by=invitation.invited_by,
        role=invitation.role,
        sponsor=None if invitation.organisation.is_host else invitation.invited_by,
        ends_on=invitation.membership_ends_on,
    )
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
    withdraw_invitations(pk=invitation.pk, by=by)
