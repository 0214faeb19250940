"""What the events of one part of the log name, fetched at once, as far as the reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from wagtail.models import Page

from accounts.models import (
    AuditEvent,
    Invitation,
    Membership,
    Organisation,
    Team,
    User,
)
from knowledge.access.levels import Level
from knowledge.access.rule import ACTIONS, standing, visible_to
from knowledge.audit.selectors import Reader
from knowledge.files.models import Attachment
from knowledge.pages.selectors import trash_of

# Where details hold the key of a page; never shown, only looked up.
PAGE_KEYS = ("now", "was")


@dataclass(frozen=True)
class ShownPage:
    """A page that the reader may know of. Without address it can only be named."""

    title: str
    live: bool
    address: str = ""
    level: int = 0


@dataclass
class Names:
    """Pages, files, people and the rest by the keys that events hold."""

    reader: Reader
    pages: dict[int, ShownPage] = field(default_factory=dict)
    files: dict[str, Attachment] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    belongs: dict[int, set[int]] = field(default_factory=dict)

    def manages(self, page_id: int | None) -> bool:
        """Say whether the reader may see who is named on the root of a page."""
        own = standing(self.reader.user)
        shown = self.pages.get(page_id or 0)
        return page_id in own.managed or bool(shown and shown.level >= Level.MANAGE)

    def edits(self, page_id: int | None) -> bool:
        """Say whether the reader may see what was deleted or renamed on a page."""
        shown = self.pages.get(page_id or 0)
        return bool(shown and shown.level >= ACTIONS["drafts"])

    def belongs_to(self, user: User, organisation_id: int | None) -> bool:
        """Say whether a person belongs to an organisation today."""
        return organisation_id in self.belongs.get(user.pk, set())


def collect(reader: Reader, events: Iterable[AuditEvent]) -> Names:
    """Fetch all that these events name, in constant queries."""
    events = list(events)
    names = Names(reader)
    _add_pages(names, _page_ids(events))
    ids = {text for event in events for text in _public_ids(event)}
    files = Attachment.objects.filter(public_id__in=ids, deleted_at=None)
    visible = visible_to(reader.user, files, through="page__")
    names.files = {file.public_id: file for file in visible}
    named = {"public_id__in": ids}
    names.people = {one.public_id: one for one in User.objects.filter(**named)}
    names.teams = {one.public_id: one for one in Team.objects.filter(**named)}
    names.organisations = {
        one.public_id: one for one in Organisation.objects.filter(**named)
    }
    invitations = Invitation.objects.filter(**named)
    names.addresses = dict(invitations.values_list("public_id", "email"))
    _add_memberships(names, events)
    return names


def _page_ids(events: list[AuditEvent]) -> set[int]:
    found = {getattr(event, "page_ref", None) for event in events}
    found |= {event.details.get(key) for event in events for key in PAGE_KEYS}
    return {value for value in found if isinstance(value, int)}


def _public_ids(event: AuditEvent) -> Iterable[str]:
    """Give the public ids in an event; keys of subjects begin with their kind."""
    details = event.details
    named = [str(key)[2:] for key in details.get("named", ())]
    own = (event.target, details.get("subject"), details.get("person"))
    return [text for text in (*own, *named) if isinstance(text, str) and text]


def _add_pages(names: Names, ids: set[int]) -> None:
    """Name pages: those one views, restricted ones one manages, those in the trash."""
    user = names.reader.user
    own = standing(user)
    fields = ("pk", "title", "live", "slug", "access__root_id")
    pages = Page.objects.filter(pk__in=ids)
    above = pages.filter(pk__in=own.managed & ids, access__isnull=False)
    for pk, title, live, _slug, _root in above.values_list(*fields):
        names.pages[pk] = ShownPage(title, live)
    for entry in trash_of(user).filter(page_id__in=ids):
        level = own.levels.get(entry.root_id, 0)
        names.pages[entry.page_id] = ShownPage(entry.page.title, live=True, level=level)
    for pk, title, live, slug, root in visible_to(user, pages).values_list(*fields):
        names.pages[pk] = ShownPage(title, live, slug, own.levels.get(root, 0))


def _add_memberships(names: Names, events: list[AuditEvent]) -> None:
    people = {event.actor_id for event in events if event.actor_id}
    memberships = Membership.objects.in_force().filter(user_id__in=people)
    for user_id, organisation_id in memberships.order_by().values_list(
        "user_id", "organisation_id"
    ):
        names.belongs.setdefault(user_id, set()).add(organisation_id)
