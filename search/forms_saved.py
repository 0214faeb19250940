"""What to call a saved search, and how often to be told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from search.models import SavedSearch


class SavedForm(forms.Form):
    """Name and mails of a saved search."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    alert = forms.ChoiceField(
        label=_("Tell me what is new"),
        choices=SavedSearch.Alert.choices,
        initial=SavedSearch.Alert.NONE,
        help_text=_("A mail holds only what you may see when it is sent."),
    )
