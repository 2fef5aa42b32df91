"""Evidence for the tests of the verdict policy, and what the shipped policy decides on it."""

from dataclasses import replace

from inference.policy import Evidence, Policy
from labels.schema import Claim, LicenceCheck, LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import ClaimLabel, ProductClass, Verdict

POLICY = Policy.load()
TEXT = "วิตามินรวมตราทดสอบ ช่วยบำรุงร่างกาย รักษาเบาหวาน ราคา 390 บาท ส่งฟรี"


def claim(label: ClaimLabel, words: str = "บำรุงร่างกาย", text: str = TEXT) -> Claim:
    start = text.index(words)
    return Claim(start=start, end=start + len(words), label=label, probability=0.9, text=words)


def licence(
    kind: LicenceKind,
    shape: NumberShape = NumberShape.VALID,
    status: RegistryStatus = RegistryStatus.NOT_LOADED,
) -> LicenceCheck:
    return LicenceCheck(start=0, end=7, kind=kind, number="11-1-00000-1-0001", shape=shape, status=status)


def evidence(
    text: str = TEXT, product_class: ProductClass = ProductClass.FOOD_SUPPLEMENT, **known: object
) -> Evidence:
    base = Evidence(
        text=text,
        product_class=product_class,
        product_class_probability=0.9,
        offer=True,
        offer_probability=0.95,
        risk=0.1,
        risk_report=0.3,
        risk_sure=0.8,
    )
    return replace(base, **known)  # type: ignore[arg-type]


def codes(found: Evidence) -> list[str]:
    return [finding.code for finding in POLICY.decide(found).findings]


def verdict(found: Evidence) -> Verdict:
    return POLICY.decide(found).verdict
