"""The reference model: who may see and do what, as plain sets and dictionaries.

Written from docs/permissions.md and from the rule in the design, not from the code: it
imports nothing of the project. `tests/oracle/test_model.py` compares the two.
People, organisations, teams and pages are names.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

VIEW, COMMENT, EDIT, MANAGE = 1, 2, 3, 4

# The table of docs/permissions.md, by the names of the acts.
NEEDS = {
    "view": VIEW,
    "comment": COMMENT,
    "drafts": EDIT,
    "edit": EDIT,
    "create": EDIT,
    "upload": EDIT,
    "move": EDIT,
    "delete": EDIT,
    "share": MANAGE,
    "restrict": MANAGE,
}

Day = datetime.date
Subject = tuple[str, str]  # ("organisation" | "team" | "person", name)


@dataclass
class Membership:
    """A person in an organisation: as what, until which day, and not suspended."""

    role: str = "member"
    ends_on: Day | None = None
    suspended: bool = False


@dataclass
class Person:
    """Somebody, with memberships by organisation and teams by name."""

    active: bool = True
    operator: bool = False
    memberships: dict[str, Membership] = field(default_factory=dict)
    teams: set[str] = field(default_factory=set)


@dataclass
class Grant:
    """A level until a day (inclusive); no day means no end."""

    level: int
    ends_on: Day | None = None


@dataclass
class Text:
    """One version of a page, by the words that only it has."""

    words: set[str]
    published: bool


@dataclass
class File:
    """A file, by the words of its name and its content."""

    words: set[str]
    deleted: bool = False


@dataclass
class Page:
    """An article or, with `owner`, a project. `restricted` pages name who has what.

    `grants` holds the grants of a project and the entries of a restriction.
    """

    parent: str = ""
    owner: str = ""
    reach: str = "organisation"
    restricted: bool = False
    live: bool = True
    trashed: bool = False
    title: str = ""
    address: str = ""
    tags: set[str] = field(default_factory=set)
    grants: dict[Subject, Grant] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)

    @property
    def decides(self) -> bool:
        """Say whether access is decided here."""
        return bool(self.owner) or self.restricted


class Reference:
    """A whole installation on one day."""

    def __init__(self, today: Day) -> None:
        self.today = today
        self.active: dict[str, bool] = {}
        self.people: dict[str, Person] = {}
        self.teams: dict[str, str] = {}
        self.pages: dict[str, Page] = {}

    # --- Who one is today -------------------------------------------------------------

    def roles(self, name: str) -> dict[str, str]:
        """Give role by organisation: of active people, active companies, open terms."""
        person = self.people[name]
        return {
            organisation: membership.role
            for organisation, membership in person.memberships.items()
            if person.active
            and self.active[organisation]
            and not membership.suspended
            and self._holds(membership.ends_on)
        }

    def subjects(self, name: str) -> set[Subject]:
        """Give all through which something can be given to a person today."""
        roles = self.roles(name)
        if not roles:
            return set()
        teams = {t for t in self.people[name].teams if self.teams[t] in roles}
        found = {("organisation", organisation) for organisation in roles}
        return found | {("team", team) for team in teams} | {("person", name)}

    def comes_in(self, name: str) -> bool:
        """Say whether any door is open to a person."""
        person = self.people[name]
        return person.active and (person.operator or bool(self.roles(name)))

    def _holds(self, ends_on: Day | None) -> bool:
        return ends_on is None or self.today <= ends_on

    # --- The tree ---------------------------------------------------------------------

    def above(self, page: str) -> Iterator[str]:
        """Go up from a page, itself first."""
        while page:
            yield page
            page = self.pages[page].parent

    def below(self, page: str) -> set[str]:
        """Give a page and everything below it."""
        return {other for other in self.pages if page in self.above(other)}

    def root(self, page: str) -> str:
        """Find where access to a page is decided."""
        return next(name for name in self.above(page) if self.pages[name].decides)

    def project(self, page: str) -> str:
        """Find the project a page belongs to."""
        return next(name for name in self.above(page) if self.pages[name].owner)

    def owner(self, page: str) -> str:
        """Give the organisation that owns a page."""
        return self.pages[self.project(page)].owner

    def in_trash(self, page: str) -> bool:
        """Say whether a page, or one above it, was deleted.

        A project stands for itself: nobody deletes one that holds another.
        """
        return any(self.pages[name].trashed for name in self.above(page))

    # --- The rule -----------------------------------------------------------------------

    def level_on(self, name: str, root: str) -> int:
        """Give a person's level where access is decided; 0 is nothing."""
        if self.people[name].operator and self.people[name].active:
            return MANAGE
        page = self.pages[root]
        if not self.active[self.owner(root)] or not self.roles(name):
            return 0
        given = self._given(name, root)
        if page.restricted:
            return min(self.level_on(name, self.root(page.parent)), given)
        role = self.roles(name).get(page.owner, "")
        by_role = {"admin": MANAGE, "manager": VIEW}.get(role, 0)
        open_to = page.reach == "network" or (page.reach == "organisation" and role)
        return max(by_role, VIEW if open_to else 0, given)

    def _given(self, name: str, root: str) -> int:
        """Give the highest of the grants in force, or of the entries in a restriction.

        Without an end only for who belongs to the owner.
        """
        grants, subjects = self.pages[root].grants, self.subjects(name)
        inside = self.owner(root) in self.roles(name)
        levels = [
            grant.level
            for subject, grant in grants.items()
            if subject in subjects
            and self._holds(grant.ends_on)
            and (grant.ends_on or inside)
        ]
        return max(levels, default=0)

    def level(self, name: str, page: str) -> int:
        """Give a person's level on a page; what lies in the trash exists for nobody."""
        return 0 if self.in_trash(page) else self.level_on(name, self.root(page))

    def may(self, name: str, action: str, page: str) -> bool:
        """Say whether a person may do something on a page."""
        level = self.level(name, page)
        exists = VIEW if self.pages[page].live else NEEDS["drafts"]
        return level >= max(exists, NEEDS[action])

    def visible(self, name: str) -> set[str]:
        """Give the pages that exist for a person."""
        return {page for page in self.pages if self.may(name, "view", page)}

    def knows_of(self, name: str) -> set[str]:
        """Give the restricted pages whose existence, not text, a person may know.

        Who manages what a restriction narrows knows its title and who is named.
        """
        return {
            name_of
            for name_of, page in self.pages.items()
            if page.restricted
            and not self.in_trash(name_of)
            and self.level_on(name, self.root(page.parent)) == MANAGE
        }

    def trash(self, name: str) -> set[str]:
        """Give the deleted pages that a person may bring back."""
        return {
            top
            for top, page in self.pages.items()
            if page.trashed
            and self.level_on(name, self.root(top))
            >= NEEDS["share" if page.owner else "delete"]
        }

    # --- What moves and deletions need ----------------------------------------------------

    def changes_sight(self, page: str, target: str) -> bool:
        """Say whether a move gives a page other readers."""
        own = self.pages[page]
        before = self.root(own.parent) if own.restricted else self.root(page)
        return before != self.root(target)

    def may_move(self, name: str, page: str, target: str) -> bool:
        """Say whether a person may move a page below another."""
        action = "share" if self.changes_sight(page, target) else "move"
        both = self.may(name, action, page) and self.may(name, action, target)
        return both and target not in self.below(page)

    def may_trash(self, name: str, page: str) -> bool:
        """Say whether a person may delete a page."""
        return self.may(name, "share" if self.pages[page].owner else "delete", page)

    def put_in_trash(self, top: str) -> None:
        """Delete a page and all below it; projects inside a project move up before."""
        self.pages[top].trashed = True
        for page in self.pages.values():
            if page.owner and page.parent == top:
                page.parent = self.pages[top].parent

    def may_restore(self, name: str, top: str) -> bool:
        """Say whether a person may bring a page back: not before what is above it."""
        page = self.pages[top]
        stands = bool(page.owner) or not self.in_trash(page.parent)
        return top in self.trash(name) and stands

    def may_share(self, name: str, root: str) -> bool:
        """Say whether a person changes who sees a root: a restriction, from above."""
        if self.pages[root].restricted:
            return root in self.knows_of(name)
        return self.may(name, "share", root)

    # --- What may be read -------------------------------------------------------------------

    def words_on(self, name: str, page: str) -> set[str]:
        """Give the words of a page, its history and its files that a person may read."""
        if not self.may(name, "view", page):
            return set()
        own, drafts = self.pages[page], self.may(name, "drafts", page)
        texts = [t.words for t in own.texts if t.published or drafts]
        files = [f.words for f in own.files.values() if not f.deleted or drafts]
        return set().union(own.tags, *texts, *files)

    def readable(self, name: str) -> set[str]:
        """Give all words of all pages that a person may read anywhere."""
        found: set[str] = set()
        for page in self.pages:
            found |= self.words_on(name, page)
        known = [self.pages[n] for n in self.knows_of(name) | self.trash(name)]
        return found.union(*({page.title, page.address} for page in known))
