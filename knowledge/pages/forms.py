"""Forms of pages. Each keeps what was typed, whatever is wrong with it."""

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.public_ids import LONG_ID, new_public_id
from accounts.selectors import principals_of
from accounts.validators import no_tricks
from knowledge.access.models import PolicyRoot
from knowledge.markup import MAX_SOURCE_CHARS, open_places
from knowledge.pages.models import ContentPage, ProjectPage
from knowledge.pages.services import Text
from knowledge.pages.tags import read_tags

MAX_TITLE = 200
ONE_DAY = datetime.timedelta(days=1)


class MarkdownField(forms.CharField):
    """Markdown as typed: spaces count, and a browser's line ends do not."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_SOURCE_CHARS, strip=False, **kwargs)
        # A limit in the browser would cut off pasted text without a word.
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> str:
        """Give the text with plain line ends."""
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class TextForm(forms.Form):
    """Title, text and language of a page, with a note on the change."""

    title = forms.CharField(
        label=_("Title"), max_length=MAX_TITLE, validators=[no_tricks]
    )
    summary = forms.CharField(label=_("Summary"), max_length=200, required=False)
    body = MarkdownField(label=_("Text"), required=False)
    language = forms.ChoiceField(
        label=_("Language of the text"), choices=settings.CONTENT_LANGUAGES
    )
    note = forms.CharField(
        label=_("Change note"),
        max_length=200,
        required=False,
        help_text=_("What changed and why, for who reads the history."),
    )

    def __init__(self, *args: Any, is_project: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A limit in the browser would cut off pasted text without a word.
        self.fields["title"].widget.attrs.pop("maxlength", None)
        if not is_project:
            del self.fields["summary"]

    def clean_body(self) -> str:
        """Refuse to publish what a conflict left open; as a draft it may be kept."""
        body: str = self.cleaned_data["body"]
        places = open_places(body)
        if places and self.data.get("action") == "publish":
            raise forms.ValidationError(
                ngettext(
                    "In %(n)d place both versions still stand, between <<<<<<< and "
                    ">>>>>>>. Choose there, then publish.",
                    "In %(n)d places both versions still stand, between <<<<<<< and "
                    ">>>>>>>. Choose there, then publish.",
                    places,
                )
                % {"n": places}
            )
        return body

    @property
    def text(self) -> Text:
        """Give what the services take, of a form that is valid."""
        data = self.cleaned_data
        return Text(
            data["title"], data["body"], data["language"], data.get("summary", "")
        )


class NewForm(TextForm):
    """A text that begins: the writer can type the title at once.

    `once` is the id of the page to be, signed for its author: sent twice, one page.
    """

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signer = TimestampSigner(salt=f"new page {user.public_id}")
        self.fields["once"].initial = self._signer.sign(new_public_id())
        # What came back with an error is read first.
        if not self.is_bound:
            self.fields["title"].widget.attrs["autofocus"] = True

    @property
    def public_id(self) -> str:
        """Give the id that was drawn for this form; nothing when it is not ours."""
        try:
            return self._signer.unsign(self.cleaned_data["once"], max_age=ONE_DAY)
        except BadSignature:
            return ""


class EditForm(TextForm):
    """A text with the public id of the version its author began with."""

    base = forms.RegexField(LONG_ID, widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, draft: ContentPage, base_id: str) -> "EditForm":
        """Begin with the latest text of a page."""
        is_project = isinstance(draft, ProjectPage)
        initial = {
            "title": draft.title,
            "body": draft.body,
            "language": draft.language,
            "summary": getattr(draft, "summary", ""),
            "base": base_id,
        }
        return cls(initial=initial, is_project=is_project)

    @property
    def base_id(self) -> str:
        """Give the version the author began with; nothing when it cannot be read."""
        base: str = self.cleaned_data.get("base", "")
        return base

    def is_complete(self) -> bool:
        """Validate all but the base: a base that is wrong is a conflict, no mistake."""
        return set(self.errors) <= {"base"}


class ProjectForm(forms.Form):
    """A new project: whose, what it is called, who may see it."""

    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=Organisation.objects.none(),
        to_field_name="public_id",
        empty_label=None,
    )
    title = forms.CharField(
        label=_("Title"), max_length=MAX_TITLE, validators=[no_tricks]
    )
    summary = forms.CharField(
        label=_("Summary"),
        max_length=200,
        required=False,
        help_text=_("One line, shown in lists."),
    )
    language = forms.ChoiceField(
        label=_("Language of the text"), choices=settings.CONTENT_LANGUAGES
    )
    reach = forms.ChoiceField(
        label=_("Who may read it"),
        choices=PolicyRoot.Reach,
        widget=forms.RadioSelect,
        initial=PolicyRoot.Reach.ORGANISATION,
        help_text=_("You can share it with partners as soon as it exists."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            ids = principals_of(user).organisation_ids
            # The host first, as in the frame of the page.
            owner.queryset = Organisation.objects.filter(pk__in=ids).order_by(
                "kind", "name"
            )

    @property
    def text(self) -> Text:
        """Give what the service takes, of a form that is valid."""
        data = self.cleaned_data
        return Text(
            title=data["title"], language=data["language"], summary=data["summary"]
        )


class TagsForm(forms.Form):
    """The tags of a page with commas between them, and what they were before."""

    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=1000,
        help_text=_("With commas between them: safety, battery room."),
        widget=forms.TextInput(attrs={"list": "tags-in-use", "autofocus": True}),
    )
    was = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    @classmethod
    def of(cls, page: ContentPage) -> "TagsForm":
        """Begin with the tags that a page has."""
        facts = getattr(page, "facts", None)
        written = ", ".join(facts.tags if facts else [])
        return cls(initial={"tags": written, "was": written})

    def clean_tags(self) -> list[str]:
        """Read them."""
        return read_tags(self.cleaned_data["tags"])

    def clean_was(self) -> list[str]:
        """Read what they were."""
        return read_tags(self.cleaned_data["was"])


class CompareForm(forms.Form):
    """The public ids of two versions of a page."""

    # `from` is a keyword of Python, so the names are given by add_prefix.
    old = forms.RegexField(LONG_ID)
    new = forms.RegexField(LONG_ID)

    def add_prefix(self, field_name: str) -> str:
        """Read `from` and `to` of the address."""
        return {"old": "from", "new": "to"}.get(field_name, field_name)


class FilterForm(forms.Form):
    """Words and organisation by which a list is narrowed."""

    q = forms.CharField(max_length=200, required=False)
    organisation = forms.CharField(max_length=8, required=False)

    def value(self, name: str) -> str:
        """Give what was asked, or nothing for what makes no sense."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))
