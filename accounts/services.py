"""Writes about people and organisations. Each acts in the name of somebody."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record, record_person
from accounts.models import (
    Invitation,
    Membership,
    Organisation,
    Team,
    TeamMembership,
    User,
)
from accounts.public_ids import new_public_id
from accounts.validators import clean_email


def _free_slot() -> tuple[int, int]:
    """Pick colour and pattern for a new organisation; once given they never change."""
    taken = set(Organisation.objects.values_list("colour", "pattern"))
    pairs = [((n + shift) % 8 + 1, n + 1) for shift in range(8) for n in range(8)]
    return next((pair for pair in pairs if pair not in taken), pairs[0])


def _free_initials(name: str) -> str:
    """Derive initials that no other organisation has."""
    words = [word for word in name.split() if word[0].isalnum()] or ["X"]
    letters = [c for c in name if c.isalnum()] or ["X"]
    wanted = [words[0][0] + words[-1][0]] if len(words) > 1 else []
    wanted += [letters[0] + c for c in letters[1:]]
    wanted += [letters[0] + c for c in "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    wanted += [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "0123456789"]
    taken = {i.upper() for i in Organisation.objects.values_list("initials", flat=True)}
    return next(w.upper() for w in wanted if w.upper() not in taken)


def preview_organisation(
    *, name: str, kind: str = Organisation.Kind.PARTNER, initials: str = ""
) -> Organisation:
    """Give an organisation as it would be founded now, with its badge, unsaved.

    Raises ValidationError when name or initials are taken or there is a host already.
    """
    colour, pattern = _free_slot()
    organisation = Organisation(
        name=name.strip(),
        kind=kind,
        initials=(initials or _free_initials(name)).upper(),
        colour=colour,
        pattern=pattern,
    )
    organisation.full_clean(exclude=["group"])
    return organisation


@transaction.atomic
def create_organisation(
    *,
    name: str,
    by: User | None,
    kind: str = Organisation.Kind.PARTNER,
    initials: str = "",
) -> Organisation:
    """Found an organisation with its badge and its `auth.Group`.

    Raises ValidationError when name or initials are taken or there is a host already.
    """
    organisation = preview_organisation(name=name, kind=kind, initials=initials)
    organisation.group = Group.objects.create(
        name=f"organisation {organisation.public_id}"
    )
    organisation.save()
    record(
        "organisation.create",
        by=by,
        organisation=organisation,
        target=organisation.public_id,
    )
    return organisation


@transaction.atomic
def set_organisation_status(
    *, organisation: Organisation, status: str, by: User | None
) -> Organisation:
    """Suspend or reactivate an organisation. Holds at everybody's next request.

    Ends the sessions of who belongs nowhere else, so that none wakes up again later.
    """
    organisation.status = status
    organisation.full_clean()
    organisation.save(update_fields=["status"])
    if status == Organisation.Status.SUSPENDED:
        _end_sessions(User.objects.filter(memberships__organisation=organisation))
    record(
        "organisation.status",
        by=by,
        organisation=organisation,
        target=organisation.public_id,
        status=status,
    )
    return organisation


def _end_sessions(people: QuerySet[User]) -> None:
    """End the sessions of those who belong nowhere any more: none wakes up later."""
    elsewhere = Membership.objects.in_force().values("user_id")
    for person in people.exclude(pk__in=elsewhere):
        person.session_salt = new_public_id()
        person.save(update_fields=["session_salt"])


@transaction.atomic
def create_person(
    *,
    email: str,
    name: str,
    by: User | None,
    password: str | None = None,
    language: str = "",
    organisation: Organisation | None = None,
) -> User:
    """Create an account, for `organisation` if the person is to belong to one.

    Raises ValidationError when the address is in use.
    """
    user = User(email=clean_email(email), name=name.strip(), language=language)
    user.set_password(password)
    user.full_clean()
    user.save()
    record("person.create", by=by, organisation=organisation, target=user.public_id)
    return user


@transaction.atomic
def save_profile(*, user: User, name: str, language: str, by: User) -> User:
    """Change name and language. Raises ValidationError for an unknown language."""
    if language and language not in dict(settings.LANGUAGES):
        raise ValidationError({"language": _("This language is not offered.")})
    user.name, user.language = name.strip(), language
    user.full_clean()
    user.save(update_fields=["name", "language"])
    record_person("person.change", by=by, person=user)
    return user


@transaction.atomic
def set_person_active(*, user: User, active: bool, by: User | None) -> User:
    """Suspend or reactivate a person. Holds at the person's next request.

    Ends all sessions, so that none wakes up again later.
    """
    user.is_active = active
    user.session_salt = new_public_id()
    user.save(update_fields=["is_active", "session_salt"])
    record_person("person.active", by=by, person=user, active=active)
    return user


@transaction.atomic
def save_membership(
    *,
    user: User,
    organisation: Organisation,
    by: User | None,
    role: str = Membership.Role.MEMBER,
    sponsor: User | None = None,
    ends_on: datetime.date | None = None,
) -> Membership:
    """Give or change a membership. A guest needs a sponsor and an end.

    Raises ValidationError when one is missing.
    """
    if not organisation.is_host and (sponsor is None or ends_on is None):
        raise ValidationError(_("A guest needs a sponsor and an end date."))
    known = Membership.objects.filter(user=user, organisation=organisation).first()
    if known is not None and known.has_ended:
        _leave_teams(known, by)
    withdraw_invitations(email=user.email, organisation=organisation, by=by)
    membership, created = Membership.objects.update_or_create(
        user=user,
        organisation=organisation,
        defaults={"role": role, "sponsor": sponsor, "ends_on": ends_on},
    )
    record(
        "membership.create" if created else "membership.change",
        by=by,
        organisation=organisation,
        target=user.public_id,
        role=role,
        ends_on=ends_on.isoformat() if ends_on else None,
    )
    return membership


@transaction.atomic
def withdraw_invitations(*, by: User | None, **which: object) -> None:
    """Take back the open ones among the invitations with these values of fields.

    By address and organisation: no older word counts any more.
    """
    found = Invitation.objects.select_for_update().filter(
        accepted_at=None, withdrawn_at=None, **which
    )
    for invitation in found:
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
        record(
            "invitation.withdraw",
            by=by,
            organisation=invitation.organisation_id,
            target=invitation.public_id,
        )


def _leave_teams(membership: Membership, by: User | None) -> None:
    """Take a person's seats in teams away: a new term does not bring them back."""
    seats = TeamMembership.objects.filter(
        user_id=membership.user_id, team__organisation_id=membership.organisation_id
    )
    for seat in seats.select_related("team"):
        remove_from_team(team=seat.team, user=membership.user, by=by)


