"""`manage.py check_access` finds and mends what disagrees with the tree."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from knowledge.access.models import PageAccess, PolicyRoot
from tests.factories import root_of, sees


def run(*args) -> tuple[dict, int]:
    out = StringIO()
    code = 0
    try:
        call_command("check_access", *args, stdout=out)
    except SystemExit as stop:
        code = stop.code
    return json.loads(out.getvalue().splitlines()[-1])["check_access"], code


def test_a_sound_tree_has_no_problems(world):
    figures, code = run()
    assert (figures["problems"], code) == (0, 0)
    assert figures["pages"] == PageAccess.objects.count() == 6


def break_row(world):
    PageAccess.objects.filter(page_id=world.prices.pk).update(
        root=root_of(world.shared)
    )


def break_missing(world):
    PageAccess.objects.filter(page_id=world.detail.pk).delete()


def break_public_id(world):
    PageAccess.objects.filter(page_id=world.plan.pk).update(public_id="zzzzzzzz")


def break_parent(world):
    other = PolicyRoot.objects.get(pk=world.closed.pk)
    PolicyRoot.objects.filter(pk=world.prices.pk).update(parent=other, project=other)


def break_owner(world):
    PolicyRoot.objects.filter(pk=world.prices.pk).update(owner=world.noord)


@pytest.mark.parametrize(
    "damage", [break_row, break_missing, break_public_id, break_parent, break_owner]
)
def test_damage_is_found_and_mended(world, damage):
    damage(world)
    assert run() == ({"pages": PageAccess.objects.count(), "problems": 1, "left": 1}, 1)
    figures, code = run("--mend")
    assert (figures["problems"], figures["left"], code) == (1, 0, 0)
    assert "Prices" not in sees(world.guest)
    assert {"Shared", "Plan", "Detail"} <= sees(world.guest)
    assert run()[0]["problems"] == 0
