"""A world in which every text is a word of its own, and who may read each of them.

The right answers are written by hand, from docs/permissions.md: no tested code is asked.
"""

import time_machine
from django.core.files.base import ContentFile
from wagtail.models import Page

from accounts.invitations import invite
from accounts.models import Membership, Organisation, User
from accounts.services import (
    add_to_team,
    create_team,
    end_membership,
    set_organisation_status,
    set_person_active,
)
from knowledge.access.models import PolicyRoot
from knowledge.access.services import restrict_page, save_grant
from knowledge.files.services import add_file, delete_file, rename_file
from knowledge.pages.selectors_history import version_id
from knowledge.pages.services import Text, save_page
from knowledge.pages.services_structure import trash_page
from tests.factories import (
    in_days,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
)
from tests.knowledge.files.samples import png
from tests.oracle.corners import add_corners
from tests.oracle.keys import spread
from tests.oracle.words import BETA, BOTH, GAMMA, HOST, NOBODY, Canary, Stage, new_word
from tests.support.documents import docx
from tests.support.indices import bring_up_to_date

Reach = PolicyRoot.Reach
Role = Membership.Role
VIEW, COMMENT, EDIT, MANAGE = 1, 2, 3, 4


# A picture that has a small version.
PIXELS = png(640, 480)


def build() -> Stage:
    """Build the world through the services that everybody uses."""
    builder = _Builder(Stage(keys=spread()))
    builder.people()
    builder.projects()
    builder.shared_project()
    builder.other_things()
    add_corners(builder.stage)
    bring_up_to_date()
    return builder.stage


