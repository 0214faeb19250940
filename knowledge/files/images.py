"""Images are drawn anew: only pixels survive, not what was hidden around them."""

import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence

# A picture of the largest cameras people carry; decoded it takes 160 MB.
MAX_PIXELS = 40_000_000
# All frames of an animation together, and how many.
MAX_ANIMATED_PIXELS = 120_000_000
MAX_FRAMES = 600
MAX_PROFILE_BYTES = 64 * 1024
JPEG_QUALITY = 90
THUMB_QUALITY = 80
_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
}
# What the decoders raise for damaged or hostile input.
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    struct.error,
)
# The decoders look at each size that a file announces, also of a later frame, before
# they take memory for it: from here on they warn, from twice as many on they refuse.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Picture:
    """An image drawn anew; width and height in pixels."""

    data: bytes
    width: int
    height: int


def redraw(file: IO[bytes], content_type: str) -> Picture:
    """Decode an image and write it anew without EXIF, comments and trailing bytes.

    Raises ValidationError for a damaged image and for one with too many pixels.
    """
    try:
        with _open(file, _FORMATS[content_type]) as image:
            out = BytesIO()
            size = _write(image, out)
    except Image.DecompressionBombError as error:
        raise ValidationError(_too_large()) from error
    except _DAMAGED as error:
        raise ValidationError(_("This image is damaged.")) from error
    return Picture(out.getvalue(), *size)


def shrink(file: IO[bytes], width: int) -> bytes:
    """Make a WebP version of a stored image, at most `width` pixels wide.

    Shows the first frame of an animation. Never enlarges.
    """
    with _open(file, *_FORMATS.values()) as image:
        height = max(1, round(image.height * width / image.width))
        # Lets the JPEG decoder skip what is not needed.
        image.draft(None, (width, height))
        has_alpha = image.has_transparency_data
        small: Image.Image = image.convert("RGBA" if has_alpha else "RGB")
        if small.width > width:
            small = small.resize((width, height), Image.Resampling.LANCZOS)
        out = BytesIO()
        small.save(out, "WEBP", quality=THUMB_QUALITY)
    return out.getvalue()


def _too_large() -> str:
    text = _("This image has more than %(number)s million pixels.")
    return text % {"number": MAX_PIXELS // 1_000_000}


def _open(file: IO[bytes], *formats: str) -> Image.Image:
    """Read the head of an image and refuse it before any pixel is decoded."""
    file.seek(0)
    image = Image.open(file, formats=formats)
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    return image


def _write(image: Image.Image, out: IO[bytes]) -> tuple[int, int]:
    name = str(image.format)
    if name == "GIF" and getattr(image, "is_animated", False):
        return _write_gif(image, out)
    if name == "WEBP" and getattr(image, "is_animated", False):
        return _write_webp(image, out)
    image.load()
    options = _options(image, name)
    upright = ImageOps.exif_transpose(image)
    if name == "JPEG":
        # Keeps the quality of the original where no pixel had to move.
        kept = image.getexif().get(0x0112, 1) == 1 and _is_baseline(image)
        options["quality"] = "keep" if kept else JPEG_QUALITY
        upright = image if kept else upright
    _forget_all(upright)
    upright.save(out, name, **options)
    return upright.size


def _is_baseline(image: Image.Image) -> bool:
    """Say whether the encoder can use the tables of the original."""
    tables = getattr(image, "quantization", {})
    return all(value < 256 for table in tables.values() for value in table)


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    """Go through an animation, one frame in memory at a time.

    Raises ValidationError at the frame that makes it too long, before it is decoded.
    """
    pixels = 0
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        pixels += frame.width * frame.height
        if number >= MAX_FRAMES or pixels > MAX_ANIMATED_PIXELS:
            raise ValidationError(_("This animation is too long."))
        yield frame


def _duration(frame: Image.Image) -> int:
    """Give the milliseconds a frame is shown."""
    return max(20, int(frame.info.get("duration", 100)))


def _write_gif(image: Image.Image, out: IO[bytes]) -> tuple[int, int]:
    size = image.size

    def bare_frames() -> Iterator[Image.Image]:
        for frame in _frames(image):
            # A later frame may be larger than the picture.
            bare = frame.convert("RGBA").crop((0, 0, *size))
            bare.info = {"duration": _duration(frame)}
            yield bare

    frames = bare_frames()
    loop = int(image.info.get("loop", 0))
    first = next(frames)
    first.save(out, "GIF", save_all=True, append_images=frames, loop=loop, disposal=2)
    return size


def _write_webp(image: Image.Image, out: IO[bytes]) -> tuple[int, int]:
    durations = []
    for frame in _frames(image):
        # How long a frame is shown is known when it is decoded.
        frame.load()
        durations.append(_duration(frame))
    image.save(
        out,
        "WEBP",
        save_all=True,
        duration=durations,
        loop=int(image.info.get("loop", 0)),
        quality=JPEG_QUALITY,
        background=(0, 0, 0, 0),
    )
    return image.size


def _options(image: Image.Image, name: str) -> dict[str, Any]:
    """Keep what belongs to the pixels: their colour space and the clear colour."""
    options: dict[str, Any] = {}
    profile = image.info.get("icc_profile")
    if profile and len(profile) <= MAX_PROFILE_BYTES and name != "GIF":
        options["icc_profile"] = profile
    if "transparency" in image.info and name in {"PNG", "GIF"}:
        options["transparency"] = image.info["transparency"]
    if name == "WEBP":
        options["quality"] = JPEG_QUALITY
    return options


def _forget_all(image: Image.Image) -> None:
    """Drop EXIF, XMP, comments and text, which the encoders would write again."""
    image.info = {}
    image.getexif().clear()
