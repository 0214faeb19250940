"""One world in which every sentence of the rule has somebody on each side of its edge.

`test_model.py` draws worlds and so finds what nobody thought of; it may need many to come
upon the last day of a team's membership. Here those cases stand by hand, and document and
code (`model.py`, `knowledge/access`) are asked about all of them.
"""

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from wagtail.models import Page

from accounts.models import User
from accounts.services import create_team
from knowledge.access.models import PolicyRoot, Trash
from knowledge.access.roots import find_problems
from knowledge.access.rule import decide, forget, standing, visible_to
from knowledge.access.services import lift_restriction, may_share
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from tests.factories import make_organisation, make_person
from tests.oracle.crawl import rolled_back
from tests.oracle.model import Person as ModelPerson
from tests.oracle.test_model import Pair, play

BETA, HOST, DELTA = (("organisation", name) for name in ("beta", "host", "delta"))
VIEW, COMMENT, EDIT, MANAGE = 1, 2, 3, 4

# Person, organisation, role, last day counted from today.
TERMS = (
    ("member", "host", "member", None),
    ("editor", "host", "member", None),
    ("manager", "host", "manager", None),
    ("admin", "host", "admin", None),
    ("guest", "beta", "member", 30),
    ("guest_admin", "beta", "admin", 30),
    ("stranger", "gamma", "admin", 30),
    ("lapsed", "host", "admin", -1),
    ("last_day", "host", "member", 0),
    ("closed", "host", "admin", None),
    ("of_delta", "delta", "admin", 30),
    ("of_delta_and_host", "delta", "member", 30),
    ("of_delta_and_host", "host", "member", None),
    ("left", "host", "member", None),
    ("again", "beta", "member", 0),
    ("half", "beta", "admin", 30),
    ("half", "gamma", "member", 30),
    ("operator", "host", "member", None),
    ("closed_operator", "host", "member", None),
)

CALLS = (
    ("seat", "of_delta_and_host", "delta"),
    ("seat", "again", "beta"),
    # Reach, and who is what in the owner.
    ("found", "open", "host", "organisation"),
    ("found", "network", "host", "network"),
    ("found", "closed", "host", "restricted"),
    ("found", "of delta", "delta", "network"),
    ("found", "of beta", "beta", "organisation"),
    ("grant", "open", ("person", "editor"), EDIT, None),
    ("grant", "of delta", BETA, EDIT, 30),
    ("grant", "closed", ("team", "crew delta"), VIEW, 30),
    ("grant", "closed", ("person", "left"), MANAGE, None),
    ("grant", "closed", BETA, EDIT, -1),
    ("found", "by team", "host", "restricted"),
    ("grant", "by team", ("team", "crew beta"), VIEW, 30),
    ("found", "last day", "host", "restricted"),
    ("grant", "last day", BETA, VIEW, 0),
    # Levels, drafts and restrictions.
    ("found", "graded", "host", "restricted"),
    ("grant", "graded", BETA, COMMENT, 30),
    ("grant", "graded", ("person", "editor"), EDIT, None),
    ("grant", "graded", ("person", "guest_admin"), VIEW, 30),
    ("write", "published", "graded", True),
    ("write", "draft", "graded", False),
    ("write", "below draft", "draft", True),
    ("write", "narrow", "graded", True),
    ("write", "below narrow", "narrow", True),
    ("write", "narrower", "narrow", True),
    (
        "restrict",
        "narrow",
        [
            (("person", "guest_admin"), MANAGE, 30),
            (("person", "stranger"), VIEW, 30),
            (("person", "lapsed"), VIEW, None),
        ],
    ),
    ("restrict", "narrower", [(BETA, VIEW, 30)]),
    # The tree.
    ("write", "tree", "graded", True),
    ("write", "branch", "tree", True),
    ("write", "leaf", "branch", True),
    ("throw", "branch"),
    ("restrict", "tree", [(BETA, VIEW, 30)]),
    ("write", "moved", "open", True),
    ("write", "below moved", "moved", True),
    ("move", "moved", "graded"),
    ("write", "moved narrow", "open", True),
    ("write", "below moved narrow", "moved narrow", True),
    ("restrict", "moved narrow", [(HOST, EDIT, None)]),
    ("move", "moved narrow", "closed"),
    ("write", "opened", "graded", True),
    ("write", "thrown below opened", "opened", True),
    ("restrict", "opened", [(("person", "editor"), EDIT, None)]),
    ("throw", "thrown below opened"),
    ("lift", "opened"),
    ("write", "restored", "graded", True),
    ("write", "below restored", "restored", True),
    ("throw", "restored"),
    ("bring_back", "restored"),
    ("write", "gone", "graded", True),
    ("write", "below gone", "gone", True),
    ("throw", "gone"),
    ("write", "carried", "open", True),
    ("write", "narrow inside", "carried", True),
    ("write", "below narrow inside", "narrow inside", True),
    ("restrict", "narrow inside", [(HOST, EDIT, None)]),
    ("move", "carried", "closed"),
    ("throw", "of beta"),
    # Time and ends.
    ("join", "left", "host", "member", -1),
    ("join", "left", "beta", "member", 30),
    ("join", "again", "beta", "member", -1),
    ("join", "again", "gamma", "member", 30),
    ("join", "again", "beta", "member", 30),
    ("pause", "half", "beta"),
    ("close", "closed"),
    ("close", "closed_operator"),
    ("suspend", "delta"),
)


