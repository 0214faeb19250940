"""Build the demonstration through the same services as everybody's clicks."""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.services import (
    add_to_team,
    create_organisation,
    create_person,
    create_team,
    save_membership,
)
from knowledge.access.levels import Level
from knowledge.access.models import PolicyRoot
from knowledge.access.services import restrict_page, save_grant
from knowledge.demo import texts
from knowledge.demo.signals import demo_loaded
from knowledge.pages.models import ArticlePage, ProjectPage
from knowledge.pages.services import Text, create_article, create_project, save_page
from knowledge.pages.tags import set_tags

PASSWORD = "zilvermeeuw-2026"  # noqa: S105 - printed for everyone by `make run`


@dataclass(frozen=True)
class SignIn:
    """One way into the demonstration."""

    role: str
    email: str


SIGN_INS = (
    SignIn("host admin", "anouk@vaartkade.example"),
    SignIn("partner editor", "nadia@meridian.example"),
    SignIn("outside guest", "sanne@tessel.example"),
)


def is_loaded() -> bool:
    """Say whether the demonstration is there already."""
    return User.objects.filter(email=SIGN_INS[0].email).exists()


@dataclass
class _People:
    vaartkade: Organisation
    meridian: Organisation
    tessel: Organisation
    anouk: User
    ruben: User
    eva: User
    nadia: User
    tomas: User
    sanne: User


@transaction.atomic
def load_demo() -> None:
    """Create two companies, a guest of a third, and what they share."""
    people = _people()
    ferry = _ferry(people)
    _inside(people)
    _handbook(people)
    _edit(ferry, people)
    demo_loaded.send(sender=None)


def _in_months(months: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=30 * months)


def _people() -> _People:
    kind = Organisation.Kind
    vaartkade = create_organisation(
        name="Vaartkade", initials="VK", kind=kind.HOST, by=None
    )
    meridian = create_organisation(name="Meridian", initials="MD", by=None)
    tessel = create_organisation(name="Tessel Lab", initials="TL", by=None)
    role = Membership.Role
    anouk = _person("Anouk Terpveld", "anouk@vaartkade.example")
    save_membership(user=anouk, organisation=vaartkade, role=role.ADMIN, by=None)

    def add(
        name: str, email: str, organisation: Organisation, as_role: str = role.MEMBER
    ) -> User:
        user = _person(name, email)
        guest = not organisation.is_host
        save_membership(
            user=user,
            organisation=organisation,
            role=as_role,
            sponsor=anouk if guest else None,
            ends_on=_in_months(12) if guest else None,
            by=anouk,
        )
        return user

    people = _People(
        vaartkade=vaartkade,
        meridian=meridian,
        tessel=tessel,
        anouk=anouk,
        ruben=add(
            "Ruben Oosterkade", "ruben@vaartkade.example", vaartkade, role.MANAGER
        ),
        eva=add("Eva Lindeman", "eva@vaartkade.example", vaartkade),
        nadia=add("Nadia Farouz", "nadia@meridian.example", meridian, role.MANAGER),
        tomas=add("Tomas Brikkel", "tomas@meridian.example", meridian),
        sanne=add("Sanne Duinstee", "sanne@tessel.example", tessel),
    )
    team = create_team(organisation=vaartkade, name="Quay systems", by=anouk)
    for user in (people.ruben, people.eva):
        add_to_team(team=team, user=user, by=anouk)
    return people


def _person(name: str, email: str) -> User:
    return create_person(email=email, name=name, password=PASSWORD, by=None)


def _ferry(people: _People) -> ProjectPage:
    """Build the shared project, with a page that stays inside."""
    by, ruben = people.anouk, people.ruben
    text = Text("Zilvermeeuw", texts.START, summary="Electric harbour ferry")
    ferry = create_project(owner=people.vaartkade, text=text, by=by)
    root = PolicyRoot.objects.get(pk=ferry.pk)
    save_grant(
        root=root, subject=people.vaartkade, level=Level.EDIT, by=by, reason="Our ferry"
    )
    save_grant(
        root=root,
        subject=people.meridian,
        level=Level.EDIT,
        by=by,
        ends_on=_in_months(6),
        reason="Battery pack and fire tests",
    )
    save_grant(
        root=root,
        subject=people.sanne,
        level=Level.VIEW,
        by=by,
        ends_on=_in_months(2),
        reason="Smoke runs",
    )
    room = create_article(
        parent=ferry, text=Text("Battery room", texts.BATTERY_ROOM), by=by
    )
    fire_test = create_article(
        parent=room, text=Text("Fire test, round 3", texts.FIRE_TEST), by=ruben
    )
    prices = create_article(
        parent=room, text=Text("Supplier prices", texts.PRICES), by=by
    )
    create_article(
        parent=ferry, text=Text("Charging at the quay", texts.CHARGING), by=ruben
    )
    create_article(
        parent=ferry,
        text=Text("Verslag overleg 12 november", texts.MEETING_NL, "nl"),
        by=people.nadia,
    )
    set_tags(page=room, tags=["battery", "safety"], was=[], by=by)
    set_tags(page=fire_test, tags=["safety", "test report"], was=[], by=ruben)
    restrict_page(page=prices, entries={by: Level.MANAGE, ruben: Level.EDIT}, by=by)
    return ferry


def _inside(people: _People) -> None:
    """Build a project that is open inside the company and one for the named only."""
    quality = create_project(
        owner=people.vaartkade,
        text=Text("Quality system", texts.QUALITY, summary="Procedures and audits"),
        by=people.ruben,
    )
    create_article(
        parent=quality,
        text=Text("Lock-out of quay panels", texts.LOCK_OUT),
        by=people.ruben,
    )
    create_project(
        owner=people.vaartkade,
        text=Text("Board", texts.BOARD),
        by=people.anouk,
        reach=PolicyRoot.Reach.RESTRICTED,
    )


def _handbook(people: _People) -> None:
    """Build a project that the partner owns and shares with the host."""
    summary = "Battery pack, safety and service"
    handbook = create_project(
        owner=people.meridian,
        text=Text("Pack MP-40 handbook", texts.HANDBOOK, summary=summary),
        by=people.nadia,
    )
    root = PolicyRoot.objects.get(pk=handbook.pk)
    save_grant(root=root, subject=people.meridian, level=Level.EDIT, by=people.nadia)
    save_grant(
        root=root,
        subject=people.vaartkade,
        level=Level.COMMENT,
        by=people.nadia,
        ends_on=_in_months(9),
        reason="Service on board",
    )
    create_article(
        parent=handbook, text=Text("Order of shutdown", texts.SHUTDOWN), by=people.tomas
    )
    create_article(
        parent=handbook,
        text=Text("Reihenfolge beim Abschalten", texts.ABSCHALTEN_DE, "de"),
        by=people.tomas,
    )


def _edit(ferry: ProjectPage, people: _People) -> None:
    """Publish an edit of Nadia's on one page and leave a draft of Anouk's on another."""
    pages = ArticlePage.objects.child_of(ferry)
    charging = pages.get(title="Charging at the quay")
    save_page(
        page=charging,
        text=Text(charging.title, texts.CHARGING_EDIT),
        base_revision_id=charging.latest_revision_id,
        by=people.nadia,
        publish=True,
        note="The time belongs into the log",
    )
    room = pages.get(title="Battery room")
    save_page(
        page=room,
        text=Text(room.title, texts.BATTERY_ROOM_DRAFT),
        base_revision_id=room.latest_revision_id,
        by=people.anouk,
        publish=False,
        note="One frame more, to be measured",
    )
