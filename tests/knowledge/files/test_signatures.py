"""Who may know who added a file: the same people who may know who wrote a page."""

import itertools

import pytest
from django.core.files.base import ContentFile

from knowledge.access.rule import forget
from knowledge.access.selectors import known_ids
from knowledge.access.services import withdraw_grant
from knowledge.access.signatures import sign
from knowledge.files.selectors import files_of
from knowledge.files.services import add_file
from knowledge.files.signatures import signed
from tests.factories import root_of, share

NEUTRAL = "Somebody who no longer takes part"


def add(world, by, name: str):
    return add_file(page=world.plan, upload=ContentFile(b"x", name), by=by)


@pytest.fixture
def past_partner(world):
    """A person of Noord who added a file while Noord took part, which it does no more."""
    share(world.shared, world.noord, 3, world.admin)
    forget(world.other_guest)
    add(world, world.other_guest, "theirs.txt")
    withdraw_grant(root=root_of(world.shared), subject=world.noord, by=world.admin)
    forget(world.other_guest)
    return world.other_guest


def shown_to(world, user, sign_in) -> str:
    answer = sign_in(user).get(f"/{world.plan.slug}/files")
    assert "theirs.txt" in answer.content.decode()
    return answer.content.decode()


def test_a_guest_does_not_learn_of_a_third_organisation(world, past_partner, sign_in):
    page = shown_to(world, world.guest, sign_in)
    assert past_partner.name not in page
    assert past_partner.initials not in page
    assert world.noord.name not in page
    assert NEUTRAL in page


@pytest.mark.parametrize("reader", ["admin", "member"])
def test_the_owner_knows_who_added_files(world, past_partner, sign_in, reader):
    page = shown_to(world, getattr(world, reader), sign_in)
    assert past_partner.name in page
    assert NEUTRAL not in page


def test_a_person_without_organisation_knows_the_own_name(world, sign_in):
    file = add(world, world.guest, "theirs.txt")
    file.organisation = None
    file.save()
    assert NEUTRAL not in shown_to(world, world.guest, sign_in)


def test_a_deleted_account_has_no_name(world, sign_in):
    file = add(world, world.admin, "theirs.txt")
    file.uploaded_by = file.organisation = None
    file.save()
    assert NEUTRAL in shown_to(world, world.admin, sign_in)


def test_files_and_pages_name_the_same_people(world, past_partner):
    for by in (world.admin, world.guest):
        add(world, by, f"of {by.name}.txt")
    readers = [world.admin, world.member, world.guest]
    files = list(files_of(world.admin, world.plan))
    for user, file in itertools.product(readers, files):
        as_page = sign(
            user,
            person=file.uploaded_by,
            organisation=file.organisation,
            owner_id=world.host.pk,
            known=known_ids(user),
        )
        as_file = signed(user, world.plan, [file])[0]
        assert (as_file.person, as_file.organisation) == (
            as_page.person,
            as_page.organisation,
        )
