"""How django-allauth behaves here: accounts come from invitations only."""
# ruff: noqa: ARG002 - the arguments are those of django-allauth

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.rights import may_come_in
from accounts.tasks import send_notice


class AccountAdapter(DefaultAccountAdapter):
    """No self-service sign-up; who may not come in learns nothing by trying."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: an account starts with an invitation."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Go on to addresses of this site only, written without a host."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check the password, then whether the person belongs anywhere today.

        Who is suspended or has no membership in force gets the answer to a wrong
        password, after the same work, and it counts as a failed attempt.
        """
        user = cast(User | None, super().authenticate(request, **credentials))
        if user is None or may_come_in(user):
            return user
        self.pre_authenticate(request, **credentials)
        if user.is_active:
            # Of a suspended person Django has told already.
            email = credentials.get("email", "")
            user_login_failed.send(
                sender=__name__, credentials={"email": email}, request=request
            )
        return None

    def respond_user_inactive(
        self, request: HttpRequest, user: AbstractBaseUser
    ) -> HttpResponse:
        """Start over when somebody is suspended between password and code."""
        return redirect("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go to one's own page; it asks to sign in with the new password."""
        return reverse("profile")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what was changed about their sign-in, at their one address."""
        address = email or cast(User, user).email
        super().send_notification_mail(template_prefix, user, context, address)

    def send_mail(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        """Let the worker send it: the answer does not wait for a mail server."""
        words = {"request": allauth_context.request, "email": email} | context
        mail = self.render_mail(template_prefix, email, words)
        send_notice.defer(to=email, subject=str(mail.subject), body=str(mail.body))
