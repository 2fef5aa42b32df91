"""What licence and permit numbers mean for the verdict: by kind, status and the class of the goods."""

from dataclasses import replace

import pytest

from inference.policy_rules import PERMIT_KINDS
from labels.law.facts import Fact
from labels.schema import LicenceCheck, LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from tests.inference.policy_evidence import POLICY, claim, codes, evidence, licence, verdict

CLASS_OF = {
    LicenceKind.FOOD_SERIAL: ProductClass.FOOD_SUPPLEMENT,
    LicenceKind.COSMETIC_NOTIFICATION: ProductClass.COSMETIC,
    LicenceKind.DRUG_REGISTRATION: ProductClass.DRUG,
    LicenceKind.TRADITIONAL_REGISTRATION: ProductClass.HERBAL,
    LicenceKind.HERBAL_REGISTRATION: ProductClass.HERBAL,
    LicenceKind.DEVICE_LICENCE: ProductClass.MEDICAL_DEVICE,
    LicenceKind.HAZARD_REGISTRATION: ProductClass.HOUSEHOLD_HAZARD,
    LicenceKind.CLINIC_LICENCE: ProductClass.HEALTH_SERVICE,
}
LICENCE_KINDS = [
    kind for kind in LicenceKind if kind not in PERMIT_KINDS and kind is not LicenceKind.AMBIGUOUS
]


@pytest.mark.parametrize("kind", LICENCE_KINDS)
@pytest.mark.parametrize(
    "status",
    [
        RegistryStatus.REVOKED,
        RegistryStatus.EXPIRED,
        RegistryStatus.CANCELLED,
        RegistryStatus.OTHER_PRODUCT,
        RegistryStatus.OTHER_CLASS,
    ],
)
def test_a_cancelled_or_borrowed_number_is_prohibited_with_law(
    kind: LicenceKind, status: RegistryStatus
) -> None:
    goods = CLASS_OF[kind]
    decision = POLICY.decide(evidence(product_class=goods, licences=[licence(kind, status=status)]))
    assert decision.verdict is Verdict.PROHIBITED
    assert decision.risk >= 0.9
    assert decision.findings[0].law
    assert (decision.findings[0].start, decision.findings[0].end) == (0, 7)


@pytest.mark.parametrize(
    ("kind", "product_class", "status", "law"),
    [
        (LicenceKind.FOOD_SERIAL, ProductClass.FOOD, RegistryStatus.OTHER_PRODUCT, ["food-act-25-2"]),
        (LicenceKind.DRUG_REGISTRATION, ProductClass.DRUG, RegistryStatus.CANCELLED, ["drug-act-72-4"]),
        (LicenceKind.HERBAL_REGISTRATION, ProductClass.DRUG, RegistryStatus.OTHER_PRODUCT, ["drug-act-72-1"]),
        (LicenceKind.FOOD_SERIAL, ProductClass.FOOD, RegistryStatus.REVOKED, ["food-act-25-2"]),
        (LicenceKind.FOOD_SERIAL, ProductClass.FOOD, RegistryStatus.CANCELLED, ["food-act-25-2"]),
        (LicenceKind.FOOD_SERIAL, ProductClass.FOOD, RegistryStatus.EXPIRED, ["food-act-25-2"]),
        (LicenceKind.HERBAL_REGISTRATION, ProductClass.HERBAL, RegistryStatus.REVOKED, ["herbal-act-58-5"]),
        (LicenceKind.HERBAL_REGISTRATION, ProductClass.HERBAL, RegistryStatus.CANCELLED, ["herbal-act-58-4"]),
        (LicenceKind.HERBAL_REGISTRATION, ProductClass.HERBAL, RegistryStatus.EXPIRED, ["herbal-act-58-4"]),
        (LicenceKind.HERBAL_REGISTRATION, ProductClass.HERBAL, RegistryStatus.SUSPENDED, []),
        (LicenceKind.COSMETIC_NOTIFICATION, ProductClass.COSMETIC, RegistryStatus.REVOKED, ["cosmetic-act-83"]),
        (LicenceKind.COSMETIC_NOTIFICATION, ProductClass.COSMETIC, RegistryStatus.EXPIRED, ["cosmetic-act-14"]),
        (LicenceKind.DEVICE_LICENCE, ProductClass.MEDICAL_DEVICE, RegistryStatus.REVOKED, ["device-act-56"]),
        (LicenceKind.DEVICE_LICENCE, ProductClass.MEDICAL_DEVICE, RegistryStatus.CANCELLED, ["device-act-46-1"]),
        (LicenceKind.AD_PERMIT, ProductClass.HERBAL, RegistryStatus.SUSPENDED, ["herbal-act-70"]),
        (LicenceKind.AD_PERMIT, ProductClass.HERBAL, RegistryStatus.CANCELLED, ["herbal-act-70"]),
        (LicenceKind.FOOD_SERIAL, ProductClass.COSMETIC, RegistryStatus.OTHER_PRODUCT, []),
        (LicenceKind.DRUG_REGISTRATION, ProductClass.COSMETIC, RegistryStatus.CANCELLED, []),
        (LicenceKind.FOOD_AD_PERMIT, ProductClass.COSMETIC, RegistryStatus.CANCELLED, []),
        (LicenceKind.AD_PERMIT, ProductClass.OTHER, RegistryStatus.CANCELLED, []),
    ],
)  # fmt: skip
def test_the_law_of_a_number_goes_by_the_class_of_the_goods(
    kind: LicenceKind, product_class: ProductClass, status: RegistryStatus, law: list[str]
) -> None:
    decision = POLICY.decide(evidence(product_class=product_class, licences=[licence(kind, status=status)]))
    assert [ref.id for ref in decision.findings[0].law] == law


