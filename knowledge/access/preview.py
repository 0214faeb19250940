"""What a set of changes will do, in people, pages and files, before anything happens."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from accounts.selectors import Person
from knowledge.access.changes import Change, ChangeSet, StoredGrant, stored_grants
from knowledge.access.levels import Level
from knowledge.access.models import PageAccess, PolicyRoot
from knowledge.access.reasons import day
from knowledge.access.rule import standing
from knowledge.access.selectors import known_organisations
from knowledge.access.signals import files_counted
from knowledge.access.subjects import Subject, organisation_of, people_through


@dataclass(frozen=True)
class Content:
    """How much hangs on a root. `files` is None where no app counts files."""

    pages: int
    files: int | None


@dataclass(frozen=True)
class Line:
    """One change in words. `people` is None where the number says nothing."""

    is_added: bool
    text: str
    subject: Subject | None = None
    organisation: Organisation | None = None
    people: int | None = None
    crosses: bool = False

    @property
    def is_organisation(self) -> bool:
        """Say whether the subject is shown as a tile."""
        return isinstance(self.subject, Organisation)


@dataclass(frozen=True)
class Difference:
    """All lines, and who begins and ceases to see the root by all of them together."""

    lines: tuple[Line, ...]
    gained: int
    lost: int
    content: Content
    # Whether organisations may see it that the reader of this does not know of.
    beyond: bool = False

    @property
    def crosses(self) -> int:
        """Count the changes that cross a company boundary."""
        return sum(line.crosses for line in self.lines)


def pages_of(root: PolicyRoot) -> QuerySet[PageAccess]:
    """List what hangs on a root, for who manages it."""
    return PageAccess.objects.filter(root=root)


def count_content(pages: QuerySet[PageAccess]) -> Content:
    """Count pages, and files if some app above answers."""
    asked = files_counted.send(PolicyRoot, pages=pages)
    answers = [int(count or 0) for _receiver, count in asked]
    return Content(pages.count(), sum(answers) if answers else None)


def readers(root: PolicyRoot, subjects: Collection[Subject], reach: str) -> set[int]:
    """Tell who may view a root on which `subjects` have something in force, as ids."""
    named: set[int] = set().union(*people_through(subjects).values())
    if root.owner.status != Organisation.Status.ACTIVE:
        return set()
    if root.parent is not None:
        return named & current_readers(root.parent)
    members = Membership.objects.in_force().order_by()
    if reach == PolicyRoot.Reach.RESTRICTED:
        roles = (Membership.Role.ADMIN, Membership.Role.MANAGER)
        members = members.filter(organisation=root.owner, role__in=roles)
    elif reach == PolicyRoot.Reach.ORGANISATION:
        members = members.filter(organisation=root.owner)
    return named | set(members.values_list("user_id", flat=True))


def current_readers(root: PolicyRoot) -> set[int]:
    """Tell who may view a root today, as ids."""
    grants = [given.subject for given in stored_grants(root) if given.in_force]
    return readers(root, grants, root.reach)


def count_known(user: Person, people: Collection[int]) -> int:
    """Count people, for a guest those of organisations that the guest may know of.

    How many there are in the whole network is not for guests.
    """
    if standing(user).knows_all:
        return len(people)
    members = Membership.objects.in_force().filter(
        user_id__in=people, organisation__in=known_organisations(user)
    )
    return members.order_by().values("user_id").distinct().count()


def difference(
    root: PolicyRoot,
    stored: Collection[StoredGrant],
    pending: ChangeSet,
    content: Content,
    *,
    user: Person,
) -> Difference:
    """Compare a root as it is with what it will be, for who decides on it."""
    if not pending:
        return Difference(lines=(), gained=0, lost=0, content=content)
    before = {given.key: given for given in stored if given.in_force}
    after = {key: given.subject for key, given in before.items()}
    for change in pending.changes:
        after[change.key] = change.subject
        if change.level is None:
            after.pop(change.key, None)
    people = people_through(change.subject for change in pending.changes)
    lines = [
        _line(root, before.get(change.key), change, len(people[change.key]))
        for change in pending.changes
    ]
    if pending.reach is not None:
        lines.insert(0, _reach_line(root, pending.reach))
    if root._state.adding and root.parent is not None:
        seen_before = current_readers(root.parent)
    else:
        seen_before = readers(root, [g.subject for g in before.values()], root.reach)
    seen_after = readers(root, list(after.values()), pending.reach or root.reach)
    return Difference(
        lines=tuple(lines),
        gained=count_known(user, seen_after - seen_before),
        lost=count_known(user, seen_before - seen_after),
        content=content,
        beyond=pending.reach == PolicyRoot.Reach.NETWORK
        and not standing(user).knows_all,
    )


def _line(
    root: PolicyRoot, given: StoredGrant | None, change: Change, people: int
) -> Line:
    organisation = organisation_of(change.subject, root.owner)
    is_added, text = _words(given, change)
    return Line(
        is_added=is_added,
        text=text,
        subject=change.subject,
        organisation=organisation,
        people=people if given is None or change.level is None else None,
        crosses=organisation != root.owner,
    )


def _words(given: StoredGrant | None, change: Change) -> tuple[bool, str]:
    """Say what a change does, and whether it adds or cuts."""
    if change.level is None:
        return False, _("will have no grant here any more")
    if given is None:
        return True, _until(_can(change.level), change)
    if change.level > given.level:
        words = {"now": _can(change.level), "was": given.level.label}
        return True, _until(_("%(now)s (was %(was)s)") % words, change)
    if change.level < given.level:
        words = {"less": _can(change.level), "was": given.level.label}
        return False, _until(_("only %(less)s (was %(was)s)") % words, change)
    longer = change.ends_on is None or (
        given.ends_on is not None and change.ends_on > given.ends_on
    )
    return longer, _until(_can(change.level), change)


def _can(level: Level) -> str:
    return {
        Level.VIEW: _("can view"),
        Level.COMMENT: _("can view and comment"),
        Level.EDIT: _("can view, comment and edit"),
        Level.MANAGE: _("can edit, and decide who sees this"),
    }[level]


def _until(text: str, change: Change) -> str:
    if change.ends_on is None:
        return text
    words = {"text": text, "day": day(change.ends_on)}
    return _("%(text)s until %(day)s") % words


def _reach_line(root: PolicyRoot, reach: str) -> Line:
    order = [PolicyRoot.Reach.RESTRICTED, PolicyRoot.Reach.ORGANISATION]
    order.append(PolicyRoot.Reach.NETWORK)
    now, was = PolicyRoot.Reach(reach), PolicyRoot.Reach(root.reach)
    words = {"now": now.label, "was": was.label}
    return Line(
        is_added=order.index(now) > order.index(was),
        text=_("Reach: %(now)s (was: %(was)s)") % words,
        crosses=PolicyRoot.Reach.NETWORK in {now, was},
    )
