"""People by their names, among those that somebody may name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import Membership, Organisation, User
from accounts.selectors import Person
from knowledge.access.subjects import nameable_people
from search.query import Query


@dataclass(frozen=True)
class FoundPerson:
    """One person, and the organisations of theirs that the reader may know of."""

    person: User
    organisations: tuple[Organisation, ...]

    @property
    def question(self) -> str:
        """Give the question for what this person changed last."""
        return f'author:"{self.person.name}"'


def count_people(user: Person, query: Query) -> int:
    """Count the people whose names have all the words. No words find nobody."""
    return _named(user, query).count()


def list_people(
    user: Person,
    query: Query,
    *,
    known: Mapping[int, Organisation],
    page: int,
    size: int,
) -> list[FoundPerson]:
    """List one page of them by name, with their organisations as far as `known`."""
    in_force = Membership.objects.in_force().filter(organisation_id__in=list(known))
    people = _named(user, query).prefetch_related(
        Prefetch("memberships", in_force.order_by("pk"), to_attr="shown")
    )
    start = (page - 1) * size
    return [
        FoundPerson(person, tuple(known[one.organisation_id] for one in _shown(person)))
        for person in people.order_by("name", "public_id")[start : start + size]
    ]


def _shown(person: User) -> Iterable[Membership]:
    shown: list[Membership] = person.shown  # type: ignore[attr-defined]
    return shown


def _named(user: Person, query: Query) -> QuerySet[User]:
    terms = [term.text for group in query.required for term in group[:1]]
    parts = [part for text in (*query.words, *terms) for part in text.split()]
    if not parts or query.filters:
        return User.objects.none()
    called = Q()
    for part in parts:
        called &= Q(name__icontains=part)
    for term in query.excluded:
        called &= ~Q(name__icontains=term.text)
    return nameable_people(user).filter(called)