def test_a_suspended_number_is_a_question_for_a_person() -> None:
    number = licence(LicenceKind.HERBAL_REGISTRATION, status=RegistryStatus.SUSPENDED)
    decision = POLICY.decide(evidence(product_class=ProductClass.HERBAL, licences=[number]))
    assert (decision.verdict, decision.risk, decision.facts) == (Verdict.NEEDS_REVIEW, 0.1, [])
    assert "ถูกพักใช้หรือระงับ" in decision.findings[0].thai


def test_a_number_of_another_class_is_a_question_and_establishes_nothing() -> None:
    number = licence(LicenceKind.FOOD_SERIAL, status=RegistryStatus.OTHER_PRODUCT)
    decision = POLICY.decide(evidence(product_class=ProductClass.COSMETIC, licences=[number]))
    assert (decision.verdict, decision.risk, decision.facts) == (Verdict.NEEDS_REVIEW, 0.1, [])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (licence(LicenceKind.FOOD_SERIAL, shape=NumberShape.INVALID), Verdict.NEEDS_REVIEW),
        (licence(LicenceKind.FOOD_SERIAL, status=RegistryStatus.NOT_FOUND), Verdict.NEEDS_REVIEW),
        (licence(LicenceKind.FOOD_SERIAL, status=RegistryStatus.SUSPENDED), Verdict.NEEDS_REVIEW),
        (licence(LicenceKind.FOOD_AD_PERMIT, status=RegistryStatus.CANCELLED), Verdict.NEEDS_REVIEW),
        (licence(LicenceKind.FOOD_AD_PERMIT, status=RegistryStatus.EXPIRED), Verdict.NEEDS_REVIEW),
        (licence(LicenceKind.AMBIGUOUS, shape=NumberShape.AMBIGUOUS), Verdict.CLEAR),
        (licence(LicenceKind.COSMETIC_NOTIFICATION), Verdict.CLEAR),
        (licence(LicenceKind.FOOD_SERIAL, status=RegistryStatus.ACTIVE), Verdict.CLEAR),
    ],
)
def test_doubtful_numbers_lift_clear_at_most(number: LicenceCheck, expected: Verdict) -> None:
    decision = POLICY.decide(evidence(licences=[number]))
    assert decision.verdict is expected
    assert decision.risk == 0.1
    assert bool(decision.findings) is (number.status is not RegistryStatus.ACTIVE)
    benefit = evidence(licences=[number], claims=[claim(ClaimLabel.BENEFIT)])
    assert verdict(benefit) in {Verdict.NEEDS_PERMIT, Verdict.CLEAR}


def test_a_number_of_another_class_is_told() -> None:
    found = evidence(licences=[licence(LicenceKind.COSMETIC_NOTIFICATION)])
    assert codes(found) == ["number_of_other_kind"]
    assert codes(replace(found, product_class_probability=0.5)) == ["number_of_other_kind"]
    assert codes(replace(found, product_class_probability=0.49)) == []