class Edges(Pair):
    """The pair of worlds, with an organisation more and the acts on the tree."""

    def __init__(self) -> None:
        super().__init__()
        self.organisations["delta"] = make_organisation("Delta")
        self.model.active["delta"] = True
        delta = self.organisations["delta"]
        self.teams["crew delta"] = create_team(organisation=delta, name="Crew", by=None)
        self.model.teams["crew delta"] = "delta"
        for name, organisation, role, days in TERMS:
            if name not in self.people:
                self.people[name] = make_person(name.title())
                self.model.people[name] = ModelPerson()
            self.join(name, organisation, role, days)
        for name in ("operator", "closed_operator"):
            User.objects.filter(pk=self.people[name].pk).update(is_superuser=True)
            self.people[name].refresh_from_db()
            self.model.people[name].operator = True

    def move(self, page: str, target: str) -> None:
        """Move a page to become the last below another."""
        forget(self.root)
        move_page(page=self._fresh(page), target=self._fresh(target), by=self.root)
        self.model.pages[page].parent = target

    def lift(self, page: str) -> None:
        """Open a restricted page again."""
        root = PolicyRoot.objects.get(pk=self.pages[page].pk)
        lift_restriction(root=root, by=self.root)
        self.model.pages[page].restricted = False
        self.model.pages[page].grants = {}

    def bring_back(self, page: str) -> None:
        """Take a page from the trash."""
        forget(self.root)
        trash = Trash.objects.get(page_id=self.pages[page].pk)
        restore_page(trash=trash, by=self.root)
        self.model.pages[page].trashed = False


@pytest.fixture(scope="module")
def edges(django_db_setup, django_db_blocker) -> Iterator[Edges]:
    """The world, inside a transaction that is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        pair = Edges()
        play(pair, CALLS)
        yield pair
        transaction.set_rollback(True)


def everybody(edges: Edges) -> Iterator[tuple[str, User]]:
    for name, person in edges.people.items():
        yield name, User.objects.get(pk=person.pk)


def test_the_side_table_is_what_the_tree_says(edges):
    assert not find_problems()


def test_code_and_document_show_everybody_the_same_pages(edges):
    titles = {page.pk: name for name, page in edges.pages.items()}
    wrong = {}
    for name, person in everybody(edges):
        found = visible_to(person, Page.objects.filter(pk__in=titles))
        seen = {titles[page.pk] for page in found}
        if seen != edges.model.visible(name):
            wrong[name] = sorted(seen ^ edges.model.visible(name))
    assert not wrong


@pytest.mark.parametrize("action", ["view", "comment", "edit", "drafts", "share"])
def test_code_and_document_allow_everybody_the_same_acts(edges, action):
    wrong = []
    for name, person in everybody(edges):
        for title, page in edges.pages.items():
            allowed = bool(decide(person, action, Page.objects.get(pk=page.pk)))
            if allowed != edges.model.may(name, action, title):
                wrong.append((name, action, title))
    assert not wrong


def test_code_and_document_tell_the_same_people_of_restricted_pages(edges):
    titles = {page.pk: name for name, page in edges.pages.items()}
    restricted = {name for name, page in edges.model.pages.items() if page.restricted}
    for name, person in everybody(edges):
        managed = {titles[pk] for pk in standing(person).managed if pk in titles}
        shown = {
            page for page in managed & restricted if not edges.model.in_trash(page)
        }
        assert shown == edges.model.knows_of(name), name


ACTING = ("editor", "manager", "admin", "guest_admin")
MOVED = ("published", "narrow", "moved")
TARGETS = ("graded", "open", "below narrow")


def _works(act, **arguments) -> bool:
    with rolled_back():
        try:
            act(**arguments)
        except (PermissionDenied, Http404, ValidationError):
            return False
        return True


def test_code_and_document_let_the_same_people_move(edges):
    wrong = []
    for name in ACTING:
        for page in MOVED:
            for target in TARGETS:
                by = User.objects.get(pk=edges.people[name].pk)
                moved, place = edges._fresh(page), edges._fresh(target)
                done = _works(move_page, page=moved, target=place, by=by)
                if done != edges.model.may_move(name, page, target):
                    wrong.append((name, page, target))
    assert not wrong


def test_code_and_document_let_the_same_people_delete_and_bring_back(edges):
    wrong = []
    for name in ACTING:
        for page in ("published", "narrow", "graded", "moved narrow"):
            by = User.objects.get(pk=edges.people[name].pk)
            done = _works(trash_page, page=edges._fresh(page), by=by)
            if done != edges.model.may_trash(name, page):
                wrong.append((name, "delete", page))
        for page in ("branch", "thrown below opened", "of beta"):
            by = User.objects.get(pk=edges.people[name].pk)
            trash = Trash.objects.get(page_id=edges.pages[page].pk)
            if _works(restore_page, trash=trash, by=by) != (
                edges.model.may_restore(name, page)
            ):
                wrong.append((name, "restore", page))
    assert not wrong


def test_code_and_document_let_the_same_people_share(edges):
    for name, person in everybody(edges):
        for page, row in edges.model.pages.items():
            if row.decides and not edges.model.in_trash(page):
                root = PolicyRoot.objects.get(pk=edges.pages[page].pk)
                expected = edges.model.may_share(name, page)
                if not edges.model.people[name].operator:
                    assert may_share(person, root) == expected, (name, page)


def test_the_edges_are_there(edges):
    """The positive control: each of these would be empty if a call did nothing."""
    seen = {name: edges.model.visible(name) for name in edges.people}
    assert {"network", "by team"} & seen["again"] == {"network"}
    assert "closed" not in seen["left"] | seen["of_delta_and_host"]
    assert seen["closed"] == seen["lapsed"] == seen["closed_operator"] == set()
    assert "narrow" in edges.model.knows_of("admin") - seen["admin"]
    assert "narrow" not in edges.model.knows_of("editor") | seen["editor"]
    assert "below draft" in seen["guest"]
    assert "draft" in seen["editor"] - seen["guest"]
    assert "last day" in seen["guest"]
    assert "open" in seen["last_day"]
