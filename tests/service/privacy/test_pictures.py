from typing import Any

from labels.pictured import AssessedPicture, PictureClaim, PicturedAssessment, PictureLine
from labels.schema import Claim
from labels.taxonomy import ClaimLabel
from service.privacy import wanted as wanting
from service.privacy.redaction import Redactor
from service.privacy.removal import delete_listings
from service.privacy.requests import find
from service.store.database.columns import now
from service.store.listings.masking import MASK
from service.store.pictures.repository import NewPicture, Reading
from service.store.tables.core_tables import Listing
from tests.helpers.stored import add_pictures, assessments_of

WORDS = "ทักไลน์ไอดี: moncloud9"
PICTURE = NewPicture("a" * 64, "image/png", 300, 200, 1000)


def shown(archive: Any, assessor: Any) -> int:
    number: int = archive.add("one", text="นุ่มสบาย")
    add_pictures(archive.store, number, [PICTURE])
    claim = Claim(start=0, end=len(WORDS), label=ClaimLabel.BENEFIT, probability=0.9, text=WORDS)
    picture = AssessedPicture(
        sha256="a" * 64,
        engine="one",
        lines=[PictureLine(text=WORDS, box=(1, 2, 3, 4), confidence=0.9)],
        claims=[PictureClaim(**claim.model_dump(), boxes=[(1, 2, 3, 4)])],
    )
    answer = assessor.assess(archive.store.listing(number).shape())
    pictured = PicturedAssessment(**answer.model_dump(), pictures=[picture])
    archive.store.assessments.record(number, pictured)
    return number


def test_a_redacted_listing_loses_its_pictures_and_what_was_read_in_them(archive: Any, assessor: Any) -> None:
    number = shown(archive, assessor)
    with archive.store.database.writing() as session:
        Redactor().redact(session, session.get_one(Listing, number), now())
    assert archive.store.pictures.of_listing(number, gone=True) == []
    row = assessments_of(archive.store, number)[0]
    shape = row.shape()
    assert isinstance(shape, PicturedAssessment)
    (picture,) = shape.pictures
    assert picture.lines == []
    assert picture.claims[0].boxes == [(1, 2, 3, 4)]
    assert "moncloud9" not in str(row.content)
    assert MASK in picture.claims[0].text


def test_a_contact_that_was_read_in_a_picture_only_is_found(archive: Any, assessor: Any) -> None:
    number = shown(archive, assessor)
    wanted = wanting.wanted("moncloud9")
    assert list(find(archive.store, wanted)) == []
    line = {"text": WORDS, "box": [1, 2, 3, 4], "confidence": 0.9}
    archive.store.pictures.record_reading("a" * 64, Reading("one", [line]))
    (found,) = find(archive.store, wanted)
    assert (found.listing_id, found.places) == (number, ("picture",))


def test_a_listing_is_deleted_with_its_pictures(archive: Any, assessor: Any) -> None:
    number = shown(archive, assessor)
    with archive.store.database.writing() as session:
        delete_listings(session, [number], "a rule", now())
    assert archive.store.listing(number) is None
    assert archive.store.pictures.unread(10) == []
