"""Remove the bytes of rows that are gone, when it is sure that they are gone."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from knowledge.files.models import Attachment, Rendition


@receiver(post_delete, sender=Attachment)
@receiver(post_delete, sender=Rendition)
def remove_bytes(instance: Attachment | Rendition, **_kwargs: Any) -> None:
    """Delete the stored file on commit. Also heard when a page takes its files along."""
    name = instance.file.name or ""
    transaction.on_commit(partial(instance.file.storage.delete, name), robust=True)
