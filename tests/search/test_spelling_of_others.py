"""What is proposed for a mistyped word is written as in what the asker may view."""

import pytest
from django.core.files.base import ContentFile

from knowledge.files.services import add_file, delete_file
from tests.factories import make_article, make_project
from tests.search.asking import ask
from tests.support.indices import bring_up_to_date


@pytest.mark.parametrize("is_hidden_there", [False, True])
@pytest.mark.parametrize(
    ("own", "hidden", "typed"),
    [
        ("fàlcon", "falcon", "falcxon"),
        ("hafenstraße", "hafenstrasse", "hafenstraxsse"),
        ("falcon", "fàlcon", "falcxon"),
    ],
)
def test_how_a_word_is_written_in_hidden_pages_changes_no_proposal(
    world, own, hidden, typed, is_hidden_there
):
    """The dictionary holds both spellings; only one stands in what the guest sees."""
    make_project(world.meridian, world.guest, "Own", body=f"About {own.title()}.")
    if is_hidden_there:
        make_article(world.closed, world.admin, "Top", body=f"About {hidden}.")
    bring_up_to_date()
    assert ask(world.guest, typed).better == own


def test_a_word_of_a_deleted_file_is_not_proposed_before_the_worker_comes(world):
    upload = ContentFile(b"The zandbanken lie here.", name="notes.txt")
    file = add_file(page=world.plan, upload=upload, by=world.admin)
    bring_up_to_date()
    assert ask(world.guest, "zandbankem").better == "zandbanken"
    delete_file(file=file, by=world.admin)
    assert ask(world.guest, "zandbanken").total == 0
    assert ask(world.guest, "zandbankem").better == ""
