"""A world with a file on a page of the shared project."""

import pytest
from django.core.files.base import ContentFile

from knowledge.files.services import add_file
from tests.knowledge.files.samples import png


@pytest.fixture
def picture(world):
    upload = ContentFile(png(900, 600), name="plan.png")
    return add_file(page=world.plan, upload=upload, by=world.admin)


@pytest.fixture
def secret(world):
    """A picture on a page that only the host's admin sees."""
    upload = ContentFile(png(900, 600), name="prices.png")
    return add_file(page=world.prices, upload=upload, by=world.admin)
