"""What people do with files, and how an act is tried: see `acts.py`."""

import io
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404
from PIL import Image

from knowledge.files.models import Attachment
from knowledge.files.services import (
    add_file,
    delete_file,
    purge_deleted,
    rename_file,
    replace_file,
    restore_file,
)
from tests.oracle import model
from tests.oracle.world import StoredFile, World

T = TypeVar("T")


def _pixels() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (500, 300), "teal").save(buffer, "PNG")
    return buffer.getvalue()


PIXELS = _pixels()


class Filing(World):
    """A world in which people have files on pages."""

    def attempt(self, allowed: bool, act: Callable[[], T]) -> T | None:
        """Do something that the document allows or not. None = it was not done."""
        try:
            with transaction.atomic():
                result = act()
        except (Http404, PermissionDenied):
            assert not allowed, f"refused what is allowed: {self.log[-1:]}"
            return None
        except ValidationError:
            return None
        assert allowed, f"done though it is not allowed: {self.log[-1:]}"
        return result

    # --- Files --------------------------------------------------------------------------

    def upload(self, by: str, name: str, page: str, *, picture: bool) -> None:
        """Add a file to a page."""
        word, content = self.word(page, "file name"), self.word(page, "file content")
        upload = _upload(word, content, picture=picture)
        file = self.attempt(
            self.model.may(by, "upload", page),
            lambda: add_file(page=self.page(page), upload=upload, by=self.person(by)),
        )
        if file is not None:
            self.files[name] = StoredFile(page, file.public_id, file.pk, word, content)
            self._file(name).words = {word} if picture else {word, content}

    def rename(self, by: str, name: str) -> None:
        """Give a file another name."""
        stored = self.files[name]
        word = self.word(stored.page, "file name")
        done = self.attempt(
            self.model.may(by, "upload", stored.page),
            lambda: rename_file(
                file=self._attachment(name), name=f"{word}.txt", by=self.person(by)
            ),
        )
        if done is not None:
            self._file(name).words ^= {stored.name, word}
            stored.name = word

    def replace(self, by: str, name: str) -> None:
        """Put other bytes under a file's address."""
        stored = self.files[name]
        content = self.word(stored.page, "file content")
        done = self.attempt(
            self.model.may(by, "upload", stored.page),
            lambda: replace_file(
                file=self._attachment(name),
                upload=_upload(stored.name, content, picture=False),
                by=self.person(by),
            ),
        )
        if done is not None:
            former = model.File(self._file(name).words, deleted=True)
            self.model.pages[stored.page].files[f"{name} {self.step}"] = former
            self._file(name).words = {stored.name, content}
            stored.content = content

    def delete(self, by: str, name: str) -> None:
        """Take a file off its page."""
        done = self.attempt(
            self.model.may(by, "delete", self.files[name].page),
            lambda: delete_file(file=self._attachment(name), by=self.person(by)),
        )
        if done is not None:
            self._file(name).deleted = True

    def undelete(self, by: str, name: str) -> None:
        """Bring a deleted file back."""
        done = self.attempt(
            self.model.may(by, "delete", self.files[name].page),
            lambda: restore_file(file=self._attachment(name), by=self.person(by)),
        )
        if done is not None:
            self._file(name).deleted = False

    def purge(self) -> None:
        """Remove for good what was deleted before."""
        purge_deleted(before=self.now())
        for name in [name for name in self.files if self._file(name).deleted]:
            del self.files[name]
        for row in self.model.pages.values():
            row.files = {k: file for k, file in row.files.items() if not file.deleted}

    def _attachment(self, name: str) -> Attachment:
        return Attachment.objects.select_related("page").get(pk=self.files[name].pk)

    def _file(self, name: str) -> model.File:
        files = self.model.pages[self.files[name].page].files
        return files.setdefault(name, model.File(set()))


def _upload(word: str, content: str, *, picture: bool) -> ContentFile:
    if picture:
        return ContentFile(PIXELS, name=f"{word}.png")
    return ContentFile(f"content {content}".encode(), name=f"{word}.txt")
