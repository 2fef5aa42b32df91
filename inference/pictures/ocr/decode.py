"""Decodes a picture file to pixels within limits; runs only in the child process."""

import io
import warnings
from typing import Final

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from inference.pictures.errors import PictureError
from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.strips import WIDTH, is_strip

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")

MAX_PIXELS = 50_000_000
"""Maximum number of pixels to decode."""

MAX_JPEG_PIXELS = 400_000_000
"""Maximum number of pixels of a JPEG, which can be decoded at a half, a quarter or an eighth of its size."""

READ_SIDE = 2560
"""Larger pictures are scaled to this longer side in pixels."""

SMALLEST_SIDE = 12


def decode(content: bytes, strips: bool = False) -> tuple[Pixels, float]:
    """The pixels of a picture as it is shown, and how many of the file's pixels one of them spans.

    Transparent pictures lie on white, or on black where their letters are light; of an animated picture the
    first frame is taken; a photograph is turned as its orientation says.

    Args:
        strips: whether a strip keeps the height that :mod:`inference.pictures.ocr.strips` reads.

    Raises:
        PictureError: the file is no picture, damaged, or has too many pixels.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # the size is judged below, from the header
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return _pixels(image, strips)
    except UnidentifiedImageError as error:
        raise PictureError("picture_unknown_type") from error
    except PictureError:
        raise
    # Pillow's decoders raise whatever their format's code raises: OSError, SyntaxError, struct.error, …
    except Exception as error:
        raise PictureError("picture_damaged") from error


def _pixels(image: Image.Image, strips: bool) -> tuple[Pixels, float]:
    width, height = image.size
    most = MAX_JPEG_PIXELS if image.format in {"JPEG", "MPO"} else MAX_PIXELS
    if width * height > most:
        raise PictureError("picture_too_many_pixels", width=width, height=height)
    if min(width, height) < SMALLEST_SIDE:
        raise PictureError("picture_too_small", width=width, height=height)
    side = WIDTH if strips and is_strip(width, height) else READ_SIDE
    image.draft("RGB" if image.mode != "CMYK" else "CMYK", (side, side))
    if image.width * image.height > MAX_PIXELS:
        raise PictureError("picture_too_many_pixels", width=width, height=height)
    image.load()
    shown = ImageOps.exif_transpose(_in_eight_bits(image))
    longer = max(shown.size)
    longest = float(READ_SIDE)
    if strips and is_strip(*shown.size):
        longest = max(longest, longer * WIDTH / shown.width)
    if longer > longest:
        shown = shown.resize(
            (max(1, round(shown.width * longest / longer)), max(1, round(shown.height * longest / longer))),
            Image.Resampling.BOX if shown.mode in {"P", "1"} else Image.Resampling.LANCZOS,
        )
    flat = _without_transparency(shown)
    return np.asarray(flat, np.uint8), max(width, height) / max(flat.size)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel: Pillow cuts off what is brighter than 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image, np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (0.0, 65535.0) if image.mode.startswith("I;16") else (values.min(), values.max())
    grey = Image.fromarray(np.clip(255 * (values - low) / max(high - low, 1e-9), 0, 255).astype(np.uint8))
    grey.info = dict(image.info)
    return grey


def _without_transparency(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    pixels = np.asarray(clear)
    alpha = pixels[:, :, 3]
    light = pixels[:, :, :3].mean(axis=2)[alpha > 127]
    # White letters on a transparent ground are meant for a dark page.
    ground = 0 if (alpha < 128).mean() > 0.3 and light.size and np.median(light) > 200 else 255
    under = Image.new("RGBA", clear.size, (ground, ground, ground, 255))
    under.alpha_composite(clear)
    return under.convert("RGB")
