"""No picture takes more memory than its bound, whatever its head says."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageSequence

from knowledge.files import images
from knowledge.files.images import redraw, shrink
from tests.knowledge.files import samples

# As on a server, where it is no error.
pytestmark = pytest.mark.filterwarnings(
    "ignore::PIL.Image.DecompressionBombWarning",
)


def durations(data: bytes) -> list[int]:
    with Image.open(BytesIO(data)) as image:
        return [
            frame.info["duration"]
            for frame in ImageSequence.Iterator(image)
            if frame.load()
        ]


def test_a_frame_larger_than_its_picture_is_refused_before_it_is_decoded():
    bomb = samples.growing_gif((1, 1), (7000, 8000))
    with pytest.raises(ValidationError, match="40 million pixels"):
        redraw(BytesIO(bomb), "image/gif")


def test_what_reaches_beyond_the_picture_is_cut_off():
    drawn = redraw(BytesIO(samples.growing_gif((1, 1), (30, 20))), "image/gif")
    assert (drawn.width, drawn.height) == (1, 1)
    with Image.open(BytesIO(drawn.data)) as image:
        assert image.size == (1, 1)


def test_the_first_frame_counts_by_what_it_draws():
    bomb = samples.growing_gif((7000, 8000))
    with pytest.raises(ValidationError, match="40 million pixels"):
        redraw(BytesIO(bomb), "image/gif")


def test_too_many_frames_are_refused():
    frames = [(1, 1)] * (images.MAX_FRAMES + 1)
    with pytest.raises(ValidationError, match="too long"):
        redraw(BytesIO(samples.growing_gif(*frames)), "image/gif")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (samples.animated_gif(8), "image/gif"),
        (samples.animated_webp(8), "image/webp"),
        (samples.growing_gif(*[(1, 1)] * 6, (20, 10)), "image/gif"),
    ],
)
def test_the_pixels_of_all_frames_count_together(monkeypatch, data, content_type):
    monkeypatch.setattr(images, "MAX_ANIMATED_PIXELS", 205)
    with pytest.raises(ValidationError, match="too long"):
        redraw(BytesIO(data), content_type)


def test_a_moving_picture_keeps_its_rhythm_and_nothing_else():
    drawn = redraw(BytesIO(samples.animated_webp(3)), "image/webp").data
    assert durations(drawn) == [100, 200, 300]
    assert samples.CANARY.encode() not in drawn


def test_a_moving_gif_keeps_its_rhythm():
    out = BytesIO()
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "teal", "navy")]
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=[100, 200, 300]
    )
    assert durations(redraw(out, "image/gif").data) == [100, 200, 300]


def test_of_a_moving_png_the_first_frame_stays():
    drawn = redraw(BytesIO(samples.animated_png(5)), "image/png")
    with Image.open(BytesIO(drawn.data)) as image:
        assert image.size == (20, 10)
        assert getattr(image, "n_frames", 1) == 1


def test_a_small_version_needs_the_first_frame_only():
    moving = samples.animated_gif(3)
    second = moving.index(b",", moving.index(b",") + 20)
    cut = moving[: second + 12]
    with Image.open(BytesIO(shrink(BytesIO(cut), 10))) as image:
        assert (image.format, image.size) == ("WEBP", (10, 5))


def test_a_large_photo_is_kept():
    out = BytesIO()
    Image.new("L", (6000, 5000)).save(out, "PNG")
    drawn = redraw(out, "image/png")
    assert (drawn.width, drawn.height) == (6000, 5000)
