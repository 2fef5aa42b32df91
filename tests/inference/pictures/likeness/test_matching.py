import random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from inference.pictures.likeness.features import Features, features_of
from inference.pictures.likeness.matching import Match, match


def picture(seed: int, logo: bool = False) -> Image.Image:
    """Draw random shapes and letters; with a logo, each has the same star in the same corner."""
    chance = random.Random(seed)
    image = Image.new("RGB", (700, 600), tuple(chance.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = chance.randrange(650), chance.randrange(550)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + chance.randint(10, 80), y + chance.randint(10, 60)), fill=colour)
        draw.text((x, y), chr(chance.randint(65, 90)) * 3, (255, 255, 255), font_size=chance.randint(18, 40))
    if logo:
        draw.rectangle((540, 450, 700, 600), fill=(200, 0, 0))
        draw.text((550, 460), "SALE\n50 %\nTODAY", (255, 255, 255), font_size=40)
    return image


def match_of(known: Image.Image, new: Image.Image) -> Match | None:
    return match(features_of(np.asarray(known))[0], *features_of(np.asarray(new)))


@pytest.mark.costly
@pytest.mark.parametrize("seed", [1, 2])
def test_a_cropped_framed_or_covered_picture_is_the_same(seed: int) -> None:
    known = picture(seed)
    covered = known.copy()
    ImageDraw.Draw(covered).ellipse((250, 200, 450, 400), fill=(0, 120, 60))
    for edited in (known.crop((90, 60, 650, 560)), ImageOps.expand(known, 80, "red"), covered):
        found = match_of(known, edited)
        assert found is not None
        assert not found.mirrored


def test_a_mirrored_picture_is_the_same_and_said_to_be_mirrored() -> None:
    found = match_of(picture(3), ImageOps.mirror(picture(3)))
    assert found is not None
    assert found.mirrored


def test_pictures_that_share_only_a_logo_are_not_the_same() -> None:
    assert match_of(picture(4, logo=True), picture(5, logo=True)) is None


def test_a_picture_that_shows_nothing_is_like_no_other() -> None:
    blank = Image.new("RGB", (300, 300), "white")
    assert match_of(blank, blank) is None
    assert match_of(picture(6), blank) is None


def test_features_are_the_same_after_storing() -> None:
    (known, _), new = features_of(np.asarray(picture(7))), features_of(np.asarray(picture(7)))
    stored = Features.from_bytes(known.to_bytes())
    assert (stored.width, stored.height) == (known.width, known.height)
    assert len(known.to_bytes()) < 36_100
    assert match(stored, *new) is not None