@transaction.atomic
def set_membership_suspended(
    *, membership: Membership, suspended: bool, by: User | None
) -> Membership:
    """Close or open again the door of one organisation for a person, at once.

    Role, term and teams stay for later. What the person has elsewhere stays as it is.
    """
    membership.is_suspended = suspended
    membership.save(update_fields=["is_suspended"])
    if suspended:
        _end_sessions(User.objects.filter(pk=membership.user_id))
    record(
        "membership.suspend",
        by=by,
        organisation=membership.organisation_id,
        target=membership.user.public_id,
        active=not suspended,
    )
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User | None) -> None:
    """Take a person out of an organisation and its teams, at once."""
    _leave_teams(membership, by)
    withdraw_invitations(
        email=membership.user.email, organisation=membership.organisation, by=by
    )
    record(
        "membership.end",
        by=by,
        organisation=membership.organisation_id,
        target=membership.user.public_id,
    )
    membership.delete()


@dataclass(frozen=True)
class Ended:
    """What an ended membership was, so that ending it can be undone."""

    person: str
    role: str
    sponsor: str
    ends_on: str
    teams: tuple[str, ...]
    is_suspended: bool = False


def describe_membership(membership: Membership) -> Ended:
    """Write down role, term and teams by their public ids, before the end."""
    teams = Team.objects.filter(
        team_memberships__user=membership.user_id, organisation=membership.organisation
    )
    return Ended(
        person=membership.user.public_id,
        role=membership.role,
        sponsor=membership.sponsor.public_id if membership.sponsor else "",
        ends_on=membership.ends_on.isoformat() if membership.ends_on else "",
        teams=tuple(teams.values_list("public_id", flat=True)),
        is_suspended=membership.is_suspended,
    )


@transaction.atomic
def restore_membership(
    *, organisation: Organisation, ended: Ended, by: User
) -> Membership:
    """Undo the end of a membership: role, term and teams are as before.

    Raises ValidationError when the sponsor of a guest is gone.
    """
    user = User.objects.get(public_id=ended.person)
    membership = save_membership(
        user=user,
        organisation=organisation,
        by=by,
        role=ended.role,
        sponsor=User.objects.filter(public_id=ended.sponsor).first(),
        ends_on=datetime.date.fromisoformat(ended.ends_on) if ended.ends_on else None,
    )
    if Membership.objects.in_force().filter(pk=membership.pk).exists():
        for team in organisation.teams.filter(public_id__in=ended.teams):
            add_to_team(team=team, user=user, by=by)
    if ended.is_suspended:
        set_membership_suspended(membership=membership, suspended=True, by=by)
    return membership


@transaction.atomic
def create_team(*, organisation: Organisation, name: str, by: User | None) -> Team:
    """Create an empty team. Raises ValidationError when the name is taken."""
    team = Team(organisation=organisation, name=name.strip())
    team.full_clean(exclude=["group"])
    team.group = Group.objects.create(name=f"team {team.public_id}")
    team.save()
    record("team.create", by=by, organisation=organisation, target=team.public_id)
    return team


@transaction.atomic
def add_to_team(*, team: Team, user: User, by: User | None) -> TeamMembership:
    """Put a member of the organisation into one of its teams.

    Raises ValidationError for somebody of another organisation.
    """
    in_force = Membership.objects.in_force()
    if not in_force.filter(user=user, organisation=team.organisation).exists():
        raise ValidationError(
            _("Only members of the organisation can be in its teams.")
        )
    entry, created = TeamMembership.objects.get_or_create(team=team, user=user)
    if created:
        _record_seat("team.add", team, user, by)
    return entry


@transaction.atomic
def remove_from_team(*, team: Team, user: User, by: User | None) -> None:
    """Take a person out of a team."""
    count, _by_model = TeamMembership.objects.filter(team=team, user=user).delete()
    if count:
        _record_seat("team.remove", team, user, by)


def _record_seat(action: str, team: Team, user: User, by: User | None) -> None:
    record(
        action,
        by=by,
        organisation=team.organisation_id,
        target=team.public_id,
        person=user.public_id,
    )
