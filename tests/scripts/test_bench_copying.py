"""An installation multiplied in the database is one that the services could have made."""

from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.models import Page

from accounts.models import User
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot
from knowledge.access.rule import visible_to
from knowledge.files.services import add_file
from knowledge.pages.models import ProjectPage
from scripts.bench.copying import multiply
from search import indexing
from search.checking import find_problems
from search.engines import registry
from search.models import SearchDocument
from tests.factories import make_article, make_project
from tests.search.asking import ask


def views(user: User) -> Counter[str]:
    """Count the pages of each title that a person may view."""
    fresh = User.objects.get(pk=user.pk)
    return Counter(
        visible_to(fresh, Page.objects.all()).values_list("title", flat=True)
    )


def times(counted: Counter[str], number: int) -> Counter[str]:
    return Counter({title: count * number for title, count in counted.items()})


@pytest.fixture
def indexed(world):
    indexing.drain_all()
    return world


def test_everybody_sees_the_same_titles_each_as_often_as_it_was_multiplied(indexed):
    people = [indexed.admin, indexed.member, indexed.guest, indexed.other_guest]
    before = [views(user) for user in people]
    assert before[0] != before[1] != before[2] != before[3]
    pages = Page.objects.filter(depth__gte=4).count()
    assert multiply(3) == pages * 2
    assert [views(user) for user in people] == [times(seen, 3) for seen in before]


def test_what_is_found_is_multiplied_as_well(indexed):
    multiply(3)
    assert ask(indexed.guest, "detail").total == 3
    assert ask(indexed.member, "secret").total == 0
    assert ask(indexed.admin, "secret").total == 3


def test_the_check_finds_no_document_that_differs_from_its_page(indexed):
    make_project(indexed.host, indexed.admin, "Nested", parent=indexed.open)
    indexing.drain_all()
    before = SearchDocument.objects.count()
    multiply(3)
    assert SearchDocument.objects.count() == before * 3
    assert find_problems(registry.postgres()) == {}
    assert indexing.waiting() == 0


@pytest.mark.search_engine
def test_elasticsearch_takes_over_what_was_multiplied(indexed, elastic):
    multiply(2)
    indexing.drain_all()
    engine = registry.elasticsearch()
    assert len(engine.summaries()) == SearchDocument.objects.count()
    assert find_problems(engine) == {}
    assert ask(indexed.guest, "detail").engine == "elasticsearch"


def test_the_tree_and_the_addresses_are_sound(indexed):
    multiply(4)
    assert Page.find_problems() == ([], [], [], [], [])
    for page in Page.objects.filter(depth__gte=4):
        above = page.get_parent()
        assert page.url_path == f"{above.url_path}{page.slug}/"
        assert page.slug.endswith(PageAccess.objects.get(page=page).public_id)


def test_a_copied_restriction_narrows_the_copy_that_it_stands_in(indexed):
    multiply(3)
    restrictions = PolicyRoot.objects.filter(kind=PolicyRoot.Kind.RESTRICTION)
    assert restrictions.count() == 3
    for root in restrictions:
        assert root.page.path.startswith(root.parent.page.path)
        assert root.page.path.startswith(root.project.page.path)


def test_a_copy_is_served_and_shared_by_itself(indexed, sign_in):
    multiply(2)
    copy = ProjectPage.objects.filter(title="Shared").order_by("pk").last()
    assert copy.pk != indexed.shared.pk
    assert sign_in(indexed.guest).get(f"/{copy.slug}/").status_code == 200
    GroupGrant.objects.filter(content_object_id=copy.pk).delete()
    assert views(indexed.guest)["Shared"] == 1
    assert sign_in(indexed.guest).get(f"/{copy.slug}/").status_code == 404


def test_pages_can_be_written_afterwards(indexed):
    multiply(3)
    make_project(indexed.host, indexed.admin, "After")
    make_article(indexed.open, indexed.admin, "After")
    assert views(indexed.admin)["After"] == 2


def test_files_are_refused_since_their_bytes_are_not_copied(indexed):
    upload = SimpleUploadedFile("list.txt", b"A list.")
    add_file(page=indexed.plan, upload=upload, by=indexed.admin)
    with pytest.raises(ValueError, match="files"):
        multiply(2)
