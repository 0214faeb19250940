"""What people do in a world. What the document refuses must be refused, and no more.

Each act is done through the service of the product, in somebody's name, and in the
model. A person who may not do it must be refused by the service; who may must succeed,
but for what a form would refuse (`ValidationError`), which changes nothing.
"""

from typing import TypeVar

from knowledge.access.changes import Change, ChangeSet, stored_grants, version_of
from knowledge.access.levels import Level
from knowledge.access.models import Trash
from knowledge.access.services import apply_changes, lift_restriction, restrict_page
from knowledge.pages.models import ProjectPage
from knowledge.pages.selectors_history import version_id
from knowledge.pages.services import (
    Text,
    create_article,
    create_project,
    discard_draft,
    restore_revision,
    save_page,
)
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from knowledge.pages.tags import set_tags
from tests.oracle import model
from tests.oracle.filing import Filing
from tests.oracle.model import Grant, Subject
from tests.oracle.world import DAY, Version

T = TypeVar("T")
PERSON = "person"


class Town(Filing):
    """A world in which people write, share and file."""

    # --- Pages --------------------------------------------------------------------------

    def found_project(
        self, by: str, name: str, owner: str, reach: str, parent: str = ""
    ) -> None:
        """Found a project, perhaps in another one."""
        own, roles = self.model.people[by], self.model.roles(by)
        allowed = (own.operator and own.active) or owner in roles
        if parent:
            allowed = allowed and self.model.may(by, "share", parent)
        text = self._text(name, f"Project {self.word(name, 'title')}")
        page = self.attempt(
            allowed,
            lambda: create_project(
                owner=self.organisation(owner),
                text=text,
                by=self.person(by),
                reach=reach,
                parent=self.page(parent) if parent else None,
            ),
        )
        if page is None:
            return
        row = model.Page(parent=parent, owner=owner, reach=reach)
        if owner in roles:
            row.grants[PERSON, by] = Grant(model.MANAGE)
        self._remember(name, page.pk, row, text, "", published=True)

    def write(self, by: str, name: str, parent: str, *, live: bool) -> None:
        """Write an article below a page."""
        text = self._text(name, f"Page {self.word(name, 'title')}")
        note = self.word(name, "note")
        page = self.attempt(
            self.model.may(by, "create", parent),
            lambda: create_article(
                parent=self.page(parent),
                text=text,
                by=self.person(by),
                publish=live,
                note=note,
            ),
        )
        if page is not None:
            row = model.Page(parent=parent, live=live)
            self._remember(name, page.pk, row, text, note, published=live)

    def edit(
        self,
        by: str,
        name: str,
        *,
        publish: bool,
        retitle: bool,
        link: str = "",
        more: str = "",
    ) -> None:
        """Save a new text, perhaps with another title, a link to a page, more words."""
        title = self.versions[name][-1].title
        if retitle:
            title = f"{title.split()[0]} {self.word(name, 'title')}"
        text = self._text(name, title)
        if link:
            number = len(self.log)
            literal = self.literals.setdefault(number, self.versions[link][-1].title)
            text = Text(title, f"{text.body}\n\n[[{literal}]]", summary=text.summary)
        if more:
            text = Text(title, f"{text.body}\n\n{more}")
        note = self.word(name, "note")
        page = self.page(name)
        done = self.attempt(
            self.model.may(by, "edit", name),
            lambda: save_page(
                page=page,
                text=text,
                base_revision_id=page.latest_revision_id,
                by=self.person(by),
                publish=publish,
                note=note,
            ),
        )
        if done is not None:
            self._add_version(name, text, note, published=publish)

    def tag(self, by: str, name: str) -> None:
        """Give a page one more tag."""
        tag = self.word(name, "tag")
        page, person = self.page(name), self.person(by)
        done = self.attempt(
            self.model.may(by, "edit", name),
            lambda: set_tags(page=page, tags=[tag], was=[], by=person),
        )
        if done is not None:
            self.model.pages[name].tags.add(tag)

    def discard(self, by: str, name: str) -> None:
        """Go back to the published text."""
        page, row = self.page(name), self.model.pages[name]
        has_draft = row.live and not row.texts[-1].published
        before = page.latest_revision_id
        self.attempt(
            self.model.may(by, "edit", name),
            lambda: (discard_draft(page=page, by=self.person(by)), True),
        )
        if has_draft and self.page(name).latest_revision_id != before:
            last = max(n for n, text in enumerate(row.texts) if text.published)
            # Nothing new for readers: what is published was so before.
            self._again(name, last, published=False)

    def restore_version(self, by: str, name: str, number: int) -> None:
        """Publish an earlier version again."""
        page = self.page(name)
        number %= len(self.versions[name])
        key = self.versions[name][number].key
        revision = page.revisions.get(note__public_id=key)
        done = self.attempt(
            self.model.may(by, "edit", name),
            lambda: restore_revision(
                page=page,
                revision=revision,
                by=self.person(by),
                base_revision_id=page.latest_revision_id,
            ),
        )
        if done is not None:
            self._again(name, number, published=True)

    def move(self, by: str, name: str, target: str) -> None:
        """Move an article with everything below it."""
        page = self.page(name)
        if isinstance(page, ProjectPage):
            return
        done = self.attempt(
            self.model.may_move(by, name, target),
            lambda: move_page(page=page, target=self.page(target), by=self.person(by)),
        )
        if done is not None:
            self.model.pages[name].parent = target
            # What was an organisation's own may be a stranger's now, and gets an end.
            for below in self.model.below(name):
                if self.model.pages[below].restricted:
                    self.read_grants(below)

    def throw(self, by: str, name: str) -> None:
        """Put a page in the trash."""
        done = self.attempt(
            self.model.may_trash(by, name),
            lambda: trash_page(page=self.page(name), by=self.person(by)),
        )
        if done is not None:
            self.model.put_in_trash(name)

    def bring_back(self, by: str, name: str) -> None:
        """Take a page from the trash."""
        trash = Trash.objects.get(pk=self.pages[name])
        done = self.attempt(
            self.model.may_restore(by, name),
            lambda: restore_page(trash=trash, by=self.person(by)),
        )
        if done is not None:
            self.model.pages[name].trashed = False

    # --- Sharing ------------------------------------------------------------------------

    def share(
        self, by: str, name: str, subject: Subject, level: int, days: int
    ) -> None:
        """Give somebody a level on a project or in a restriction, until some day."""
        ends_on = self.model.today + days * DAY
        change = Change(self.subject(subject), Level(level), ends_on)
        if self._change(by, name, ChangeSet((change,))):
            self.read_grants(name)

    def withdraw(self, by: str, name: str, subject: Subject) -> None:
        """Take away what somebody has."""
        change = Change(self.subject(subject), None)
        if self._change(by, name, ChangeSet((change,))):
            self.model.pages[name].grants.pop(subject, None)

    def set_reach(self, by: str, name: str, reach: str) -> None:
        """Open or close a project as a whole: a matter of its owner's people."""
        row, own = self.model.pages[name], self.model.people[by]
        inside = own.operator or row.owner in self.model.roles(by)
        if self._change(by, name, ChangeSet(reach=reach), allowed=inside):
            row.reach = reach

    def _change(
        self, by: str, name: str, changes: ChangeSet, *, allowed: bool = True
    ) -> bool:
        root = self.root(name)
        done = self.attempt(
            allowed and self.model.may_share(by, name),
            lambda: apply_changes(
                root=root,
                changes=changes,
                by=self.person(by),
                expected_version=version_of(root, stored_grants(root)),
            ),
        )
        return done is not None

    def restrict(self, by: str, name: str, entries: dict[Subject, int]) -> None:
        """Narrow a page, with everything below it, to who is named."""
        named = {self.subject(subject): level for subject, level in entries.items()}
        done = self.attempt(
            self.model.may(by, "restrict", name),
            lambda: restrict_page(
                page=self.page(name), entries=named, by=self.person(by)
            ),
        )
        if done is not None:
            self.model.pages[name].restricted = True
            self.read_grants(name)

    def lift(self, by: str, name: str) -> None:
        """Open a restricted page again."""
        done = self.attempt(
            self.model.may_share(by, name),
            lambda: lift_restriction(root=self.root(name), by=self.person(by)),
        )
        if done is not None:
            row = self.model.pages[name]
            row.restricted, row.grants = False, {}

    # --- Texts --------------------------------------------------------------------------

    def _text(self, name: str, title: str) -> Text:
        body = f"## Heading\n\nText {self.word(name, 'text')} end"
        return Text(title, body, "en")

    def _remember(
        self,
        name: str,
        pk: int,
        row: model.Page,
        text: Text,
        note: str,
        *,
        published: bool,
    ) -> None:
        self.pages[name], self.model.pages[name] = pk, row
        self.versions[name] = []
        self._add_version(name, text, note, published=published)

    def _add_version(
        self, name: str, text: Text, note: str, *, published: bool
    ) -> None:
        key = version_id(self.page(name).latest_revision_id)
        version = Version(text.title, text.body, note, key)
        self.versions[name].append(version)
        row = self.model.pages[name]
        row.texts.append(model.Text(version.words, published))
        if published or not row.title:
            row.title = _word(text)
        # The address keeps the words of the first title that readers knew.
        if not row.address or (published and not row.live):
            row.address = row.title
        row.live = row.live or published

    def _again(self, name: str, number: int, *, published: bool) -> None:
        old = self.versions[name][number]
        # The note of the earlier version stays with that one.
        text = Text(old.title, old.body)
        self._add_version(name, text, "", published=published)


def _word(text: Text) -> str:
    """Give the canary of a title."""
    return text.title.split()[1]
