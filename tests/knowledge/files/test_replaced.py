"""What was in a file before it was replaced."""

import io

from django.core.files.base import ContentFile
from PIL import Image

from knowledge.files import selectors, services


def picture(colour):
    out = io.BytesIO()
    Image.new("RGB", (900, 900), colour).save(out, "PNG")
    return ContentFile(out.getvalue(), name="plan.png")


def test_a_small_version_begun_before_a_replacement_shows_the_new_picture(
    world, sign_in
):
    """The request waits for the lock of the replacement, with the row it read before."""
    file = services.add_file(page=world.plan, upload=picture("red"), by=world.admin)
    begun = selectors.get_image(world.guest, file.public_id, 400)
    services.replace_file(file=file, upload=picture("blue"), by=world.admin)
    services.make_rendition(file=begun, spec=400)
    answer = sign_in(world.guest).get(f"/files/{file.public_id}/thumb/400")
    stored = io.BytesIO(b"".join(answer.streaming_content))
    red, _green, blue = Image.open(stored).convert("RGB").getpixel((5, 5))
    assert blue > red
