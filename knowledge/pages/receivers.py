"""What this app hears from Wagtail."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.models import Revision, get_default_page_content_type

from knowledge.pages.models import RevisionNote


@receiver(post_save, sender=Revision)
def give_public_id(instance: Revision, created: bool, **_kwargs: Any) -> None:
    """Give every revision of a page its note, by whatever way it came to be.

    It begins as a draft; the services say more. `bulk.create_articles` sends no signal
    and writes its notes itself.
    """
    if created and instance.base_content_type_id == _page_type_id():
        RevisionNote.objects.create(revision=instance)


def _page_type_id() -> int:
    """Give what Wagtail knows the revisions of pages by. Django keeps it in memory."""
    key: int = get_default_page_content_type().pk
    return key
