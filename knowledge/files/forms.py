"""Forms of files."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from knowledge.files.names import MAX_NAME_CHARS

MAX_AT_ONCE = 20


class SeveralFiles(forms.ClearableFileInput):
    """A control for one file or several."""

    allow_multiple_selected = True


class UploadField(forms.FileField):
    """One file or several; `clean` gives a list. What each is, the service checks."""

    widget = SeveralFiles

    def clean(self, data: Any, _initial: Any = None) -> list[Any]:
        """Demand at least one file and not too many."""
        uploads = [upload for upload in data or () if upload is not None]
        if not uploads:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(uploads) > MAX_AT_ONCE:
            raise ValidationError(_("Choose fewer files at once."))
        return uploads


class UploadForm(forms.Form):
    """New files for a page."""

    file = UploadField(label=_("Add files"))


class ReplaceForm(forms.Form):
    """Other bytes for a file."""

    file = forms.FileField(label=_("New version"), allow_empty_file=True)


class RenameForm(forms.Form):
    """Another name for a file."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME_CHARS)
