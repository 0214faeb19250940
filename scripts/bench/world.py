"""Build an installation of a given size through the services that people use."""

import datetime
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.services import create_organisation, create_person, save_membership
from knowledge.access.levels import Level
from knowledge.access.models import PolicyRoot
from knowledge.access.services import save_grant
from knowledge.access.subjects import Subject
from knowledge.pages.importing.run import import_folder
from knowledge.pages.models import ProjectPage
from knowledge.pages.services import Text, create_project
from scripts.bench.corpus import CorpusPage, deal, language_of, write_folder
from search import indexing, rebuilding
from search.engines import registry

ORGANISATIONS = 40
PROJECTS = 200
GRANTS = 3000
# Every project has so many pages in the smallest installation. Every second one keeps
# them in the larger ones: there a reader sees the same, and only the rest has grown.
PAGES_AT_FIRST = 25
SEED = 20260301
GUEST = "guest@bench.example"
MANAGER = "person-0-1@bench.example"
MEMBER = f"person-{ORGANISATIONS - 1}-2@bench.example"


@dataclass(frozen=True)
class Built:
    """What building took, in seconds."""

    pages: int
    people: int
    grants: int
    importing: float
    indexing: dict[str, float]

    def as_dict(self) -> dict[str, object]:
        """Give plain data for JSON."""
        return asdict(self)


def build(pages: list[CorpusPage]) -> Built:
    """Fill an empty, migrated database."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable world, no secret
    with transaction.atomic():
        organisations = _organisations()
        people = _people(organisations)
        projects = _projects(organisations, people)
        _grants(projects, organisations, people, chance)
        _guest(projects, organisations)
    started = time.perf_counter()
    _import(pages, projects, people)
    importing = time.perf_counter() - started
    durations = _index()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Built(len(pages), len(people), GRANTS, importing, durations)


def shares(pages: int) -> list[int]:
    """Say how many pages each project gets."""
    growing = PROJECTS // 2
    # Fewer than that are for trying the commands themselves.
    first = min(PAGES_AT_FIRST, pages // PROJECTS)
    extra, rest = divmod(pages - PROJECTS * first, growing)
    return [
        first + (extra + (place // 2 < rest) if place % 2 else 0)
        for place in range(PROJECTS)
    ]


def _organisations() -> list[Organisation]:
    kinds = Organisation.Kind
    return [
        create_organisation(
            name=f"Company {number}",
            kind=kinds.PARTNER if number else kinds.HOST,
            by=None,
        )
        for number in range(ORGANISATIONS)
    ]


def _people(organisations: list[Organisation]) -> dict[int, list[User]]:
    """Give each organisation an admin, a manager and a member."""
    roles = (Membership.Role.ADMIN, Membership.Role.MANAGER, Membership.Role.MEMBER)
    people: dict[int, list[User]] = {}
    for number, organisation in enumerate(organisations):
        for place, role in enumerate(roles):
            user = create_person(
                email=f"person-{number}-{place}@bench.example",
                name=f"Person {number}-{place}",
                by=None,
            )
            join(user, organisation, role, people.get(organisations[0].pk, [user])[0])
            people.setdefault(organisation.pk, []).append(user)
    return people


def join(user: User, organisation: Organisation, role: str, sponsor: User) -> None:
    """Make somebody a member; a guest for a year."""
    guest = not organisation.is_host
    save_membership(
        user=user,
        organisation=organisation,
        role=role,
        sponsor=sponsor if guest else None,
        ends_on=_next_year() if guest else None,
        by=None,
    )


def _next_year() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=365)


def _projects(
    organisations: list[Organisation], people: dict[int, list[User]]
) -> list[ProjectPage]:
    """Found the projects: seven of ten are open inside their organisation."""
    reach = PolicyRoot.Reach
    kinds = [reach.ORGANISATION] * 7 + [reach.RESTRICTED] * 2 + [reach.NETWORK]
    projects = []
    for number in range(PROJECTS):
        owner = organisations[number % ORGANISATIONS]
        text = Text(f"Project {number}", f"The work of project {number}.")
        project = create_project(
            owner=owner,
            text=text,
            by=people[owner.pk][0],
            reach=kinds[number // ORGANISATIONS * 2 % 10],
        )
        projects.append(project)
    return projects


def _grants(
    projects: list[ProjectPage],
    organisations: list[Organisation],
    people: dict[int, list[User]],
    chance: random.Random,
) -> None:
    """Share each project with ten organisations and five people."""
    everybody = [user for users in people.values() for user in users]
    roots = PolicyRoot.objects.in_bulk([project.pk for project in projects])
    each = GRANTS // PROJECTS
    for project in projects:
        root = roots[project.pk]
        others = [one for one in organisations if one.pk != root.owner_id]
        chosen: list[Subject] = [
            *chance.sample(others, each - each // 3),
            *chance.sample(everybody, each // 3),
        ]
        for subject in chosen:
            level = chance.choice([Level.VIEW, Level.COMMENT, Level.EDIT])
            save_grant(
                root=root, subject=subject, level=level, by=None, ends_on=_next_year()
            )


def _guest(projects: list[ProjectPage], organisations: list[Organisation]) -> None:
    """Add a guest of a company of its own who sees five projects that never grow."""
    company = create_organisation(name="Company of the guest", by=None)
    guest = create_person(email=GUEST, name="The guest", by=None)
    sponsor = Membership.objects.filter(organisation=organisations[0])[0].user
    join(guest, company, Membership.Role.MEMBER, sponsor)
    for project in projects[0:10:2]:
        root = PolicyRoot.objects.get(pk=project.pk)
        save_grant(
            root=root, subject=guest, level=Level.EDIT, by=None, ends_on=_next_year()
        )


def _import(
    pages: list[CorpusPage], projects: list[ProjectPage], people: dict[int, list[User]]
) -> None:
    """Import a folder for each project, as `import_markdown` does."""
    dealt = deal(pages, shares(len(pages)))
    with TemporaryDirectory() as name:
        for project, part in zip(projects, dealt, strict=True):
            folder = Path(name) / "handbook"
            write_folder(folder, part)
            owner = PolicyRoot.objects.get(pk=project.pk).owner_id
            admin = User.objects.get(pk=people[owner][0].pk)
            with transaction.atomic():
                import_folder(
                    folder, target=project, by=admin, language=language_of(part)
                )


def _index() -> dict[str, float]:
    """Index everything in each engine, as `search_index rebuild` does."""
    durations = {}
    for engine in registry.all_engines():
        started = time.perf_counter()
        rebuilding.rebuild(engine)
        durations[engine.name] = time.perf_counter() - started
    indexing.drain_all()
    return durations