def test_a_permit_of_another_class_cites_the_need_of_a_permit_and_a_licence_no_law() -> None:
    def law(kind: LicenceKind, product_class: ProductClass) -> list[str]:
        decision = POLICY.decide(evidence(product_class=product_class, licences=[licence(kind)]))
        (told,) = decision.findings
        assert told.code == "number_of_other_kind"
        return [ref.id for ref in told.law]

    assert law(LicenceKind.DRUG_AD_PERMIT, ProductClass.FOOD) == ["food-act-41"]
    assert law(LicenceKind.FOOD_AD_PERMIT, ProductClass.DRUG) == ["drug-act-88-bis"]
    assert law(LicenceKind.FOOD_AD_PERMIT, ProductClass.COSMETIC) == []
    assert law(LicenceKind.DRUG_REGISTRATION, ProductClass.FOOD) == []


def test_a_class_with_two_names_is_told_in_a_sentence() -> None:
    number = licence(LicenceKind.COSMETIC_NOTIFICATION)
    (told,) = POLICY.decide(evidence(product_class=ProductClass.HEALTH_SERVICE, licences=[number])).findings
    assert "ไม่ใช่เลขของสถานพยาบาลหรือบริการสุขภาพ " in told.thai


def test_every_number_gets_its_remark() -> None:
    kinds = (LicenceKind.DRUG_AD_PERMIT, LicenceKind.COSMETIC_NOTIFICATION, LicenceKind.DEVICE_LICENCE)
    found = evidence(product_class=ProductClass.HERBAL, licences=[licence(kind) for kind in kinds])
    assert codes(found) == ["permit_stale", "number_of_other_kind", "number_of_other_kind"]


def test_a_number_that_is_shown_again_is_told_once() -> None:
    number = licence(LicenceKind.COSMETIC_NOTIFICATION)
    again = number.model_copy(update={"start": 20, "end": 27})
    other = again.model_copy(update={"number": "10-1-6600000003", "start": 10, "end": 17})
    told = POLICY.decide(evidence(licences=[number, other, again])).findings
    assert [(finding.start, finding.end) for finding in told] == [(0, 7), (10, 17)]


@pytest.mark.parametrize(
    ("product_class", "words"),
    [
        (ProductClass.HERBAL, "ไม่ใช่เลขของผลิตภัณฑ์สมุนไพร ตรวจ"),
        (ProductClass.OTHER, "ระบบไม่จัดสินค้านี้เป็นผลิตภัณฑ์สุขภาพ"),
    ],
)
def test_a_number_of_another_class_is_told_in_plain_words(product_class: ProductClass, words: str) -> None:
    number = licence(LicenceKind.COSMETIC_NOTIFICATION)
    (told,) = POLICY.decide(evidence(product_class=product_class, licences=[number])).findings
    assert words in told.thai


def test_a_misshapen_number_is_told_with_the_reason() -> None:
    number = licence(LicenceKind.FOOD_SERIAL, shape=NumberShape.INVALID)
    told = POLICY.decide(evidence(licences=[number.model_copy(update={"reason": "มี 12 หลัก"})])).findings[0]
    assert "(มี 12 หลัก)" in told.thai
    assert "(มี 12 หลัก)" in told.english


def test_a_valid_number_and_permit_excuse_no_prohibited_claim() -> None:
    numbers = [
        licence(LicenceKind.FOOD_SERIAL, status=RegistryStatus.ACTIVE),
        licence(LicenceKind.FOOD_AD_PERMIT),
    ]
    found = evidence(risk=0.9, claims=[claim(ClaimLabel.DISEASE, "รักษาเบาหวาน")], licences=numbers)
    assert verdict(found) is Verdict.PROHIBITED


def test_a_finding_establishes_the_fact_of_its_own_rule() -> None:
    facts = {
        "number_revoked": Fact.NUMBER_REVOKED,
        "number_cancelled": Fact.NUMBER_CANCELLED,
        "number_expired": Fact.NUMBER_CANCELLED,
        "number_of_other_product": Fact.NUMBER_BORROWED,
        "number_of_other_class": Fact.NUMBER_BORROWED,
        "barred_infant_food": Fact.INFANT_FOOD,
    }
    none = (
        "number_misshapen",
        "number_suspended",
        "number_not_found",
        "permit_void",
        "no_permit",
        "zzz",
        ClaimLabel.DISEASE.value,
    )
    assert {code: POLICY.fact_of(code) for code in (*facts, *none)} == facts | dict.fromkeys(none)
