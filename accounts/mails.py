"""The mails to people. Written and sent by the worker, never within a request."""

import datetime

from allauth.account.forms import default_token_generator
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Invitation, User
from accounts.rights import can_be_accepted
from accounts.tokens import hash_token, invitation_token

INVITATION_VALID_FOR = datetime.timedelta(days=7)


def mail_invitation(*, public_id: str) -> bool:
    """Send an invitation, if it can still be accepted. Returns whether it was sent."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(public_id=public_id)
        .first()
    )
    if invitation is None or not can_be_accepted(invitation):
        return False
    token = invitation_token(invitation.public_id)
    # Another SECRET_KEY since it was made: only the link that is sent shall work.
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=hash_token(token))
    known = User.objects.filter(email=invitation.email).first()
    with translation.override(_language(known)):
        subject = _("Invitation to %(organisation)s on Deelplein") % {
            "organisation": invitation.organisation.name
        }
        context = {
            "invitation": invitation,
            "url": f"{settings.BASE_URL}/invitation/{token}/",
            "days": INVITATION_VALID_FOR.days,
        }
        body = render_to_string("accounts/mail/invitation.txt", context)
    send_mail(subject, body, None, [invitation.email])
    return True


def mail_password_reset(*, person: str, language: str) -> bool:
    """Send a link for a new password. Returns whether it was sent.

    `person` is the public id, or nothing for an address without account. `language` is
    that of the page on which the link was asked for.
    """
    user = User.objects.filter(public_id=person, is_active=True).first()
    if user is None:
        return False
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user.public_id, "key": key},
    )
    context = {"user": user, "password_reset_url": f"{settings.BASE_URL}{path}"}
    template = "account/email/password_reset_key"
    with translation.override(user.language or language):
        subject = render_to_string(f"{template}_subject.txt", context)
        body = render_to_string(f"{template}_message.txt", context)
    send_mail(subject.strip(), body, None, [user.email])
    return True


def _language(user: User | None) -> str:
    return (user.language if user else "") or settings.LANGUAGE_CODE
