"""Adding, changing and removing files."""

import datetime
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.http import Http404
from django.utils import timezone
from PIL import Image

from accounts.models import AuditEvent
from knowledge.files import selectors, services
from knowledge.files.models import Attachment, Rendition
from knowledge.files.signals import file_changed
from knowledge.pages.services_structure import trash_page
from tests.knowledge.files import samples


def upload(data: bytes, name: str = "a.bin") -> ContentFile:
    return ContentFile(data, name=name)


def stored(file: Attachment) -> bytes:
    with file.file.open("rb") as opened:
        return opened.read()


@pytest.mark.parametrize(
    "data",
    [
        samples.jpeg_with_exif(),
        samples.jpeg_with_exif(orientation=6),
        samples.png(text=samples.CANARY),
        samples.animated_gif(),
        samples.webp_with_exif(),
    ],
)
def test_nothing_but_pixels_survives(world, data):
    data += b"<script>alert('polyglot')</script>"
    file = services.add_file(page=world.plan, upload=upload(data), by=world.admin)
    kept = stored(file)
    assert samples.CANARY.encode() not in kept
    assert b"polyglot" not in kept
    with Image.open(BytesIO(kept)) as image:
        assert not image.getexif()
        assert (image.width, image.height) == (file.width, file.height)


def test_a_turned_photo_is_stored_upright(world):
    data = samples.jpeg_with_exif(40, 30, orientation=6)
    file = services.add_file(page=world.plan, upload=upload(data), by=world.admin)
    assert (file.width, file.height) == (30, 40)


def test_an_animation_keeps_moving(world):
    data = samples.animated_gif(3)
    file = services.add_file(page=world.plan, upload=upload(data), by=world.admin)
    with Image.open(BytesIO(stored(file))) as image:
        assert image.n_frames == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        samples.bomb_png(),
        samples.png()[:60],
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        b"GIF89a" + b"\xff" * 40,
        b"\xff\xd8\xff" + b"\x00" * 40,
        b"RIFF....WEBP" + b"\x01" * 40,
    ],
)
def test_empty_damaged_and_huge_images_are_refused(world, data):
    with pytest.raises(ValidationError):
        services.add_file(page=world.plan, upload=upload(data), by=world.admin)
    assert not Attachment.objects.exists()


def test_the_limit_is_in_bytes_and_inclusive(world, settings):
    settings.FILES_MAX_BYTES = 10
    services.add_file(page=world.plan, upload=upload(b"x" * 10), by=world.admin)
    with pytest.raises(ValidationError):
        services.add_file(page=world.plan, upload=upload(b"x" * 11), by=world.admin)


def test_51_megabytes_are_too_many(world, tmp_path):
    sparse = tmp_path / "large"
    with sparse.open("wb") as handle:
        handle.truncate(51 * 1024 * 1024)
    with sparse.open("rb") as handle, pytest.raises(ValidationError):
        services.add_file(
            page=world.plan, upload=services.File(handle, "large"), by=world.admin
        )


def test_who_may_only_view_adds_nothing(world):
    with pytest.raises(PermissionDenied):
        services.add_file(page=world.open, upload=upload(b"x"), by=world.member)
    with pytest.raises(Http404):
        services.add_file(page=world.prices, upload=upload(b"x"), by=world.guest)


def test_each_act_is_told_and_recorded(world, picture):
    heard = []

    def hear(file_id, **_kwargs):
        heard.append(file_id)

    file_changed.connect(hear)
    try:
        services.rename_file(file=picture, name="../new.png", by=world.guest)
        services.replace_file(file=picture, upload=upload(b"text"), by=world.guest)
        services.delete_file(file=picture, by=world.guest)
        services.restore_file(file=picture, by=world.guest)
    finally:
        file_changed.disconnect(hear)
    assert heard == [picture.pk] * 4
    events = AuditEvent.objects.filter(target=picture.public_id).order_by("pk")
    assert list(events.values_list("action", flat=True)) == [
        "file.add",
        "file.rename",
        "file.replace",
        "file.delete",
        "file.restore",
    ]
    picture.refresh_from_db()
    assert (picture.name, picture.content_type) == ("new.png", "text/plain")


def test_a_replaced_file_can_be_had_back(world, picture):
    before = stored(picture)
    services.make_rendition(file=picture, spec=400)
    services.replace_file(file=picture, upload=upload(b"new"), by=world.admin)
    former = selectors.deleted_files_of(world.admin, world.plan).get()
    assert stored(former) == before
    assert not Rendition.objects.exists()
    services.restore_file(file=former, by=world.admin)
    assert selectors.files_of(world.admin, world.plan).count() == 2


def test_a_deleted_file_is_gone_for_readers(world, picture):
    services.delete_file(file=picture, by=world.admin)
    with pytest.raises(Http404):
        selectors.get_file(world.admin, picture.public_id)
    assert not selectors.files_of(world.admin, world.plan).exists()
    # Whoever may only view does not learn what was deleted either.
    assert not selectors.deleted_files_of(world.other_guest, world.plan).exists()


def test_a_page_in_the_trash_hides_its_files(world, picture):
    trash_page(page=world.plan, by=world.admin)
    with pytest.raises(Http404):
        selectors.get_file(world.admin, picture.public_id)


def test_deleting_a_page_for_good_deletes_the_bytes(
    world, picture, django_capture_on_commit_callbacks
):
    rendition = services.make_rendition(file=picture, spec=400)
    names = [picture.file.name, rendition.file.name]
    with django_capture_on_commit_callbacks(execute=True):
        world.plan.delete()
        assert all(default_storage.exists(name) for name in names)
    assert not any(default_storage.exists(name) for name in names)


def test_a_small_version_is_made_once_and_never_larger(world, picture):
    first = services.make_rendition(file=picture, spec=400)
    assert services.make_rendition(file=picture, spec=400) == first
    with first.file.open("rb") as handle, Image.open(handle) as image:
        assert (image.format, image.width, image.height) == ("WEBP", 400, 267)
    tiny = services.add_file(
        page=world.plan, upload=upload(samples.png(30, 20)), by=world.admin
    )
    rendition = services.make_rendition(file=tiny, spec=800)
    with rendition.file.open("rb") as handle, Image.open(handle) as image:
        assert image.width == 30


def test_clean_files_removes_what_nobody_can_see(
    world, picture, secret, django_capture_on_commit_callbacks, capsys
):
    orphan = default_storage.save("attachments/aa/orphan", ContentFile(b"x"))
    services.delete_file(file=secret, by=world.admin)
    month_ago = timezone.now() - datetime.timedelta(days=31)
    Attachment.objects.filter(pk=secret.pk).update(deleted_at=month_ago)
    call_command("clean_files", "--hours=0", "--dry-run")
    assert "would remove 1 deleted files, 1 orphans" in capsys.readouterr().out
    assert default_storage.exists(orphan)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("clean_files", "--hours=0")
    assert "removed 1 deleted files, 1 orphans" in capsys.readouterr().out
    assert not default_storage.exists(orphan)
    assert not default_storage.exists(secret.file.name)
    assert default_storage.exists(picture.file.name)


def test_storage_names_tell_nothing(picture):
    assert "plan" not in picture.file.name
    assert picture.public_id not in picture.file.name


def test_markdown_survives_a_hostile_name(world):
    name = "a](javascript:alert(1)) `b`.txt"
    file = services.add_file(
        page=world.plan, upload=upload(b"text", name), by=world.admin
    )
    label, _, address = file.markdown.rpartition("](")
    assert address.startswith(f"/files/{file.public_id}/")
    assert "(" not in address
    assert address.count(")") == 1
    assert "\\]" in label
