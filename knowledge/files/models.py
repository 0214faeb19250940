"""Files of pages, and the small versions of images."""

import secrets
from typing import Any, Self
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from accounts.models import Organisation
from accounts.public_ids import new_public_id
from knowledge.files.content import IMAGE_TYPES, INLINE_TYPES
from knowledge.files.names import MAX_NAME_CHARS

ATTACHMENTS = "attachments"
RENDITIONS = "renditions"


def new_file_id() -> str:
    """Draw the public id of a file (twice a page's, about 76 bits)."""
    return new_public_id() + new_public_id()


def _storage_name(folder: str) -> str:
    """Draw a name in the storage. Nothing of the file's name or page is in it."""
    drawn = secrets.token_hex(16)
    return f"{folder}/{drawn[:2]}/{drawn}"


def address_of(public_id: str, name: str) -> str:
    """Give the address of a file as it stands in a text, where `)` would end it."""
    return f"/files/{public_id}/{quote(name, safe='')}"


def attachment_path(_instance: models.Model, _name: str) -> str:
    """Say where the bytes of an upload go."""
    return _storage_name(ATTACHMENTS)


def rendition_path(_instance: models.Model, _name: str) -> str:
    """Say where the bytes of a small version go."""
    return _storage_name(RENDITIONS)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Files by their state."""

    def present(self) -> Self:
        """Keep those that nobody deleted."""
        return self.filter(deleted_at=None)

    def deleted(self) -> Self:
        """Keep those that were deleted and can come back."""
        return self.filter(deleted_at__isnull=False)


class Attachment(models.Model):
    """A document or image that belongs to a page and is seen by who sees the page.

    `content_type` was found in the bytes, never taken from the name or the browser.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="attachments")
    public_id = models.CharField(max_length=16, unique=True, default=new_file_id)
    name = models.CharField(_("name"), max_length=MAX_NAME_CHARS)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text=_("In bytes."))
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, help_text=_("In pixels."))
    height = models.PositiveIntegerField(null=True, help_text=_("In pixels."))
    file = models.FileField(upload_to=attachment_path)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False, db_index=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Give the address of the original."""
        return reverse("file_original", args=[self.public_id, self.name])

    @property
    def is_image(self) -> bool:
        """Say whether the file can stand in a text as a picture."""
        return self.content_type in IMAGE_TYPES

    @property
    def is_inline(self) -> bool:
        """Say whether a browser may show the file instead of saving it."""
        return self.content_type in INLINE_TYPES

    @property
    def changed_at(self) -> Any:
        """Give the moment at which these bytes came."""
        return self.replaced_at or self.created

    @property
    def markdown(self) -> str:
        """Give the Markdown that shows or links the file."""
        label = "".join(f"\\{c}" if c in "\\[]`*_<>!" else c for c in self.name)
        url = address_of(self.public_id, self.name)
        return f"{'!' if self.is_image else ''}[{label}]({url})"


class Rendition(models.Model):
    """A small version of an image, made when it is first asked for."""

    class Spec(models.IntegerChoices):
        """The widths that exist, in pixels. A closed list: nobody can fill the disk."""

        SMALL = 400
        LARGE = 800

    attachment = models.ForeignKey(
        Attachment, on_delete=models.CASCADE, related_name="renditions"
    )
    spec = models.PositiveSmallIntegerField(choices=Spec)
    file = models.FileField(upload_to=rendition_path)

    class Meta:
        verbose_name = _("small version")
        verbose_name_plural = _("small versions")
        constraints = (
            models.UniqueConstraint(
                fields=("attachment", "spec"), name="rendition_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.attachment_id} {self.spec}"
