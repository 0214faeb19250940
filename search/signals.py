"""Listen to what changes below, inside the transaction of the change."""

from typing import Any

from django.db.models.signals import post_delete
from wagtail.models import Page
from wagtail.signals import page_unpublished

from knowledge.access.signals import access_changed
from knowledge.demo.signals import demo_loaded
from knowledge.files.signals import file_changed
from knowledge.pages.signals import page_changed, subtree_changed
from search.demo import add_searches
from search.services import note_file, note_page, note_subtree


def on_page_changed(*, page_id: int, **_kwargs: Any) -> None:
    """Index the new published text."""
    note_page(page_id=page_id)


def on_page_gone(*, instance: Page, **_kwargs: Any) -> None:
    """Forget a page that was deleted for good or is published no more."""
    note_page(page_id=instance.pk, barrier=True)


def on_file_changed(*, file_id: int, **_kwargs: Any) -> None:
    """Index a file anew, or forget it."""
    note_file(file_id=file_id)


def on_subtree_changed(*, path: str, new_path: str, **_kwargs: Any) -> None:
    """Index moved and restored pages anew, forget trashed ones."""
    note_subtree(path=path, new_path=new_path)


def on_access_changed(*, path: str = "", **_kwargs: Any) -> None:
    """Index pages that hang on another root now. Grants are not in the index."""
    if path:
        note_subtree(path=path, new_path=path)


def connect() -> None:
    """Connect all of them, once, when the app is ready."""
    page_changed.connect(on_page_changed)
    subtree_changed.connect(on_subtree_changed)
    access_changed.connect(on_access_changed)
    file_changed.connect(on_file_changed)
    demo_loaded.connect(add_searches)
    page_unpublished.connect(on_page_gone)
    post_delete.connect(on_page_gone, sender=Page)
