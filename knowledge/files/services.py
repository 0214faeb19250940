"""Writes of files: add, rename, replace, delete, bring back. Each asks the rule."""

import datetime
import hashlib
from collections import Counter
from io import BytesIO
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.audit import record
from accounts.models import User
from knowledge.access.models import PageAccess, PolicyRoot
from knowledge.access.roots import policy_root_for
from knowledge.access.rule import require
from knowledge.access.selectors import acting_organisation
from knowledge.files.content import IMAGE_TYPES, find_type
from knowledge.files.images import redraw, shrink
from knowledge.files.models import (
    ATTACHMENTS,
    RENDITIONS,
    Attachment,
    Rendition,
    new_file_id,
)
from knowledge.files.names import clean_name
from knowledge.files.signals import file_changed

CHUNK_BYTES = 1024 * 1024


class Checked(NamedTuple):
    """An upload that may be stored: its bytes and what was found in them."""

    data: File[bytes]
    facts: dict[str, Any]


def check_upload(upload: File[bytes], name: str) -> Checked:
    """Find out what an upload is; draw an image anew.

    Raises ValidationError when it is empty, too large, or a damaged or huge image.
    """
    size = upload.size or 0
    if not size:
        raise ValidationError(_("This file is empty."))
    if size > settings.FILES_MAX_BYTES:
        limit = filesizeformat(settings.FILES_MAX_BYTES)
        text = _("This file is larger than %(limit)s.")
        raise ValidationError(text % {"limit": limit})
    stream: IO[bytes] = upload.file if isinstance(upload.file, BytesIO) else upload
    content_type = find_type(stream, name)
    facts: dict[str, Any] = {
        "content_type": content_type,
        "width": None,
        "height": None,
    }
    if content_type in IMAGE_TYPES:
        picture = redraw(stream, content_type)
        upload = ContentFile(picture.data)
        facts |= {"width": picture.width, "height": picture.height}
    return Checked(upload, facts | {"size": upload.size, "sha256": sha256_of(upload)})


