"""What to show of the log."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import DayInput
from accounts.models import Membership, Organisation, User
from knowledge.audit.kinds import KINDS
from knowledge.audit.selectors import Wanted


class LogForm(forms.Form):
    """Kind of act, person and period; everything may stay open."""

    kind = forms.ChoiceField(label=pgettext_lazy("audit", "What"), required=False)
    person = forms.ModelChoiceField(
        label=pgettext_lazy("audit", "Who"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("Everybody"),
    )
    since = forms.DateField(label=_("First day"), required=False, widget=DayInput())
    until = forms.DateField(label=_("Last day"), required=False, widget=DayInput())

    def __init__(
        self, *args: Any, organisation: Organisation, is_admin: bool, **kwargs: Any
    ) -> None:
        kwargs["auto_id"] = "log_%s"
        super().__init__(*args, **kwargs)
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [("", _("Everything"))] + [
            (key, words)
            for key, (words, _beginnings) in KINDS.items()
            if is_admin or key != "sign-in"
        ]
        person = cast("forms.ModelChoiceField[User]", self.fields["person"])
        # Only members of today: whoever else acted is not always named.
        members = Membership.objects.in_force().filter(organisation=organisation)
        person.queryset = User.objects.filter(pk__in=members.values("user_id"))

    def wanted(self) -> Wanted:
        """Give what was asked for; what cannot be read asks for nothing less."""
        data = self.cleaned_data if self.is_valid() else {}
        return Wanted(
            kind=data.get("kind", ""),
            person=data.get("person"),
            since=data.get("since"),
            until=data.get("until"),
        )
