"""To whom something can be given: organisations, teams and people, and who may name whom.

A subject travels through forms as a key: a letter for its kind and its public id.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, Team, TeamMembership, User
from accounts.selectors import Person
from knowledge.access.levels import Level
from knowledge.access.models import UserGrant
from knowledge.access.rule import standing
from knowledge.access.selectors import known_organisations

Subject = Organisation | Team | User
S = TypeVar("S", bound=Subject)

KINDS: Mapping[type[Subject], str] = {Organisation: "o", Team: "t", User: "p"}
SHOWN_MATCHES = 5


def key_of(subject: Subject) -> str:
    """Give the key by which forms name a subject."""
    # Not type(): the person of a request is a lazy object.
    return f"{KINDS[subject.__class__]}-{subject.public_id}"


def organisation_of(subject: Subject, owner: Organisation) -> Organisation | None:
    """Give the organisation a grant to `subject` concerns: for end date and audit.

    A person acts for the owner while a member of it, else for the first organisation
    by name; None for somebody without any today.
    """
    if isinstance(subject, Organisation):
        return subject
    if isinstance(subject, Team):
        return subject.organisation
    organisations = [
        membership.organisation
        for membership in subject.memberships.all()
        if membership.is_open
    ]
    if owner in organisations:
        return owner
    return min(organisations, key=lambda found: (found.name, found.pk), default=None)


def nameable_organisations(user: Person) -> QuerySet[Organisation]:
    """List the organisations a person may give something to.

    Employees of the host may begin with any active one, others with those they know.
    """
    if standing(user).principals.is_employee:
        return Organisation.objects.filter(status=Organisation.Status.ACTIVE)
    return known_organisations(user)


def nameable_teams(user: Person) -> QuerySet[Team]:
    """List the teams a person may name: employees all, guests those of their own."""
    own = standing(user)
    teams = Team.objects.select_related("organisation").filter(
        organisation__status=Organisation.Status.ACTIVE
    )
    if own.knows_all:
        return teams
    return teams.filter(organisation_id__in=own.principals.organisation_ids)


def nameable_people(user: Person) -> QuerySet[User]:
    """List the people a person may name: employees everybody, guests their colleagues.

    Guests also know who was named in person in what they manage.
    """
    own = standing(user)
    in_force = Membership.objects.in_force()
    everybody = User.objects.filter(pk__in=in_force.order_by().values("user_id"))
    if own.knows_all:
        return everybody
    organisations = own.principals.organisation_ids
    colleagues = in_force.filter(organisation_id__in=organisations).order_by()
    managed = [pk for pk, level in own.levels.items() if level == Level.MANAGE]
    named = UserGrant.objects.in_force().filter(content_object_id__in=managed)
    return everybody.filter(
        Q(pk__in=colleagues.values("user_id"))
        | Q(pk__in=named.order_by().values("user_id"))
    )


def get_subjects(user: Person, keys: Collection[str]) -> dict[str, Subject]:
    """Fetch by key the subjects a person may name. Others are left out silently."""
    found: dict[str, Subject] = {}
    for kind, queryset in _nameable(user):
        wanted = [key[2:] for key in keys if key.startswith(f"{KINDS[kind]}-")]
        if wanted:
            rows: QuerySet[Subject] = queryset.filter(public_id__in=wanted)
            found |= {key_of(subject): subject for subject in rows}
    return found


def _nameable(user: Person) -> Iterable[tuple[type[Subject], QuerySet]]:  # type: ignore[type-arg]
    yield Organisation, nameable_organisations(user)
    yield Team, nameable_teams(user)
    yield User, nameable_people(user).prefetch_related("memberships__organisation")


def find_person(user: Person, text: str) -> User:
    """Find one person by name or e-mail address among those `user` may name.

    Raises ValidationError alike for somebody hidden and somebody who does not exist.
    """
    people = nameable_people(user).prefetch_related("memberships__organisation")
    found = _matches(people, text, _fields(text, "email", "name"))
    return _the_one(user, found, text)


def find_subject(user: Person, text: str) -> Subject:
    """Find one organisation, team or person by name among those `user` may name.

    Exact names go before parts of names, organisations before people before teams: a
    partner gives its teams any name, and none of them is taken for a colleague.
    Raises ValidationError alike for a hidden name and one that does not exist.
    """
    searches: tuple[tuple[QuerySet, tuple[str, ...]], ...] = (  # type: ignore[type-arg]
        (nameable_organisations(user), _fields(text, "name")),
        (
            nameable_people(user).prefetch_related("memberships__organisation"),
            _fields(text, "email", "name"),
        ),
        (nameable_teams(user), _fields(text, "name")),
    )
    partial: list[Subject] = []
    for queryset, fields in searches:
        found: list[Subject] = _matches(queryset, text, fields)
        if found and _is_exact(found[0], text):
            return _the_one(user, found, text)
        partial += found
    return _the_one(user, partial, text)


def _fields(text: str, *fields: str) -> tuple[str, ...]:
    """Choose where to look. An address is nobody's name, whatever a name looks like."""
    by_address = "@" in text
    return tuple(name for name in fields if (name == "email") == by_address)


def _matches(queryset: QuerySet[S], text: str, fields: tuple[str, ...]) -> list[S]:
    """List what has this very name or address; failing that, what has it in its name."""
    text = text.strip()
    if not text or not fields:
        return []
    exact = Q()
    for name in fields:
        exact |= Q(**{f"{name}__iexact": text})
    if "name" not in fields:
        return list(queryset.filter(exact))
    part = Q(name__icontains=text)
    return list(queryset.filter(exact)) or list(
        queryset.filter(part)[: SHOWN_MATCHES + 1]
    )


def _is_exact(subject: Subject, text: str) -> bool:
    names = {subject.name.lower(), getattr(subject, "email", "")}
    return text.strip().lower() in names


def _the_one(user: Person, found: list[S], text: str) -> S:
    """Give the only one. Addresses tell namesakes apart, for who may read them."""
    if len(found) == 1:
        return found[0]
    if not found:
        message = _(
            "You know nobody called “%(text)s”. Check the name, or ask an admin."
        )
        raise ValidationError(message % {"text": text})
    shown = "email" if standing(user).knows_all else "name"
    names = ", ".join(
        getattr(subject, shown, subject.name) for subject in found[:SHOWN_MATCHES]
    )
    message = _("Several match “%(text)s”: %(names)s. Give the full name or address.")
    raise ValidationError(message % {"text": text, "names": names})


def people_through(subjects: Iterable[Subject]) -> dict[str, frozenset[int]]:
    """Tell by key who acts today through each subject, as ids, in three queries."""
    subjects = list(subjects)
    in_force = Membership.objects.in_force().order_by()
    acting = in_force.filter(
        user=OuterRef("user"), organisation=OuterRef("team__organisation")
    )
    in_teams = TeamMembership.objects.filter(Exists(acting)).order_by()
    people: dict[tuple[str, int], set[int]] = {}
    for kind, rows, column in (
        (Organisation, in_force, "organisation_id"),
        (Team, in_teams, "team_id"),
        (User, in_force, "user_id"),
    ):
        ids = [subject.pk for subject in subjects if isinstance(subject, kind)]
        found = rows.filter(**{f"{column}__in": ids}).values_list(column, "user_id")
        for pk, user_id in found if ids else ():
            people.setdefault((KINDS[kind], pk), set()).add(user_id)
    return {
        key_of(subject): frozenset(
            people.get((KINDS[subject.__class__], subject.pk), ())
        )
        for subject in subjects
    }
