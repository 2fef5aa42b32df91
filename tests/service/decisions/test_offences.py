"""A provision with a condition that no listing shows is stated only if an officer ticks it."""

import pytest

from labels.law.catalogue import law_for, provision
from labels.pictured import AssessedPicture, PicturedAssessment, PictureLicence
from labels.schema import LicenceKind, NumberShape
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.decisions.notice import Ground
from service.decisions.offences import Words, offences, relied_on, words_of
from service.referral.letters.values import cited

TYPE_3 = "hazard-act-23"


def test_the_type_of_a_substance_is_the_officers_to_say() -> None:
    law = tuple(law_for(ClaimLabel.RESTRICTED_SALE, ProductClass.HOUSEHOLD_HAZARD))
    found = offences([Words(0, 4, ClaimLabel.RESTRICTED_SALE, "ขาย", law)], ())
    assert [offence.ref.id for offence in found] == [TYPE_3]
    assert relied_on(found, {}) == []
    assert [offence.ref.id for offence in relied_on(found, {TYPE_3: True})] == [TYPE_3]


def test_a_ticked_condition_is_no_words_of_a_letter_and_its_penalty_stays() -> None:
    row = provision(TYPE_3)
    shown = cited(
        Ground(
            id=TYPE_3,
            citation=row.citation,
            rule_thai=row.rule_thai,
            rule_english=row.rule_english,
            reference_url=None,
        )
    )
    assert shown.penalty.endswith("(มาตรา 73)")
    assert row.condition_thai
    assert row.condition_thai not in f"{shown.citation} {shown.rule} {shown.penalty}"


@pytest.mark.parametrize(
    ("kind", "law"), [(LicenceKind.FOOD_AD_PERMIT, []), (LicenceKind.FOOD_SERIAL, ["food-act-41"])]
)
def test_a_permit_shown_only_in_a_picture_is_no_missing_permit(kind: LicenceKind, law: list[str]) -> None:
    number = PictureLicence(
        start=0, end=12, kind=kind, number="ฆอ. 1/2569", shape=NumberShape.VALID, boxes=[]
    )
    words = {"start": 0, "end": 8, "label": ClaimLabel.BENEFIT.value, "text": "บำรุงผิว"}
    assessment = PicturedAssessment(
        id="1",
        verdict=Verdict.CLEAR,
        risk=0.1,
        product_class=ProductClass.FOOD_SUPPLEMENT,
        product_class_probability=0.9,
        offer=True,
        offer_probability=0.9,
        model="by hand",
        pictures=[AssessedPicture(sha256="0" * 64, licences=[number])],
    )
    (found,) = words_of([words], assessment)
    assert [ref.id for ref in found.law] == law
