"""What a value typed by people may not hold."""

import re

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Line breaks and direction marks forge lines in mails and lists.
TRICKS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
no_tricks = RegexValidator(
    TRICKS.pattern,
    _("A name holds no line breaks and no invisible characters."),
    inverse_match=True,
)


def one_line(text: str) -> str:
    """Give a text without line breaks and marks that turn it round: of what is imported."""
    return " ".join(TRICKS.sub(" ", text).split())


def clean_email(email: str) -> str:
    """Bring an address into the one form in which it is stored and compared."""
    return email.strip().lower()
