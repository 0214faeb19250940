"""Why a person may do something: every way in, in words, for people who may read them."""

import datetime
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from accounts.selectors import Person
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.rule import Standing, grants_of, standing


@dataclass(frozen=True)
class Reason:
    """One way in, or what narrows it. `level` is None for a door that is closed."""

    level: Level | None
    text: str
    ends_on: datetime.date | None = None


def day(date: datetime.date) -> str:
    """Write a date out, as in "1 May 2027"."""
    return date_format(date, "j F Y")


def explain(
    user: Person, root: PolicyRoot, *, reader: Person | None = None
) -> list[Reason]:
    """List why a person has the level that the rule gives on a root, highest first.

    On a restricted page the ways into the project come first, then what the
    restriction says. For the person, or for the `reader` who manages the root.
    """
    own, reader = standing(user), reader or user
    if own.superuser:
        text = _("Operators see everything; each view is recorded.")
        return [Reason(Level.MANAGE, text)]
    if root.owner.status != Organisation.Status.ACTIVE or not own.principals.roles:
        return [Reason(None, _("The person or the owner is not active here."))]
    if root.parent is not None:
        above = explain(user, root.parent, reader=reader)
        return [*above, _entry(own, root, reader)]
    reasons = [*_by_reach(own, root), *_by_role(own, root)]
    reasons += _by_grant(own, root, reader)
    reasons.sort(key=lambda reason: -(reason.level or 0))
    return reasons or [Reason(None, _("Nothing here is shared with this person."))]


def _by_reach(own: Standing, root: PolicyRoot) -> list[Reason]:
    reach = PolicyRoot.Reach
    if root.reach == reach.NETWORK:
        return [Reason(Level.VIEW, _("Reach: open to the whole network"))]
    if root.reach == reach.ORGANISATION and root.owner_id in own.principals.roles:
        text = _("Reach: open inside %(owner)s") % {"owner": root.owner.name}
        return [Reason(Level.VIEW, text)]
    return []


def _by_role(own: Standing, root: PolicyRoot) -> list[Reason]:
    role = own.principals.roles.get(root.owner_id)
    words = {"owner": root.owner.name}
    if role == Membership.Role.ADMIN:
        return [Reason(Level.MANAGE, _("Admin of the owner, %(owner)s") % words)]
    if role == Membership.Role.MANAGER:
        return [Reason(Level.VIEW, _("Manager at the owner, %(owner)s") % words)]
    return []


def _by_grant(own: Standing, root: PolicyRoot, reader: Person) -> list[Reason]:
    """Put the grants in force that reach the person on this very root into words."""
    to_groups, to_person = grants_of(own.principals)
    found = to_groups.with_giver().filter(content_object=root)
    found = found.select_related("group__organisation", "group__team__organisation")
    mine = to_person.with_giver().filter(content_object=root)
    ways = [(grant, _through(grant)) for grant in found]
    ways += [(grant, _("Own grant")) for grant in mine]
    names_all = knows_givers(reader, root)
    return [_grant_reason(grant, way, names_all=names_all) for grant, way in ways]


def knows_givers(user: Person, root: PolicyRoot) -> bool:
    """Say whether the person knows who gives in the owner's pages, whoever it is.

    Others know those who belong to the owner today.
    """
    own = standing(user)
    return own.superuser or root.owner_id in own.principals.organisation_ids


def _through(grant: GroupGrant) -> str:
    team = getattr(grant.group, "team", None)
    if team is None:
        name = grant.group.organisation.name
        return _("Through the grant to %(organisation)s") % {"organisation": name}
    words = {"team": team.name, "organisation": team.organisation.name}
    return _("Through team %(team)s of %(organisation)s") % words


def _grant_reason(
    grant: GroupGrant | UserGrant, through: str, *, names_all: bool
) -> Reason:
    text = through
    named = names_all or getattr(grant, "giver_is_ours")  # noqa: B009
    if grant.giver is not None and named:
        words = {"through": through, "giver": grant.giver}
        text = _("%(through)s, given by %(giver)s") % words
    if grant.ends_on:
        text = _("%(text)s, until %(day)s") % {"text": text, "day": day(grant.ends_on)}
    return Reason(Level(getattr(grant, "level")), text, grant.ends_on)  # noqa: B009


def _entry(own: Standing, root: PolicyRoot, reader: Person) -> Reason:
    """Say what a restriction leaves of the level above it."""
    found = _by_grant(own, root, reader)
    entries = sorted(found, key=lambda reason: -(reason.level or 0))
    # The title of a page that was never published is for its editors.
    words = {"title": root.page.title if root.page.live else _("Unpublished page")}
    if not entries:
        return Reason(None, _("Not named in the restriction of “%(title)s”") % words)
    words["entry"] = entries[0].text
    text = _("Named in the restriction of “%(title)s”: %(entry)s") % words
    return Reason(entries[0].level, text, entries[0].ends_on)
