"""What a letter says of the goods, of numbers in pictures, and of pages that were never stored."""

from dataclasses import replace
from typing import Any

import pytest

from labels.pictured import AssessedPicture, Box, PicturedAssessment, PictureLicence
from labels.schema import LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import ProductClass
from service.decisions.notice import StatedFact
from service.referral.cases.case_file import Case, case_json, said_of
from service.referral.cases.marked_pictures import boxes_of_number, marked_pictures
from service.referral.letters.joint import joint_values_of
from service.referral.letters.letter import compose, enclosures
from service.referral.letters.samples import sample_case, sample_joint_case
from service.referral.letters.sent import as_data, letter_from
from service.referral.letters.templates import Templates
from service.referral.pack import missing_lines
from service.store.pictures.files import PictureFiles
from service.store.tables.referral_tables import Recipient
from tests.service.conftest import png

NUMBER = "10-1-00001-5-0001"
SERVICE, OTHER = ProductClass.HEALTH_SERVICE, ProductClass.OTHER
NARCOTIC = ProductClass.NARCOTIC_PSYCHOTROPIC
CANNABIS, VAPE = "barred_cannabis_flower", "barred_nicotine_vape"


def of(classes: list[ProductClass]) -> Case:
    """A letter about listings of these classes."""
    case = sample_joint_case() if len(classes) > 1 else sample_case(Recipient.CONSUMER_POLICE)
    items = [
        replace(item, notice=item.notice.model_copy(update={"product_class": product_class}))
        for item, product_class in zip(case.items, classes, strict=True)
    ]
    return replace(case, items=tuple(items))


@pytest.mark.parametrize("recipient", Recipient)
def test_a_letter_about_a_clinic_is_about_services(recipient: Recipient) -> None:
    case = of([SERVICE])
    case.referral.recipient = recipient.value
    subject = compose(case, Templates()).subject
    assert "บริการสุขภาพ" in subject
    assert "ผลิตภัณฑ์" not in subject


def test_other_goods_are_products() -> None:
    assert "ได้ตรวจสอบโฆษณาผลิตภัณฑ์ทาง" in compose(of([OTHER]), Templates()).facts[0]


def test_goods_of_several_listings_have_one_and() -> None:
    three = [ProductClass.FOOD_SUPPLEMENT, ProductClass.DRUG, ProductClass.COSMETIC]
    values = joint_values_of(of(three), Templates())
    assert values["product"] == "ผลิตภัณฑ์เสริมอาหาร ยา และเครื่องสำอาง"
    mixed = joint_values_of(of([SERVICE, OTHER, ProductClass.DRUG]), Templates())
    assert mixed["product"] == mixed["health_goods"] == "ผลิตภัณฑ์และบริการสุขภาพ"


def test_each_kind_of_barred_goods_is_named_once() -> None:
    case = of([NARCOTIC, NARCOTIC, NARCOTIC])
    found = [[CANNABIS, VAPE], [VAPE], [CANNABIS]]
    items = [
        replace(item, notice=item.notice.model_copy(update={"facts": [barred(code) for code in codes]}))
        for item, codes in zip(case.items, found, strict=True)
    ]
    named = joint_values_of(replace(case, items=tuple(items)), Templates())["product"]
    assert named == "ช่อดอกกัญชา และบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม"


def barred(code: str) -> StatedFact:
    return StatedFact(code=code, thai="", english="", start=None, end=None, law=[])


@pytest.mark.parametrize("is_joint", [False, True])
def test_of_a_listing_without_a_stored_page_nothing_more_is_known(is_joint: bool) -> None:
    """It may have had pictures alone, and no informant."""
    case = sample_joint_case() if is_joint else sample_case(Recipient.CONSUMER_POLICE)
    bare = replace(case, items=tuple(replace(item, captures=()) for item in case.items))
    why = "ไม่มี เนื่องจากระบบมิได้เก็บหน้าเว็บของโฆษณาตามข้อความนี้ไว้"
    assert f"หลักฐานหน้าเว็บ: {why}" in enclosures(bare, Templates())
    assert any(why in line for line in missing_lines(bare))


def revoked(box: Box) -> PictureLicence:
    return PictureLicence(
        start=0,
        end=len(NUMBER),
        kind=LicenceKind.FOOD_SERIAL,
        number=NUMBER,
        shape=NumberShape.VALID,
        status=RegistryStatus.REVOKED,
        boxes=[box],
    )


