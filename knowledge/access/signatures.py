"""Who did something, as far as a reader may know: one rule for pages, files and trash."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Organisation, User
from accounts.selectors import Person
from knowledge.access.rule import standing
from knowledge.access.selectors import known_ids


@dataclass(frozen=True)
class Signature:
    """Who did something and for whom, as far as the reader may know them."""

    person: User | None = None
    organisation: Organisation | None = None


def sign(
    user: Person,
    *,
    person: User | None,
    organisation: Organisation | None,
    owner_id: int,
    known: Iterable[int] | None = None,
) -> Signature:
    """Name who did something, unless the reader may not know of that organisation.

    Members of the owner always know who wrote in their pages, also when the partner's
    access has ended since. For many signatures give `known_ids`, asked once.
    """
    own = standing(user)
    ids = own.principals.organisation_ids
    open_to_me = own.superuser or owner_id in ids or (person and person.pk == user.pk)
    if open_to_me:
        return Signature(person, organisation)
    if organisation is None:
        return Signature()
    may_know = known_ids(user) if known is None else known
    return (
        Signature(person, organisation) if organisation.pk in may_know else Signature()
    )
