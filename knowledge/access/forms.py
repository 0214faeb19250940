"""Forms of the sharing panel. Each row of the list is a form of its own."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from knowledge.access.changes import Change, StoredGrant
from knowledge.access.levels import Level
from knowledge.access.models import PolicyRoot
from knowledge.access.services import check_entry
from knowledge.access.subjects import Subject, find_subject, key_of, organisation_of

# What a new grant to another organisation is offered as its end.
DEFAULT_DAYS = 182


def _day_field(**kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, required=False, **kwargs)


def _level_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=gettext_lazy("Level"), choices=Level.choices, coerce=int
    )


class RowForm(forms.Form):
    """What one subject has, as asked for. `was` is what it had when shown, or empty."""

    level = _level_field()
    ends_on = _day_field(label=gettext_lazy("Last day"))
    remove = forms.BooleanField(label=gettext_lazy("End"), required=False)
    reason = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    was = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *,
        root: PolicyRoot,
        subject: Subject,
        stored: StoredGrant | None = None,
        pending: Change | None = None,
        data: QueryDict | None = None,
    ) -> None:
        self.root, self.subject = root, subject
        key = key_of(subject)
        shown = pending if pending and pending.level is not None else stored
        initial = {
            "level": shown.level.value if shown and shown.level else None,
            "ends_on": shown.ends_on if shown else None,
            "remove": pending is not None and pending.level is None,
            "reason": shown.reason if shown else "",
            "was": _state(root, stored.level, stored.ends_on) if stored else "",
        }
        posted = data if data is not None and f"{key}-level" in data else None
        super().__init__(posted, prefix=key, initial=initial, auto_id=f"id_{key}_%s")
        words = {"subject": subject}
        self.fields["level"].widget.attrs.update(
            {"aria-label": _("Level of %(subject)s") % words, "class": "input input-s"}
        )
        self.fields["ends_on"].widget.attrs.update(
            {
                "aria-label": _("Last day of %(subject)s") % words,
                "class": "input input-s",
            }
        )
        label = _("End what %(subject)s has") % words
        self.fields["remove"].widget.attrs["aria-label"] = label
        if root.kind == PolicyRoot.Kind.RESTRICTION:
            # An entry ends with the grant on the project.
            del self.fields["ends_on"]

    def clean(self) -> dict[str, Any]:
        """Refuse what Save would refuse, so that the preview never promises it."""
        cleaned = super().clean() or {}
        change = self.change()
        if change is None or change.level is None or self.errors:
            return cleaned
        if self.root.parent is not None:
            check_entry(self.root.parent, self.subject, change.level)
        else:
            self._check_end(change.ends_on)
        return cleaned

    def _check_end(self, ends_on: datetime.date | None) -> None:
        foreign = organisation_of(self.subject, self.root.owner) != self.root.owner
        if foreign and ends_on is None:
            raise ValidationError(
                _("A grant to another organisation needs an end date.")
            )
        if ends_on and ends_on < timezone.localdate():
            raise ValidationError(_("The end date lies in the past."))

    def change(self) -> Change | None:
        """Give what is asked for, or None when it is what was shown."""
        cleaned = self.cleaned_data
        level, ends_on = cleaned.get("level"), cleaned.get("ends_on")
        was = cleaned.get("was", "")
        if cleaned.get("remove"):
            return Change(self.subject, None) if was else None
        if level is None or _state(self.root, level, ends_on) == was:
            return None
        return Change(self.subject, Level(level), ends_on, cleaned.get("reason", ""))


def _state(root: PolicyRoot, level: int, ends_on: datetime.date | None) -> str:
    """Write down what a row says. In a restriction the end is not the row's to say."""
    ends = ends_on if root.kind == PolicyRoot.Kind.PROJECT else None
    return f"{level} {ends or ''}".strip()


class AddForm(forms.Form):
    """Name somebody new: an organisation, a team or a person."""

    who = forms.CharField(label=gettext_lazy("Who"), max_length=200)
    level = _level_field()
    ends_on = _day_field(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Another organisation always gets an end date."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, required=False
    )

    def __init__(
        self, *, user: Any, root: PolicyRoot, data: QueryDict | None = None
    ) -> None:
        self.user, self.root = user, root
        later = timezone.localdate() + datetime.timedelta(days=DEFAULT_DAYS)
        initial = {"level": Level.VIEW.value, "ends_on": later}
        super().__init__(data, prefix="add", initial=initial)
        self.fields["who"].widget.attrs.update({"list": "names", "autocomplete": "off"})
        self.fields["who"].required = False
        self.subject: Subject | None = None
        if root.kind == PolicyRoot.Kind.RESTRICTION:
            del self.fields["ends_on"], self.fields["reason"]

    def clean_who(self) -> str:
        """Find who is meant among those the person may know of."""
        text = str(self.cleaned_data["who"]).strip()
        if text:
            self.subject = find_subject(self.user, text)
        return text

    def clean(self) -> dict[str, Any]:
        """Leave out the end for the owner's own; refuse what Save would refuse."""
        cleaned = super().clean() or {}
        level, ends_on = cleaned.get("level"), cleaned.get("ends_on")
        if self.subject is None or level is None or self.errors:
            return cleaned
        if self.root.parent is not None:
            check_entry(self.root.parent, self.subject, level)
        elif self.is_foreign and ends_on is None:
            text = _("A grant to another organisation needs an end date.")
            self.add_error("ends_on", text)
        if ends_on and ends_on < timezone.localdate():
            self.add_error("ends_on", _("The end date lies in the past."))
        return cleaned

    @property
    def is_foreign(self) -> bool:
        """Say whether the one who is meant belongs to another organisation."""
        owner = self.root.owner
        subject = self.subject
        return subject is not None and organisation_of(subject, owner) != owner

    def change(self) -> Change | None:
        """Give the new entry, or None when nobody was named."""
        if self.subject is None:
            return None
        cleaned = self.cleaned_data
        ends_on = cleaned.get("ends_on")
        level = Level(cleaned["level"])
        return Change(self.subject, level, ends_on, cleaned.get("reason", ""))


class ReachForm(forms.Form):
    """Who sees a project without a grant."""

    reach = forms.ChoiceField(label=gettext_lazy("Reach"), widget=forms.RadioSelect)
    reach_was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *,
        owner: Organisation,
        initial: str,
        was: str,
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(data, initial={"reach": initial, "reach_was": was})
        reach, words = PolicyRoot.Reach, {"owner": owner}
        choices = [
            (reach.RESTRICTED, _("Only who is named below, and admins and managers")),
            (reach.ORGANISATION, _("Everyone at %(owner)s may view") % words),
            (reach.NETWORK, _("Everyone in the network may view, partners too")),
        ]
        field = self.fields["reach"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = choices

    def change(self) -> str | None:
        """Give the reach asked for, or None when it is what was shown."""
        reach = str(self.cleaned_data["reach"])
        return reach if reach != self.cleaned_data.get("reach_was") else None


class PersonForm(forms.Form):
    """Ask for one person's level, by name or e-mail address."""

    person = forms.CharField(label=gettext_lazy("Person"), max_length=200)