def sha256_of(file: File[bytes]) -> str:
    """Give the hash of a file's bytes and go back to its start."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks(CHUNK_BYTES):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _root_of(page_id: int) -> PolicyRoot:
    return PageAccess.objects.select_related("root").get(page_id=page_id).root


def _store(file: Attachment, data: File[bytes]) -> None:
    """Write the bytes, then the row; take the bytes back when the row is refused."""
    file.file.save(file.name, data, save=False)
    try:
        file.save()
    except BaseException:
        file.file.storage.delete(file.file.name or "")
        raise


def _tell(action: str, file: Attachment, by: User, **details: str) -> None:
    """Record for the owner and for the side that brought the file; tell the index."""
    record(
        action,
        by=by,
        organisation=_root_of(file.page_id).owner_id,
        other=file.organisation_id,
        target=file.public_id,
        page=file.page_id,
        name=file.name,
        **details,
    )
    file_changed.send(Attachment, file_id=file.pk)


@transaction.atomic
def add_file(
    *,
    page: Page,
    upload: File[bytes],
    by: User,
    name: str = "",
    public_id: str = "",
) -> Attachment:
    """Add a file to a page. `name` counts instead of the upload's own.

    `public_id` was drawn before by who had to write the address into a text first.

    Raises PermissionDenied, Http404, or ValidationError for an empty, too large or
    damaged file.
    """
    require(by, "upload", page)
    name = clean_name(name or upload.name or "")
    checked = check_upload(upload, name)
    file = Attachment(
        page_id=page.pk,
        public_id=public_id or new_file_id(),
        name=name,
        uploaded_by=by,
        organisation_id=acting_organisation(by, root=_root_of(page.pk)),
        **checked.facts,
    )
    _store(file, checked.data)
    _tell("file.add", file, by)
    return file


def _lock(file: Attachment, action: str, by: User) -> Attachment:
    require(by, action, file.page)
    return Attachment.objects.select_for_update().get(pk=file.pk)


@transaction.atomic
def rename_file(*, file: Attachment, name: str, by: User) -> Attachment:
    """Give a file another name; its address stays good.

    Raises PermissionDenied, Http404, or ValidationError for an empty name.
    """
    file = _lock(file, "upload", by)
    if not name.strip():
        raise ValidationError({"name": _("Give the file a name.")})
    was, file.name = file.name, clean_name(name)
    file.save(update_fields=["name"])
    _tell("file.rename", file, by, was=was)
    return file


@transaction.atomic
def replace_file(*, file: Attachment, upload: File[bytes], by: User) -> Attachment:
    """Put other bytes under a file's address. The former ones go to the deleted files.

    Raises as `add_file` does.
    """
    file = _lock(file, "upload", by)
    checked = check_upload(upload, file.name)
    former = Attachment(
        page_id=file.page_id,
        file=file.file.name,
        created=file.changed_at,
        deleted_at=timezone.now(),
        **{name: getattr(file, name) for name in _FACTS},
    )
    Rendition.objects.filter(attachment=file).delete()
    for name, value in checked.facts.items():
        setattr(file, name, value)
    file.uploaded_by = by
    file.organisation_id = acting_organisation(by, root=_root_of(file.page_id))
    file.replaced_at = timezone.now()
    _store(file, checked.data)
    former.save()
    _tell("file.replace", file, by, former=former.public_id)
    return file


_FACTS = (
    "name",
    "content_type",
    "size",
    "sha256",
    "width",
    "height",
    "uploaded_by_id",
    "organisation_id",
)


@transaction.atomic
def delete_file(*, file: Attachment, by: User) -> Attachment:
    """Take a file off its page; `restore_file` brings it back until it is purged.

    Raises PermissionDenied or Http404.
    """
    file = _lock(file, "delete", by)
    if file.deleted_at is None:
        file.deleted_at = timezone.now()
        file.save(update_fields=["deleted_at"])
        _tell("file.delete", file, by)
    return file


@transaction.atomic
def restore_file(*, file: Attachment, by: User) -> Attachment:
    """Bring a deleted file back to its page, under its old address.

    Raises PermissionDenied or Http404.
    """
    file = _lock(file, "delete", by)
    if file.deleted_at is not None:
        file.deleted_at = None
        file.save(update_fields=["deleted_at"])
        _tell("file.restore", file, by)
    return file


@transaction.atomic
def make_rendition(*, file: Attachment, spec: int) -> Rendition:
    """Make the small version of an image, or find it when it was made before.

    Of the picture that is there now: `file` may be older than its replacement, for which
    this has waited. Raises Http404 when it is gone.
    """
    present = Attachment.objects.select_for_update(of=("self",)).present()
    current = present.filter(pk=file.pk).first()
    if current is None:
        raise Http404
    file = current
    found = Rendition.objects.filter(attachment=file, spec=spec).first()
    if found is not None:
        return found
    with file.file.open("rb") as stored:
        data = shrink(stored, spec)
    rendition = Rendition(attachment=file, spec=spec)
    rendition.file.save("", ContentFile(data))
    return rendition


def note_operator_view(*, file: Attachment, by: User) -> None:
    """Record that an operator opened a file: operators see everything."""
    if by.is_superuser:
        record(
            "operator.view_file",
            by=by,
            organisation=_root_of(file.page_id).owner_id,
            target=file.public_id,
            page=file.page_id,
        )


@transaction.atomic
def purge_deleted(*, before: datetime.datetime) -> int:
    """Remove for good what was deleted before a moment. Returns the number of files."""
    doomed = Attachment.objects.select_for_update(of=("self",)).filter(
        deleted_at__lt=before
    )
    files = list(doomed.select_related("page"))
    owners = Counter(_owner_in_tree(file.page) for file in files)
    for owner_id, count in owners.items():
        record("file.purge", by=None, organisation=owner_id, files=count)
    ids = [file.pk for file in files]
    _total, by_model = Attachment.objects.filter(pk__in=ids).delete()
    return by_model.get("files.Attachment", 0)


def _owner_in_tree(page: Page) -> int | None:
    """Find whose page it is, also in the trash, where it has no access row."""
    root = policy_root_for(page)
    return root.owner_id if root else None


def find_orphans(*, before: datetime.datetime) -> list[str]:
    """List stored bytes without a row, written before a moment.

    They are left by a write that was rolled back, or by a crash between both.
    """
    known = set(Attachment.objects.values_list("file", flat=True))
    known |= set(Rendition.objects.values_list("file", flat=True))
    return [
        name
        for folder in (ATTACHMENTS, RENDITIONS)
        for name in _stored_below(folder)
        if name not in known and default_storage.get_modified_time(name) < before
    ]


def remove_orphans(names: list[str]) -> None:
    """Remove stored bytes that `find_orphans` named."""
    for name in names:
        default_storage.delete(name)


def _stored_below(folder: str) -> list[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    found = [f"{folder}/{name}" for name in files]
    for inner in folders:
        found += _stored_below(f"{folder}/{inner}")
    return found