def undrawn(content: bytes, side: int, boxes: Any) -> bytes:
    return content


def pictured(tmp_path: Any, *further: AssessedPicture) -> Case:
    """A case with a revoked number that stands only in pictures, twice in the first."""
    files = PictureFiles(tmp_path)
    digest = files.put(png())
    case = sample_case(Recipient.CONSUMER_POLICE)
    (item,) = case.items
    banner = AssessedPicture(sha256=digest, licences=[revoked((1, 1, 5, 5)), revoked((2, 2, 5, 5))])
    assessment = PicturedAssessment(**item.assessment.model_dump(), pictures=[banner, *further])
    fact = StatedFact(
        code="number_revoked", thai="", english="", start=None, end=None, law=["food-act-40"], number=NUMBER,
        picture=digest,
    )  # fmt: skip
    notice = item.notice.model_copy(update={"facts": [fact]})
    shown = marked_pictures([(item.review, notice, assessment)], files, undrawn)
    return replace(case, items=(replace(item, assessment=assessment, notice=notice),), pictures=shown)


def test_a_number_in_a_picture_is_named_with_the_picture(tmp_path: Any) -> None:
    letter = compose(pictured(tmp_path), Templates())
    stated = f"2. แสดงเลข “{NUMBER}” ในภาพโฆษณาที่ 1 ซึ่งตามทะเบียนถูกเพิกถอนแล้ว"
    assert stated in letter.facts
    assert f"กรอบ 1 “{NUMBER}”" in letter.pictures[0].lines[0]
    assert "ถูกเพิกถอนแล้ว" in letter.pictures[0].lines[0]


def test_a_fact_without_a_number_in_a_picture_is_written_as_before(tmp_path: Any) -> None:
    """Words that earlier releases kept are compared with those that are made now."""
    case = pictured(tmp_path)
    (item,) = case.items
    assert NUMBER in case_json(case).decode()
    assert said_of(item)["notice"]["facts"][0]["number"] == NUMBER
    plain = item.notice.facts[0].model_copy(update={"number": "", "picture": None})
    notice = item.notice.model_copy(update={"facts": [plain]})
    assert not {"number", "picture"} & set(said_of(replace(item, notice=notice))["notice"]["facts"][0])


def test_every_place_of_a_number_in_pictures_is_boxed_and_named(tmp_path: Any) -> None:
    other = PictureFiles(tmp_path).put(png(1))
    case = pictured(tmp_path, AssessedPicture(sha256=other, licences=[revoked((9, 9, 5, 5))]))
    (item,) = case.items
    first = item.notice.facts[0].picture
    assert boxes_of_number(item.assessment, NUMBER) == {
        first: [(1, 1, 5, 5), (2, 2, 5, 5)],
        other: [(9, 9, 5, 5)],
    }
    assert [picture.sha256 for picture in case.pictures] == [first, other]
    stated = f"2. แสดงเลข “{NUMBER}” ในภาพโฆษณาที่ 1 และ 2 ซึ่งตามทะเบียนถูกเพิกถอนแล้ว"
    assert stated in compose(case, Templates()).facts


def test_pictures_with_words_keep_the_numbers_that_they_had_before_those_with_numbers_alone(
    tmp_path: Any,
) -> None:
    """A stored page of a letter finds its picture by its number."""
    files = PictureFiles(tmp_path)
    (numbered,) = pictured(tmp_path).items
    words = files.put(png(1))
    place = {"start": 0, "end": 8, "picture": words}
    claim = place | {"label": "weight_loss_claim", "text": "ผอมทันใจ", "boxes": [(1, 1, 5, 5)]}
    case = sample_case(Recipient.CONSUMER_POLICE)
    (item,) = case.items
    item.review.confirmed_claims = [claim]
    quoted = item.notice.claims[0].model_copy(update=place)
    notice = item.notice.model_copy(update={"claims": [quoted], "facts": []})
    decisions = [(one.review, one.notice, one.assessment) for one in (numbered, replace(item, notice=notice))]
    shown = marked_pictures(decisions, files, undrawn)
    assert [(picture.number, picture.item) for picture in shown] == [(1, 2), (2, 1)]
    kept = as_data(compose(replace(case, pictures=shown[:1]), Templates()))
    (page,) = letter_from(kept, shown).pictures
    assert page.jpeg == files.read(words)