class _Builder:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def people(self) -> None:
        """Found four organisations and everybody who asks."""
        stage = self.stage
        # Who shares something with an organisation knows its name.
        self.host = make_organisation(
            stage.word("host", HOST | BETA | GAMMA | BOTH), "host"
        )
        self.beta = make_organisation(stage.word("beta", HOST | BETA | BOTH))
        self.gamma = make_organisation(stage.word("gamma", HOST | GAMMA | BOTH))
        self.delta = make_organisation(stage.word("delta", {"host_admin"}))
        admin = self._person("host_admin", self.host, Role.ADMIN)
        self._person("host_manager", self.host, Role.MANAGER)
        for name in ("host_member", "host_team", "host_author"):
            self._person(name, self.host)
        self._person("beta_admin", self.beta, Role.ADMIN)
        for name, organisation in (
            ("beta_member", self.beta),
            ("beta_own", self.beta),
            ("beta_writer", self.beta),
            ("gamma_member", self.gamma),
            ("gamma_expired", self.gamma),
            ("both", self.beta),
            ("ended", self.beta),
            ("suspended", self.beta),
            ("of_suspended", self.delta),
        ):
            self._person(name, organisation)
        self._join("both", self.gamma)
        stage.users["without_organisation"] = make_person("Person without")
        self.team = create_team(
            organisation=self.host, name=stage.word("team", HOST), by=admin
        )
        add_to_team(team=self.team, user=stage.users["host_team"], by=admin)
        ended = Membership.objects.get(user=stage.users["ended"])
        end_membership(membership=ended, by=admin)
        set_person_active(user=stage.users["suspended"], active=False, by=admin)

    def _person(
        self, viewer: str, organisation: Organisation, role: str = Role.MEMBER
    ) -> User:
        user = make_person(f"{viewer} {new_word()}", organisation, role)
        self.stage.users[viewer] = user
        return user

    def _join(self, viewer: str, organisation: Organisation) -> None:
        Membership.objects.create(
            user=self.stage.users[viewer],
            organisation=organisation,
            role=Role.MEMBER,
            sponsor=self.stage.users["host_admin"],
            ends_on=in_days(90),
        )

    def projects(self) -> None:
        """Found a project for each way into one."""
        users = self.stage.users
        admin = users["host_admin"]
        self._project("open", self.host, admin, HOST)
        leads = frozenset({"host_admin", "host_manager"})
        closed = self._project(
            "closed", self.host, admin, leads | {"host_team"}, Reach.RESTRICTED
        )
        save_grant(root=root_of(closed), subject=self.team, level=VIEW, by=admin)
        single = self._project(
            "single", self.host, admin, leads | {"beta_own"}, Reach.RESTRICTED
        )
        self._grant(single, users["beta_own"], EDIT)
        lapsed = self._project("lapsed", self.host, admin, leads, Reach.RESTRICTED)
        with time_machine.travel(in_days(-30)):
            self._grant(lapsed, users["gamma_expired"], EDIT, days=10)
        everybody = HOST | BETA | GAMMA | BOTH
        self._project("network", self.host, admin, everybody, Reach.NETWORK)
        self._project("of beta", self.beta, users["beta_admin"], BETA | BOTH)
        gammas = GAMMA | BOTH
        self._project("of gamma", self.gamma, users["gamma_member"], gammas)
        delta = self._project(
            "of delta", self.delta, users["of_suspended"], NOBODY, Reach.NETWORK
        )
        self._grant(delta, self.beta, EDIT)
        set_organisation_status(
            organisation=self.delta, status=Organisation.Status.SUSPENDED, by=admin
        )

    def _grant(
        self, project: Page, subject, level: int, days: int = 30, reason: str = ""
    ) -> None:
        save_grant(
            root=root_of(project),
            subject=subject,
            level=level,
            by=None,
            ends_on=in_days(days),
            reason=reason,
        )

    def _project(
        self,
        name: str,
        owner: Organisation,
        by: User,
        readers: frozenset[str],
        reach: str = Reach.ORGANISATION,
    ) -> Page:
        word = self.stage.word
        page = make_project(
            owner,
            by,
            f"Project {word(f'title of {name}', readers)}",
            body=f"Body {word(f'body of {name}', readers)}",
            reach=reach,
        )
        self._remember(name, page, readers)
        article = make_article(
            page,
            by,
            f"Page {word(f'title in {name}', readers)}",
            body=f"## Heading\n\nText {word(f'body in {name}', readers)} [[Nowhere]]",
            note=word(f"note in {name}", readers),
        )
        self._remember(f"page in {name}", article, readers)
        self._file(article, by, readers, f"file in {name}")
        return page

    def _remember(self, name: str, page: Page, readers: frozenset[str]) -> None:
        self.stage.pages[name] = page
        public_id = page.slug.rpartition("-")[2]
        self.stage.add("page", name, readers, address=page.slug)
        latest = version_id(page.latest_revision_id)
        self.stage.things[-1].more["latest"] = latest
        self.stage.add("permalink", name, readers, public_id=public_id)
        self.stage.add("revision", name, readers, address=page.slug, public_id=latest)

    def _file(self, page: Page, by: User, readers: frozenset[str], what: str) -> None:
        word = self.stage.word
        content = f"content {word(f'content of {what}', readers)}".encode()
        name = f"{word(f'name of {what}', readers)}.txt"
        file = add_file(page=page, upload=ContentFile(content, name=name), by=by)
        self.stage.add(
            "file", what, readers, address=page.slug, public_id=file.public_id
        )
        self.stage.add("original", what, readers, public_id=file.public_id, name=name)
        text = docx(f"inside {word(f'text inside {what}', readers)}")
        name = f"{word(f'document of {what}', readers)}.docx"
        add_file(page=page, upload=ContentFile(text, name=name), by=by)
        picture = f"{word(f'picture of {what}', readers)}.png"
        image = add_file(page=page, upload=ContentFile(PIXELS, name=picture), by=by)
        self.stage.add("thumb", what, readers, public_id=image.public_id, spec=400)

    def shared_project(self) -> None:
        """Share one project, with everything in it that fewer may see."""
        stage, users = self.stage, self.stage.users
        admin = users["host_admin"]
        readers = frozenset({"host_admin", "host_manager", "host_author"}) | BETA | BOTH
        writers = frozenset({"host_admin", "host_author", "beta_writer"})
        shared = self._project("shared", self.host, admin, readers, Reach.RESTRICTED)
        reason = stage.word("reason of a grant", {"host_admin"})
        self._grant(shared, self.beta, VIEW, reason=reason)
        save_grant(
            root=root_of(shared), subject=users["host_author"], level=EDIT, by=admin
        )
        self._grant(shared, users["beta_writer"], EDIT)
        page = stage.pages["page in shared"]
        self._edit(page, admin, stage.word("published edit", readers), publish=True)
        self._edit(page, admin, stage.word("draft over shared", writers), publish=False)
        page.refresh_from_db()
        draft_id = version_id(page.latest_revision_id)
        stage.add("revision", "draft", writers, address=page.slug, public_id=draft_id)
        draft = make_article(
            shared,
            admin,
            stage.word("title of an unpublished page", writers),
            body=stage.word("body of an unpublished page", writers),
            publish=False,
        )
        self._remember("unpublished", draft, writers)
        self._restricted(shared, admin)
        self._restricted_unseen(shared, admin)
        self._renamed(page, admin, writers)
        self._trashed(shared, admin, writers)
        self._linking(shared, admin, readers)

    def _edit(self, page: Page, by: User, word: str, *, publish: bool) -> None:
        page.refresh_from_db()
        old = page.get_latest_revision_as_object()
        save_page(
            page=page,
            text=Text(old.title, f"{old.body}\n\n{word}", old.language),
            base_revision_id=page.latest_revision_id,
            by=by,
            publish=publish,
            note="",
        )

    def _restricted(self, shared: Page, admin: User) -> None:
        stage = self.stage
        named = frozenset({"host_admin", "beta_admin"})
        page = make_article(
            shared,
            admin,
            stage.word("title of a restricted page", named),
            body=stage.word("body of a restricted page", named),
            note=stage.word("note of a restricted page", named),
        )
        below = make_article(
            page, admin, stage.word("title below a restriction", named)
        )
        self._file(page, admin, named, "file of a restricted page")
        restrict_page(
            page=page,
            entries={admin: MANAGE, stage.users["beta_admin"]: VIEW},
            by=admin,
        )
        for name, one in (("restricted", page), ("below restricted", below)):
            one.refresh_from_db()
            self._remember(name, one, named)

    def _restricted_unseen(self, shared: Page, admin: User) -> None:
        """Restrict two pages that no link names, one inside the other."""
        word, own = self.stage.word, frozenset({"host_admin"})
        outer = make_article(shared, admin, word("title of a closed page", own))
        inner = make_article(outer, admin, word("title in a closed page", own))
        name = f"{word('file in a closed page', own)}.txt"
        add_file(page=inner, upload=ContentFile(b"x", name=name), by=admin)
        for name, page in (("closed page", outer), ("in a closed page", inner)):
            restrict_page(page=page, entries={admin: MANAGE}, by=admin)
            self._remember(name, page, own)

    def _renamed(self, page: Page, admin: User, writers: frozenset[str]) -> None:
        word = self.stage.word("former name of a file", writers)
        upload = ContentFile(b"x", name=f"{word}.txt")
        file = add_file(page=page, upload=upload, by=admin)
        rename_file(file=file, name="renamed.txt", by=admin)

    def _trashed(self, shared: Page, admin: User, writers: frozenset[str]) -> None:
        stage = self.stage
        page = make_article(
            shared,
            admin,
            stage.word("title in the trash", writers),
            body=stage.word("body in the trash", NOBODY),
        )
        trash_page(page=page, by=admin)
        self._remember("trashed", page, NOBODY)
        stage.add("trash", "trashed", writers, address=page.slug)
        kept = stage.pages["page in shared"]
        upload = ContentFile(b"gone", name=f"{stage.word('deleted file', writers)}.txt")
        gone = add_file(page=kept, upload=upload, by=admin)
        delete_file(file=gone, by=admin)
        stage.add(
            "file", "deleted", writers, address=kept.slug, public_id=gone.public_id
        )
        stage.add("original", "deleted", NOBODY, public_id=gone.public_id, name="x.txt")

    def _linking(self, shared: Page, admin: User, readers: frozenset[str]) -> None:
        """Name hidden pages in links: the author's words are all that is seen."""
        titles = [
            self.stage.pages[name].title
            for name in ("restricted", "closed", "of gamma")
        ]
        hidden = [
            canary
            for canary in self.stage.canaries
            if any(canary.word in title for title in titles)
        ]
        # Whoever reads the page reads what its author wrote in it.
        for canary in hidden:
            self.stage.canaries.remove(canary)
            wider = canary.readers | readers
            self.stage.canaries.append(Canary(canary.word, canary.what, wider))
        links = "\n".join(f"- [[{title}]]" for title in titles)
        page = make_article(shared, admin, "Links", body=links)
        self._remember("links", page, readers)

    def other_things(self) -> None:
        """Add what addresses of people name, and what exists nowhere."""
        stage, users = self.stage, self.stage.users
        admin = users["host_admin"]
        for name, organisation, leads in (
            ("host", self.host, {"host_admin", "host_manager"}),
            ("beta", self.beta, {"host_admin", "beta_admin"}),
            ("gamma", self.gamma, {"host_admin"}),
            ("delta", self.delta, {"host_admin"}),
        ):
            invitation, token = (
                invite(
                    email=f"{stage.word(f'invited to {name}', leads)}@example.com",
                    organisation=organisation,
                    by=admin,
                    membership_ends_on=None if organisation.is_host else in_days(90),
                )
                if name != "delta"
                else (None, "")
            )
            public_id = organisation.public_id
            stage.add("people", name, leads, organisation_id=public_id)
            # Employees of the host invite guests into every active partner.
            inviters = leads | (HOST if name in ("beta", "gamma") else frozenset())
            stage.add("inviting", name, inviters, organisation_id=public_id)
            if invitation is not None:
                stage.tokens.append(token)
                stage.add(
                    "invitation",
                    name,
                    leads,
                    organisation_id=public_id,
                    invitation_id=invitation.public_id,
                )
        for viewer, organisation, leads in (
            ("host_member", self.host, {"host_admin", "host_manager"}),
            ("beta_member", self.beta, {"host_admin", "beta_admin"}),
            ("gamma_member", self.gamma, {"host_admin"}),
        ):
            stage.add(
                "member",
                viewer,
                leads,
                organisation_id=organisation.public_id,
                person_id=users[viewer].public_id,
            )
        stage.add(
            "team",
            "team",
            {"host_admin", "host_manager"},
            organisation_id=self.host.public_id,
            team_id=self.team.public_id,
        )
        for name, organisation, knowers in (
            ("host", self.host, HOST | BETA | GAMMA | BOTH),
            ("beta", self.beta, HOST | BETA | BOTH),
            ("gamma", self.gamma, GAMMA | BOTH),
            ("delta", self.delta, NOBODY),
        ):
            stage.add("organisation", name, knowers, public_id=organisation.public_id)
