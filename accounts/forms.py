"""Forms about people. What a service refuses, a form shows at its field."""

import datetime
from typing import Any, ClassVar, cast

from allauth.account.forms import ResetPasswordForm, UserTokenForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Membership, Organisation, Team, User
from accounts.passwords import KnownWordsValidator
from accounts.selectors import free_members_of
from accounts.tasks import send_password_reset


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class EndMixin(forms.Form):
    """A last day, which only guests must have."""

    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput(),
        help_text=_("Access ends after this day."),
    )

    def demand_end(self, organisation: Organisation) -> None:
        """Ask for the day where the organisation is a partner."""
        self.fields["ends_on"].required = not organisation.is_host

    def clean_ends_on(self) -> datetime.date | None:
        """Refuse a day that has passed."""
        day: datetime.date | None = self.cleaned_data["ends_on"]
        if day is not None and day < timezone.localdate():
            raise ValidationError(
                _("This day has passed. Choose today or a later one.")
            )
        return day


class AcceptForm(forms.Form):
    """A new person's name and password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As colleagues know you."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; several words are easy to remember."),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        self.invitation = invitation
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Hold the password against what is known of its owner."""
        data: dict[str, Any] = super().clean() or {}
        if password := data.get("password"):
            person = User(email=self.invitation.email, name=data.get("name", ""))
            try:
                validate_password(password, person)
                # A membership is still to come, so the validators do not know it.
                names = [self.invitation.organisation.name]
                KnownWordsValidator().check(password, names)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class ProfileForm(forms.ModelForm[User]):
    """One's own name and language."""

    language = forms.ChoiceField(label=_("Language"), required=False)

    class Meta:
        model = User
        fields: ClassVar[tuple[str, ...]] = ("name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = [("", _("As my browser asks")), *settings.LANGUAGES]


class MembershipForm(EndMixin):
    """Role and last day of a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)
    field_order = ("role", "ends_on")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        kwargs["initial"] = {"role": membership.role, "ends_on": membership.ends_on}
        super().__init__(*args, **kwargs)
        self.demand_end(membership.organisation)


class InviteForm(EndMixin):
    """Whom to invite, as what, until when."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The link in the mail works once, for seven days."),
    )
    role = forms.ChoiceField(label=_("Role"))
    field_order = ("email", "role", "ends_on")

    def __init__(
        self,
        *args: Any,
        organisation: Organisation,
        roles: tuple[Membership.Role, ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        role = cast(forms.ChoiceField, self.fields["role"])
        role.choices = [(choice.value, choice.label) for choice in roles]
        self.demand_end(organisation)


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(label=_("Name of the new team"), max_length=120)


class TeamMemberForm(forms.Form):
    """A member of the organisation who is not in the team yet."""

    person = forms.ModelChoiceField(
        label=_("Add to the team"),
        queryset=User.objects.none(),
        to_field_name="public_id",
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = cast("forms.ModelChoiceField[User]", self.fields["person"])
        person.queryset = free_members_of(team)


class OrganisationForm(forms.Form):
    """A new partner and its badge."""

    name = forms.CharField(label=_("Name"), max_length=120)
    initials = forms.CharField(
        label=_("Initials on the badge"),
        max_length=2,
        required=False,
        help_text=_("Two letters no other organisation has. Empty: from the name."),
    )


class ResetForm(ResetPasswordForm):
    """Asking for a new password: the same work for every address, known or not."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:  # noqa: ARG002
        """Let the worker send the mail, which it does for accounts only."""
        user = next(iter(self.users), None)
        send_password_reset.defer(
            person=user.public_id if user else "", language=get_language()
        )
        return str(self.cleaned_data["email"])


class TokenForm(UserTokenForm):
    """The link to a new password: names the person by the public id, not by the key.

    The key counts the people of all organisations, and a mail is read outside.
    """

    def _get_user(self, uidb36: str | None) -> User | None:
        return User.objects.filter(public_id=uidb36 or "").first()
