"""Decoding: whatever the file, pixels within bounds or an error that says what to do."""

import io
import struct
import zlib

import pytest

Image = pytest.importorskip("PIL.Image")
np = pytest.importorskip("numpy")

from inference.pictures.errors import PictureError  # noqa: E402
from inference.pictures.ocr.decode import READ_SIDE, decode  # noqa: E402


def saved(image, form: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 4000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def code_of(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        decode(content)
    assert caught.value.thai
    assert str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_each_known_format_gives_colour_pixels(form):
    pixels, scale = decode(saved(Image.new("RGB", (60, 40), "red"), form))
    assert pixels.shape == (40, 60, 3)
    assert scale == 1
    assert pixels[20, 30, 0] > 200
    assert pixels[20, 30, 1] < 60


def test_a_picture_for_print_is_brought_to_screen_colours():
    pixels, _ = decode(saved(Image.new("CMYK", (60, 40), (0, 255, 255, 0)), "JPEG"))
    assert pixels[20, 30, 0] > 200
    assert pixels[20, 30, 2] < 80


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_of_a_picture_with_sixteen_bits_the_letters_stay_apart_from_the_ground(form):
    grey = np.full((40, 60), 60_000, np.uint16)
    grey[10:20, 10:20] = 3_000
    pixels, _ = decode(saved(Image.fromarray(grey), form))
    assert pixels[0, 0, 0] > 220
    assert pixels[15, 15, 0] < 20


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_a_picture_of_other_numbers_is_brought_to_the_shades_between_its_extremes(kind):
    grey = np.full((40, 60), 100, kind)
    grey[10:20, 10:20] = 2
    pixels, _ = decode(saved(Image.fromarray(grey), "TIFF"))
    assert pixels[0, 0, 0] == 255
    assert pixels[15, 15, 0] == 0
    assert decode(saved(Image.fromarray(np.full((40, 60), 7, kind)), "TIFF"))[0].shape == (40, 60, 3)
    if kind is np.float32:
        grey[0, 0] = np.nan
        assert decode(saved(Image.fromarray(grey), "TIFF"))[0][1, 1, 0] == 255


def test_a_strip_keeps_its_height_where_it_is_read_in_pieces():
    strip = saved(Image.new("L", (1600, 9000), 200), "PNG")
    assert decode(strip)[0].shape == (2560, 455, 3)
    pixels, scale = decode(strip, strips=True)
    assert pixels.shape == (7200, 1280, 3)
    assert scale == 1.25


def test_of_an_animation_the_first_frame_is_read():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("white", "black")]
    pixels, _ = decode(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert pixels.mean() > 250


def test_a_photograph_is_turned_as_its_orientation_says():
    image = Image.new("RGB", (60, 40), "white")
    exif = image.getexif()
    exif[0x0112] = 6
    pixels, _ = decode(saved(image, "JPEG", exif=exif))
    assert pixels.shape == (60, 40, 3)


def test_a_clear_ground_becomes_white_and_black_under_white_letters():
    dark = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    dark.paste((0, 0, 0, 255), (10, 10, 20, 20))
    light = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    light.paste((255, 255, 255, 255), (10, 10, 20, 20))
    assert decode(saved(dark, "PNG"))[0][0, 0, 0] == 255
    assert decode(saved(light, "PNG"))[0][0, 0, 0] == 0


def test_a_large_scan_is_brought_to_the_size_that_is_read():
    pixels, scale = decode(saved(Image.new("L", (9000, 6000), 200), "JPEG", quality=30))
    assert max(pixels.shape) <= READ_SIDE
    assert scale == pytest.approx(9000 / pixels.shape[1])


def test_a_bomb_is_refused_by_its_header():
    assert code_of(png_that_says(60_000, 60_000)) == "picture_too_many_pixels"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_cut_short_is_damaged(form):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8))
    whole = saved(noise, form)
    assert code_of(whole[: len(whole) // 3]) in {"picture_damaged", "picture_unknown_type"}


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ข้อความ".encode(), b"MZ" + b"\0" * 99],
)
def test_what_is_no_picture_is_of_an_unknown_type(content):
    assert code_of(content) == "picture_unknown_type"


def test_a_dot_is_too_small():
    assert code_of(saved(Image.new("RGB", (1, 1)), "PNG")) == "picture_too_small"
