"""One world with more people and teams than most tests need."""

from tests.factories import (
    World,
    make_person,
    make_project,
)


class Stage:
    """Three organisations with a team each, five people, two projects, four articles."""

    def __init__(self) -> None:
        self.world = world = World()
        self.organisations = [world.host, world.meridian, world.noord]
        self.people = [
            world.admin, world.manager, world.member, world.guest, world.other_guest
        ]  # fmt: skip
        boss = make_person("Boss", world.noord, "admin", sponsor=world.admin)
        theirs = make_project(world.noord, boss, "Theirs")
        inner = make_project(world.host, world.admin, "Inner", parent=world.shared)
        self.projects = [world.shared, theirs, inner]
        # Restricted from the top down: the second lies below the first.
        self.articles = [world.plan, world.detail]
