"""A page by a hostile author, and hostile uploads, in a real browser: nothing happens.

Everything that leaves for another host is refused here and written down.
"""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge.files.models import address_of
from knowledge.files.services import add_file
from tests.factories import make_article
from tests.knowledge.files import samples
from tests.knowledge.markup.attacks import ATTACKS

pytestmark = pytest.mark.browser

BEACONS = """
![one](https://evil.example/pixel.png)
![two](//evil.example/pixel.png)
<img src="https://evil.example/x.png"> <img srcset="https://evil.example/y.png 2x">
<link rel="stylesheet" href="https://evil.example/x.css">
<style>@import url(https://evil.example/y.css);</style>
<p style="background: url(https://evil.example/z.png)">styled</p>
<video poster="https://evil.example/p.png" src="https://evil.example/v"></video>
[read on](https://evil.example/next)
"""
HARMFUL = {
    "page.html": samples.HTML,
    "picture.svg": samples.SVG,
    "really.html.png": samples.HTML,
    "page.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "text.txt": b"<script>alert(1)</script>",
    "both.pdf": samples.PDF + samples.HTML,
    "both.gif": samples.animated_gif() + samples.HTML,
}


@pytest.fixture
def outside(admin, live_site):
    """What the browser wanted from elsewhere, and what ran."""
    wanted: list[str] = []

    def stop(route):
        wanted.append(route.request.url)
        route.abort()

    def heard(dialog):
        wanted.append(f"a script said {dialog.message}")

    # Chromium's own viewer of PDF loads its parts from `chrome:`.
    ours = re.escape(live_site.partition("://")[2])
    foreign = re.compile(rf"^(https?|wss?|ftp)://(?!{ours}/)")
    admin.context.route(foreign, stop)
    admin.page.on("dialog", heard)
    yield wanted
    admin.page.goto("about:blank")
    # Pictures of hostile texts lead nowhere on our own site: that does no harm.
    missing = [error for error in admin.errors if "status of 404" in error]
    admin.errors[:] = [error for error in admin.errors if error not in missing]
    admin.page.remove_listener("dialog", heard)
    admin.context.unroute(foreign)


def test_the_net_catches_what_leaves(admin, outside):
    admin.open("/")
    admin.page.evaluate("fetch('https://evil.example/').catch(() => 0)")
    admin.page.evaluate("alert('x')")
    assert "a script said x" in outside
    # The policy of the site refuses the call before it leaves.
    assert "https://evil.example/" not in outside
    admin.errors.clear()
    admin.page.goto("about:blank")
    admin.page.evaluate("fetch('https://evil.example/').catch(() => 0)")
    admin.page.wait_for_timeout(200)
    assert "https://evil.example/" in outside
    admin.errors.clear()


def test_a_page_with_pictures_from_elsewhere_asks_nobody_for_them(
    admin, world, outside
):
    page = make_article(world.shared, world.admin, "Beacons", body=BEACONS)
    assert admin.open(f"/{page.slug}/") == 200
    admin.page.wait_for_load_state("networkidle")
    link = admin.page.get_by_role("link", name="read on")
    assert set(link.get_attribute("rel").split()) >= {"noopener", "noreferrer"}
    assert outside == []


def test_no_attack_in_a_text_runs_or_calls_home(admin, world, outside):
    body = "\n\n".join(ATTACKS)
    page = make_article(world.shared, world.admin, "Attacks", body=body)
    for address in (f"/{page.slug}/", f"/{page.slug}/history"):
        assert admin.open(address) == 200
        admin.page.wait_for_load_state("networkidle")
    assert outside == []


@pytest.mark.parametrize("name", HARMFUL)
def test_no_upload_runs_in_a_tab_of_its_own(admin, world, outside, name):
    upload = SimpleUploadedFile(name, HARMFUL[name])
    file = add_file(page=world.plan, upload=upload, by=world.admin)
    url = address_of(file.public_id, file.name)
    answer = admin.context.request.get(f"{admin.base_url}{url}")
    assert answer.headers["x-content-type-options"] == "nosniff"
    shown = answer.headers["content-disposition"].startswith("inline")
    assert shown == (file.content_type in {"image/gif", "application/pdf"})
    if shown:
        admin.open(url)
        admin.page.wait_for_timeout(300)
    assert outside == []
    # Placed in a page it is a picture or nothing.
    body = f"![it]({url})"
    page = make_article(world.shared, world.admin, f"Shows {name}", body=body)
    admin.open(f"/{page.slug}/")
    admin.page.wait_for_load_state("networkidle")
    assert outside == []
