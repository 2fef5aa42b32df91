"""Makes a case whose violating words are only in a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from labels.law.catalogue import law_for
from labels.pictured import AssessedPicture, PictureClaim, PicturedAssessment, PictureLine
from labels.schema import Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.settings import Settings
from service.store.pictures.files import PictureFiles
from service.store.pictures.keys import pictures_key
from service.store.pictures.repository import NewPicture, Reading
from tests.helpers.stored import add_pictures

LINES = ("ครีมสมุนไพรแม่บัว", "รักษาสิวหายขาด", "ใน 7 วัน")
CLAIM = "รักษาสิวหายขาด\nใน 7 วัน"
BOXES = [(80, 200, 500, 90), (80, 320, 300, 90)]


@dataclass(frozen=True)
class PictureCase:
    """The numbers of the listing and of its assessment, and the hash of its picture."""

    listing: int
    assessment: int
    sha256: str


def add_picture_case(
    office: Any,
    settings: Settings,
    assess: Callable[..., Any],
    taint: str = "",
    image: Image.Image | None = None,
) -> PictureCase:
    """Add it to an office; ``taint`` is part of the picture's words, ``image`` is white by default."""
    texts = (f"{LINES[0]} {taint}".strip(), *LINES[1:])
    file = BytesIO()
    (image or Image.new("RGB", (800, 600), "white")).save(file, "PNG")
    store = office.store
    digest = PictureFiles(settings.pictures.folder).put(file.getvalue())
    listing = Listing(id="banner", title="ครีมบำรุงผิวหน้า", description="เนื้อบางเบา ส่งทุกวัน")
    number = office.add(listing, None)
    add_pictures(
        store,
        number,
        [NewPicture(digest, "image/png", 800, 600, len(file.getvalue()), "https://shop.example/b.png")],
    )
    boxes = [(80, 80, 600, 90), *BOXES]
    lines = [PictureLine(text=text, box=box, confidence=0.95) for text, box in zip(texts, boxes, strict=True)]
    store.pictures.record_reading(digest, Reading("test", [line.model_dump() for line in lines]))
    start = "\n".join(texts).index(CLAIM)
    label = ClaimLabel.DISEASE
    claim = PictureClaim(
        start=start,
        end=start + len(CLAIM),
        label=label,
        probability=0.9,
        text=CLAIM,
        law=law_for(label, ProductClass.COSMETIC),
        boxes=BOXES,
    )
    picture = AssessedPicture(sha256=digest, engine="test", lines=lines, claims=[claim])
    alone = assess(listing, [], Verdict.PROHIBITED, 0.9, product_class=ProductClass.COSMETIC)
    made = PicturedAssessment(**alone.model_dump(), pictures=[picture])
    key = pictures_key([(digest, "test")])
    return PictureCase(number, store.assessments.record(number, made, pictures_key=key), digest)
