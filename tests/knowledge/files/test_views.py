"""The doors to files: what is hidden does not exist, what is hostile does not run."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge.access.models import Trash
from knowledge.access.services import withdraw_grant
from knowledge.files.models import Attachment
from knowledge.files.services import add_file, delete_file
from tests.factories import make_person, root_of
from tests.knowledge.files import samples

JSON = {"HTTP_ACCEPT": "application/json"}
MISSING = "2" * 16


class Reader(Client):
    """Reads every answer to its end, as a browser does, and keeps its bytes."""

    def request(self, **request):
        answer = super().request(**request)
        if answer.streaming:
            answer.read = b"".join(answer.streaming_content)
        return answer


def sign_in(user) -> Client:
    client = Reader()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def same_bytes(one, other) -> bool:
    names = set(one.headers) | set(other.headers)
    headers = all(one.headers.get(name) == other.headers.get(name) for name in names)
    return (
        one.status_code == other.status_code
        and headers
        and (one.content == other.content)
    )


def add(world, data: bytes, name: str) -> Attachment:
    return add_file(
        page=world.plan, upload=ContentFile(data, name=name), by=world.admin
    )


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("rest", ["plan.png", "thumb/400", "thumb/800", "thumb/123"])
def test_hidden_and_missing_are_the_same_bytes(world, secret, method, rest):
    client = sign_in(world.guest)
    hidden = getattr(client, method)(f"/files/{secret.public_id}/{rest}")
    missing = getattr(client, method)(f"/files/{MISSING}/{rest}")
    assert hidden.status_code == 404
    assert same_bytes(hidden, missing)


def test_a_range_of_a_hidden_file_is_not_answered(world, secret):
    url = secret.get_absolute_url()
    answer = sign_in(world.guest).get(url, headers={"range": "bytes=0-3"})
    assert answer.status_code == 404
    assert "Accept-Ranges" not in answer.headers


@pytest.mark.parametrize("act", ["rename", "replace", "delete", "restore"])
def test_hidden_files_cannot_be_acted_on(world, secret, act):
    client = sign_in(world.guest)
    page = world.prices.slug
    hidden = client.post(f"/{page}/files/{secret.public_id}/{act}", {"name": "x"})
    missing = client.post(f"/{page}/files/{MISSING}/{act}", {"name": "x"})
    assert hidden.status_code == 404
    assert same_bytes(hidden, missing)


def test_a_file_is_reached_only_by_the_address_of_its_own_page(world, picture):
    client = sign_in(world.admin)
    url = f"/{world.open.slug}/files/{picture.public_id}/delete"
    assert client.post(url).status_code == 404
    picture.refresh_from_db()
    assert picture.deleted_at is None


def test_panel_and_upload_of_a_hidden_page_are_404(world):
    client = sign_in(world.guest)
    hidden = client.get(f"/{world.prices.slug}/files")
    missing = client.get("/prices-22222222/files")
    assert hidden.status_code == 404
    assert same_bytes(hidden, missing)
    upload = {"file": SimpleUploadedFile("a.txt", b"a")}
    assert client.post(f"/{world.prices.slug}/files/", upload).status_code == 404


def test_strangers_are_sent_to_sign_in(db, picture, client):
    answer = client.get(picture.get_absolute_url())
    other = client.get(f"/files/{MISSING}/plan.png")
    assert answer.status_code == other.status_code == 302


def test_a_reader_gets_the_picture(world, picture):
    client = sign_in(world.guest)
    answer = client.get(picture.get_absolute_url())
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store, private"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.read.startswith(b"\x89PNG")
    small = client.get(f"/files/{picture.public_id}/thumb/400")
    assert small["Content-Type"] == "image/webp"
    assert client.get(f"/files/{picture.public_id}/thumb/401").status_code == 404


def test_head_tells_the_size_and_sends_nothing(world, picture):
    answer = sign_in(world.guest).head(picture.get_absolute_url())
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(picture.size)
    assert answer.content == b""


def test_a_renamed_file_answers_at_its_old_address(world, picture):
    assert (
        sign_in(world.guest).get(f"/files/{picture.public_id}/old").status_code == 200
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.HTML, "page.html"),
        (samples.HTML, "page.png"),
        (samples.SVG, "drawing.svg"),
        (b"just text", "a.txt"),
        (samples.zipped("a"), "a.zip"),
    ],
)
def test_what_could_run_is_only_ever_saved(world, data, name):
    file = add(world, data, name)
    answer = sign_in(world.guest).get(file.get_absolute_url())
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] not in {"text/html", "image/svg+xml"}
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_pdf_opens_in_the_browser(world):
    answer = sign_in(world.guest).get(
        add(world, samples.PDF, "a.pdf").get_absolute_url()
    )
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert "script-src" not in answer["Content-Security-Policy"]


def test_a_name_cannot_write_headers(world):
    file = add(world, b"text", 'a"\r\nX-Evil: 1; filename="b.html.txt')
    answer = sign_in(world.guest).get(file.get_absolute_url())
    assert "X-Evil" not in answer.headers
    assert answer["Content-Disposition"].count("filename") <= 2


def test_the_web_server_sends_the_bytes_when_it_is_told_to(world, picture, settings):
    settings.FILES_ACCEL_PREFIX = "/_internal/"
    answer = sign_in(world.guest).get(picture.get_absolute_url())
    assert answer["X-Accel-Redirect"] == f"/_internal/{picture.file.name}"
    assert answer.content == b""


@pytest.mark.parametrize("prefix", ["/_private/", "/media/", "/files/", "/"])
def test_no_address_leads_to_the_storage(world, picture, prefix):
    answer = sign_in(world.admin).get(f"{prefix}{picture.file.name}", follow=True)
    assert answer.status_code == 404


def test_a_withdrawal_holds_at_the_next_request(world, picture):
    client = sign_in(world.guest)
    urls = [picture.get_absolute_url(), f"/files/{picture.public_id}/thumb/400"]
    assert [client.get(url).status_code for url in urls] == [200, 200]
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    assert [client.get(url).status_code for url in urls] == [404, 404]


def test_the_editor_gets_markdown(world):
    upload = {"file": SimpleUploadedFile("plan.png", samples.png())}
    answer = sign_in(world.guest).post(f"/{world.plan.slug}/files/", upload, **JSON)
    file = Attachment.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "markdown": f"![plan.png](/files/{file.public_id}/plan.png)",
        "name": "plan.png",
        "url": f"/files/{file.public_id}/plan.png",
    }
    assert (file.uploaded_by, file.organisation) == (world.guest, world.meridian)


@pytest.mark.parametrize("files", [{}, {"file": SimpleUploadedFile("a.png", b"")}])
def test_the_editor_is_told_what_is_wrong(world, files):
    answer = sign_in(world.guest).post(f"/{world.plan.slug}/files/", files, **JSON)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_form_adds_several_and_says_which_failed(world):
    good = SimpleUploadedFile("good.txt", b"x")
    bad = SimpleUploadedFile("bad.txt", b"")
    client = sign_in(world.guest)
    answer = client.post(f"/{world.plan.slug}/files/", {"file": [good, bad]})
    assert answer.status_code == 422
    assert "bad.txt" in answer.content.decode()
    assert [file.name for file in Attachment.objects.all()] == ["good.txt"]


def test_cross_site_posts_are_refused(world, picture):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        world.admin, "allauth.account.auth_backends.AuthenticationBackend"
    )
    url = f"/{world.plan.slug}/files/{picture.public_id}/delete"
    assert client.post(url).status_code == 403


def test_rename_replace_delete_and_restore_by_forms(world, picture):
    client = sign_in(world.guest)
    base = f"/{world.plan.slug}/files/{picture.public_id}"
    page = client.post(f"{base}/rename", {"name": "Ground floor.png"}, follow=True)
    assert "Ground floor.png" in page.content.decode()
    data = {"file": SimpleUploadedFile("new.txt", b"new")}
    assert client.post(f"{base}/replace", data).status_code == 302
    page = client.post(f"{base}/delete", follow=True).content.decode()
    assert f"{base}/restore" in page
    client.post(f"{base}/restore")
    picture.refresh_from_db()
    assert (picture.deleted_at, picture.size) == (None, 3)


def test_a_refused_name_stays_in_the_form(world, picture):
    client = sign_in(world.guest)
    url = f"/{world.plan.slug}/files/{picture.public_id}/rename"
    typed = "much " * 40
    answer = client.post(url, {"name": typed})
    assert answer.status_code == 422
    assert typed.strip() in answer.content.decode()


def test_readers_get_no_buttons(world):
    add_file(page=world.open, upload=ContentFile(b"x", "a.txt"), by=world.admin)
    page = sign_in(world.member).get(f"/{world.open.slug}/files").content.decode()
    assert "a.txt" in page
    assert "/delete" not in page
    assert 'type="file"' not in page


def test_a_deleted_file_is_404_even_for_its_owner(world, picture):
    delete_file(file=picture, by=world.admin)
    answer = sign_in(world.admin).get(picture.get_absolute_url())
    assert answer.status_code == 404
    assert not Trash.objects.exists()


def test_an_operator_is_recorded(world, picture, django_user_model):
    operator = make_person("Otto Operator")
    operator.is_superuser = True
    operator.save()
    assert sign_in(operator).get(picture.get_absolute_url()).status_code == 200
    assert operator.audit_events.filter(target=picture.public_id).count() == 1


def test_queries_do_not_grow_with_files(world, django_assert_max_num_queries):
    for number in range(30):
        add(world, b"text", f"{number}.txt")
    client = sign_in(world.guest)
    client.get(f"/{world.plan.slug}/files")
    with django_assert_max_num_queries(12):
        assert client.get(f"/{world.plan.slug}/files").status_code == 200
    file = Attachment.objects.first()
    with django_assert_max_num_queries(8):
        client.get(file.get_absolute_url())
