"""What a password may not be, beyond what Django knows."""

from collections.abc import Iterable
from string import digits, punctuation
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User

PRODUCT = "deelplein"
# A shorter word is in too many others.
MIN_WORD = 4
# Fewer are a pattern: abababababab.
MIN_DIFFERENT = 5


class MaximumLengthValidator:
    """Refuse what nobody types: it only costs work."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        """Raise ValidationError for more than `max_length` characters."""
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """Say the limit."""
        words = _("The password has at most %(number)d characters.")
        return words % {"number": self.max_length}


class KnownWordsValidator:
    """Refuse what is mainly the name of the site or of the person's organisations."""

    def __init__(self, min_rest: int = 8) -> None:
        self.min_rest = min_rest

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when too little is left without those names."""
        self.check(password, names_of_organisations(user))

    def check(self, password: str, names: Iterable[str]) -> None:
        """Hold a password against these names and that of the site."""
        words = {PRODUCT} | {w for name in names for w in name.casefold().split()}
        rest = password.casefold()
        for word in sorted(words, key=len, reverse=True):
            if len(word) >= MIN_WORD:
                rest = rest.replace(word, "")
        if len(rest) < min(self.min_rest, len(password)):
            raise ValidationError(self.get_help_text(), code="password_known_words")

    def get_help_text(self) -> str:
        """Say what is not enough."""
        return _(
            "The password is more than the name of this site or of your organisation."
        )


class CommonCoreValidator(CommonPasswordValidator):
    """Refuse a common password with digits or signs around it, and one that repeats.

    The list has hardly any of twelve characters: people make theirs longer this way.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for what many others have."""
        super().validate(password, user)
        core = password.casefold().strip(digits + punctuation + " ")
        if core in self.passwords or len(set(password)) < MIN_DIFFERENT:
            raise ValidationError(self.get_error_message(), code="password_too_common")


def names_of_organisations(user: User | None) -> list[str]:
    """List the organisations that a person with an account belongs to."""
    if user is None or user.pk is None:
        return []
    return list(user.memberships.values_list("organisation__name", flat=True))
