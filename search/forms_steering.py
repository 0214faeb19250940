"""Forms of synonyms and promoted results. What a service refuses stands at its field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from accounts.models import User
from search.models import Promotion, Synonym
from search.showing import address_of
from search.steering import forms_in, pages_called, words_in


class SynonymForm(forms.Form):
    """Words that mean the same."""

    prefix = "synonym"
    words = forms.CharField(
        label=_("Words that mean the same"),
        max_length=700,
        help_text=_(
            "Two or more, with commas between them: battery, accu, power pack."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, synonym: Synonym | None = None, **kwargs: Any
    ) -> None:
        if synonym:
            kwargs["initial"] = {"words": ", ".join(synonym.words)}
        super().__init__(*args, **kwargs)

    def clean_words(self) -> list[str]:
        """Take the words apart."""
        return forms_in(self.cleaned_data["words"])


class PromotionForm(forms.Form):
    """A page, and the words in a question for which it is shown first."""

    # Two forms on one page.
    prefix = "promotion"
    words = forms.CharField(
        label=_("Words in the question"),
        max_length=500,
        help_text=_("All of them must be in the question, written like this."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    page = forms.CharField(
        label=_("Page"),
        max_length=500,
        help_text=_("The title or the address of a page that you may read."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("Stands below the title, for everybody who is shown the page."),
    )

    def __init__(
        self,
        *args: Any,
        reader: User,
        promotion: Promotion | None = None,
        **kwargs: Any,
    ) -> None:
        self.reader = reader
        if promotion:
            kwargs["initial"] = {
                "words": " ".join(promotion.words),
                "page": address_of(promotion.page),
                "note": promotion.note,
            }
        super().__init__(*args, **kwargs)

    def clean_words(self) -> list[str]:
        """Take the words apart."""
        return words_in(self.cleaned_data["words"])

    def clean_page(self) -> Page:
        """Find the page among those that the person may view."""
        found = pages_called(self.reader, self.cleaned_data["page"])
        if not found:
            raise ValidationError(
                _("You see no published page with this title or address.")
            )
        if len(found) > 1:
            raise ValidationError(_("Several pages have this title: give the address."))
        return found[0]
