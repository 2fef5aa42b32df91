import io

import pytest
from PIL import Image

from inference.pictures.errors import PictureError
from inference.pictures.rendering.renderer import DrawnBox, PictureRenderer


@pytest.mark.costly
def test_a_copy_is_a_small_jpeg_with_the_boxes_and_nothing_else_of_the_file() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "the seller's camera"
    Image.new("RGB", (2000, 1000), "white").save(file, "PNG", exif=exif)
    renderer = PictureRenderer()
    try:
        drawn = renderer.render(file.getvalue(), 400, [DrawnBox((500, 400, 600, 200), (200, 0, 0), "3")])
        copy = Image.open(io.BytesIO(drawn))
        assert (copy.format, copy.size) == ("JPEG", (400, 200))
        assert not copy.getexif()
        pixel = copy.getpixel((160, 79))
        assert isinstance(pixel, tuple)
        red, green, _ = pixel
        assert red - green > 60
        assert copy.getpixel((20, 20)) == (255, 255, 255)
        with pytest.raises(PictureError, match="JPEG, PNG"):
            renderer.render(b"<svg onload='alert(1)'/>", 400)
        assert renderer.render(file.getvalue(), 400)
    finally:
        renderer.close()
