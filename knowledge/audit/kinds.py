"""The acts of the log by what they are about: for the filter, and for who may read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.acts import ACTS

# The key in the address, the words, and how the names of the acts begin.
KINDS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "access": (_("Access"), ("grant.", "reach.", "restriction.")),
    "people": (
        _("People and teams"),
        ("organisation.", "membership.", "team.", "invitation."),
    ),
    "pages": (_("Projects and pages"), ("project.", "page.")),
    "files": (_("Files"), ("file.",)),
    "search": (pgettext_lazy("audit", "Search"), ("synonym.", "promotion.")),
    "sign-in": (_("Accounts and sign-in"), ("person.", "session.")),
    "oversight": (_("Operators and exports"), ("operator.", "log.", "search.")),
}


def acts_of(kind: str) -> tuple[str, ...]:
    """List the acts of a kind."""
    _words, beginnings = KINDS[kind]
    return _acts(*beginnings)


def _acts(*beginnings: str) -> tuple[str, ...]:
    return tuple(act for act in ACTS if act.startswith(beginnings))


# How colleagues sign in is for admins; managers have no use for it.
PERSONAL = acts_of("sign-in")
GRANTS = _acts("grant.")
MOVES = ("page.move",)
# `target` is the key of a page, or the public id of a file on one.
PAGE_ACTS = (
    *acts_of("access"),
    *acts_of("pages"),
    *_acts("promotion."),
    "operator.view",
)
FILE_ACTS = (
    *(act for act in acts_of("files") if act != "file.purge"),
    "operator.view_file",
)
# About people, words and the log itself: nothing that the rule of pages decides. An act
# that stands in none of these lists is shown to nobody.
OTHER_ACTS = (
    *acts_of("people"),
    *PERSONAL,
    *_acts("synonym."),
    "file.purge",
    "log.export",
    "search.export",
)
# `target` is the public id of a person.
PERSON_ACTS = (*PERSONAL, *_acts("membership."))
