"""Worlds to test in, built by the real services."""

import datetime
import itertools
from dataclasses import dataclass, field

from django.utils import timezone
from wagtail.models import Page

from accounts.models import Membership, Organisation, Team, User
from accounts.services import (
    add_to_team,
    create_organisation,
    create_person,
    create_team,
    save_membership,
)
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import forget, visible_to
from knowledge.access.services import restrict_page, save_grant
from knowledge.pages.models import ArticlePage, ProjectPage
from knowledge.pages.services import Text, create_article, create_project

PASSWORD = "correct horse battery"
_number = itertools.count(1)


def in_days(days: int) -> datetime.date:
    """Give a date from today on."""
    return timezone.localdate() + datetime.timedelta(days=days)


def make_organisation(name: str = "", kind: str = "partner") -> Organisation:
    """Found an organisation."""
    return create_organisation(
        name=name or f"Organisation {next(_number)}", kind=kind, by=None
    )


def make_person(
    name: str = "",
    organisation: Organisation | None = None,
    role: str = Membership.Role.MEMBER,
    sponsor: User | None = None,
    ends_on: datetime.date | None = None,
) -> User:
    """Create a person who can sign in with PASSWORD, perhaps with a membership."""
    number = next(_number)
    name = name or f"Person {number}"
    user = create_person(
        email=f"{name.split()[0].lower()}{number}@example.com",
        name=name,
        password=PASSWORD,
        by=None,
    )
    if organisation is not None:
        guest = not organisation.is_host
        save_membership(
            user=user,
            organisation=organisation,
            role=role,
            by=None,
            sponsor=sponsor or (user if guest else None),
            ends_on=ends_on or (in_days(365) if guest else None),
        )
    return user


def join(person: User, organisation: Organisation, sponsor: User) -> User:
    """Make a person a guest of one more organisation. Give the person anew."""
    save_membership(
        user=person,
        organisation=organisation,
        by=None,
        sponsor=sponsor,
        ends_on=in_days(90),
    )
    return fresh(person)


def fresh(user: User) -> User:
    """Read a person anew, as the next request does: nothing is kept on it."""
    return User.objects.get(pk=user.pk)


def make_project(
    owner: Organisation, by: User, title: str = "", **kwargs
) -> ProjectPage:
    """Found a project; `reach`, `body`, `parent` as in the service."""
    text = Text(
        title=title or f"Project {next(_number)}",
        body=kwargs.pop("body", ""),
        language=kwargs.pop("language", "en"),
    )
    return create_project(owner=owner, text=text, by=by, **kwargs)


def make_article(parent: Page, by: User, title: str = "", **kwargs) -> ArticlePage:
    """Write an article; `publish` and `note` as in the service."""
    text = Text(
        title=title or f"Article {next(_number)}",
        body=kwargs.pop("body", ""),
        language=kwargs.pop("language", "en"),
    )
    return create_article(parent=parent, text=text, by=by, **kwargs)


def root_of(page: Page) -> PolicyRoot:
    """Find the policy root a page hangs on, freshly."""
    return PolicyRoot.objects.get(pages__page_id=page.pk)


def share(project: Page, subject, level: int, by: User | None = None, days: int = 30):
    """Give a grant that ends in some days."""
    return save_grant(
        root=root_of(project),
        subject=subject,
        level=level,
        by=by,
        ends_on=in_days(days),
    )


def sees(user: User) -> set[str]:
    """Give the titles a person may view now, past what a request kept."""
    fresh = User.objects.get(pk=user.pk)
    forget(fresh)
    return set(visible_to(fresh, Page.objects.all()).values_list("title", flat=True))


@dataclass
class World:
    """Host Vaartkade, partners Meridian and Noord, and three projects of the host.

    *Open* (reach organisation), *Shared* (also granted to Meridian: edit), *Closed*
    (reach restricted, only its founder). In Shared: Plan, below it Detail, and Prices,
    restricted to the host's admin.
    """

    host: Organisation = field(init=False)
    meridian: Organisation = field(init=False)
    noord: Organisation = field(init=False)
    admin: User = field(init=False)
    manager: User = field(init=False)
    member: User = field(init=False)
    guest: User = field(init=False)
    other_guest: User = field(init=False)
    team: Team = field(init=False)

    def __post_init__(self) -> None:
        """Build it."""
        self.host = make_organisation("Vaartkade", "host")
        self.meridian = make_organisation("Meridian")
        self.noord = make_organisation("Noord")
        role = Membership.Role
        self.admin = make_person("Anouk Admin", self.host, role.ADMIN)
        self.manager = make_person("Milan Manager", self.host, role.MANAGER)
        self.member = make_person("Eva Member", self.host)
        self.guest = make_person("Nadia Guest", self.meridian, sponsor=self.admin)
        self.other_guest = make_person("Jelle Other", self.noord, sponsor=self.admin)
        self.team = create_team(organisation=self.host, name="Quay", by=self.admin)
        add_to_team(team=self.team, user=self.member, by=self.admin)
        reach = PolicyRoot.Reach
        self.open = make_project(self.host, self.admin, "Open")
        self.shared = make_project(self.host, self.admin, "Shared", body="# Welcome")
        self.closed = make_project(
            self.host, self.admin, "Closed", reach=reach.RESTRICTED
        )
        self.plan = make_article(self.shared, self.admin, "Plan", body="The plan.")
        self.detail = make_article(self.plan, self.admin, "Detail", body="In detail.")
        self.prices = make_article(self.shared, self.admin, "Prices", body="Secret.")
        share(self.shared, self.meridian, 3, self.admin)
        restrict_page(page=self.prices, entries={self.admin: 4}, by=self.admin)
        for user in (self.admin, self.manager, self.member, self.guest):
            forget(user)
