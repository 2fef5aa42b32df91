"""The verdict policy: each rule decides exactly what it states."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from inference.policy import Policy, PolicyError
from labels.law.catalogue import provision
from labels.law.facts import Fact
from labels.schema import Claim, LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass, Verdict
from tests.helpers.every import every
from tests.inference.policy_evidence import POLICY, TEXT, claim, codes, evidence, licence, verdict


def test_an_offer_with_nothing_against_it_is_clear() -> None:
    decision = POLICY.decide(evidence())
    assert (decision.verdict, decision.claims, decision.findings) == (Verdict.CLEAR, [], [])
    assert decision.risk == 0.1


def test_a_text_that_offers_nothing_keeps_its_claims_and_is_accused_of_nothing() -> None:
    found = evidence(offer=False, offer_probability=0.02, risk=0.1, claims=[claim(ClaimLabel.DISEASE)])
    decision = POLICY.decide(found)
    assert (decision.verdict, len(decision.claims), decision.findings) == (Verdict.NOT_AN_AD, 1, [])
    assert decision.claims[0].law


@pytest.mark.parametrize("offer_probability", [0.0, 0.02, 0.45])
def test_no_offer_with_high_risk_goes_to_a_person(offer_probability: float) -> None:
    found = evidence(
        offer=False, offer_probability=offer_probability, risk=0.6, claims=[claim(ClaimLabel.DISEASE)]
    )
    decision = POLICY.decide(found)
    assert decision.verdict is Verdict.NEEDS_REVIEW
    assert decision.claims
    assert decision.findings[0].code == "offer_unsure"
    assert verdict(replace(found, risk=0.1)) is Verdict.NOT_AN_AD


def test_risk_and_words_make_prohibited_with_law_on_the_claim() -> None:
    def check(label: ClaimLabel, product_class: ProductClass) -> None:
        found = evidence(product_class=product_class, risk=0.85, claims=[claim(label, "รักษาเบาหวาน")])
        decision = POLICY.decide(found)
        assert decision.verdict is Verdict.PROHIBITED
        assert decision.claims[0].law
        finding = next(f for f in decision.findings if f.code == label.value)
        assert finding.law == decision.claims[0].law
        assert "รักษาเบาหวาน" in finding.thai
        assert finding.start is not None
        assert TEXT[finding.start : finding.end] == "รักษาเบาหวาน"

    every(itertools.product(PROHIBITED_LABELS, ProductClass), check)


def test_high_risk_without_words_is_never_prohibited() -> None:
    found = evidence(risk=0.99, claims=[claim(ClaimLabel.BENEFIT)])
    assert verdict(found) is Verdict.NEEDS_REVIEW
    assert "no_span" in codes(found)


@pytest.mark.parametrize(
    ("risk", "sure", "expected"),
    [
        (0.8, frozenset(), Verdict.PROHIBITED),
        (0.79, frozenset(), Verdict.NEEDS_REVIEW),
        (0.3, frozenset(), Verdict.NEEDS_REVIEW),
        (0.29, frozenset(), Verdict.CLEAR),
        (0.29, frozenset({0}), Verdict.NEEDS_REVIEW),
    ],
)
def test_thresholds(risk: float, sure: frozenset[int], expected: Verdict) -> None:
    assert verdict(evidence(risk=risk, sure=sure, claims=[claim(ClaimLabel.DISEASE)])) is expected


def test_a_sure_benefit_claim_is_no_reason_for_review() -> None:
    found = evidence(claims=[claim(ClaimLabel.BENEFIT)], sure=frozenset({0}))
    assert verdict(found) is Verdict.NEEDS_PERMIT


PERMITS = [
    (ProductClass.FOOD_SUPPLEMENT, LicenceKind.FOOD_AD_PERMIT, LicenceKind.DRUG_AD_PERMIT),
    (ProductClass.FOOD, LicenceKind.FOOD_AD_PERMIT, LicenceKind.FOOD_SERIAL),
    (ProductClass.DRUG, LicenceKind.DRUG_AD_PERMIT, LicenceKind.FOOD_AD_PERMIT),
    (ProductClass.HERBAL, LicenceKind.HERBAL_AD_PERMIT, LicenceKind.FOOD_AD_PERMIT),
    (ProductClass.MEDICAL_DEVICE, LicenceKind.DEVICE_AD_PERMIT, LicenceKind.DEVICE_LICENCE),
    (ProductClass.HEALTH_SERVICE, LicenceKind.CLINIC_AD_PERMIT, LicenceKind.CLINIC_LICENCE),
]


@pytest.mark.parametrize(("product_class", "right", "wrong"), PERMITS)
def test_a_benefit_needs_a_permit_of_the_right_kind(
    product_class: ProductClass, right: LicenceKind, wrong: LicenceKind
) -> None:
    found = evidence(product_class=product_class, claims=[claim(ClaimLabel.BENEFIT)])
    assert verdict(found) is Verdict.NEEDS_PERMIT
    assert "no_permit" in codes(found)
    assert verdict(replace(found, licences=[licence(wrong)])) is Verdict.NEEDS_PERMIT
    for kind in (right, LicenceKind.AD_PERMIT):
        assert verdict(replace(found, licences=[licence(kind)])) is Verdict.CLEAR
        assert "permit_shown" in codes(replace(found, licences=[licence(kind)]))
    void = licence(right, status=RegistryStatus.CANCELLED)
    assert verdict(replace(found, licences=[void])) is Verdict.NEEDS_PERMIT
    misshapen = licence(right, shape=NumberShape.INVALID)
    assert verdict(replace(found, licences=[misshapen])) is Verdict.NEEDS_PERMIT


@pytest.mark.parametrize(
    "product_class", [ProductClass.COSMETIC, ProductClass.HOUSEHOLD_HAZARD, ProductClass.OTHER]
)
def test_no_permit_is_asked_where_none_exists(product_class: ProductClass) -> None:
    decision = POLICY.decide(evidence(product_class=product_class, claims=[claim(ClaimLabel.BENEFIT)]))
    assert (decision.verdict, decision.claims) == (Verdict.CLEAR, [])


def test_an_old_drug_permit_on_a_herbal_product_counts_and_is_told_as_stale() -> None:
    found = evidence(
        product_class=ProductClass.HERBAL,
        claims=[claim(ClaimLabel.BENEFIT)],
        licences=[licence(LicenceKind.DRUG_AD_PERMIT)],
    )
    assert verdict(found) is Verdict.CLEAR
    assert "permit_stale" in codes(found)


BARRED = [
    ("นมผงทารก สูตร 1 ตราทดสอบ กระป๋องละ 349 บาท", ProductClass.FOOD, "barred_infant_food"),
    ("ทรามาดอล 50 มก. แผงละ 150 ทักไลน์", ProductClass.DRUG, "barred_dangerous_drug"),
    ("ขาย sildenafil 100 mg พร้อมส่ง", ProductClass.DRUG, "barred_dangerous_drug"),
    ("ซอลพิเดม 10 มก. 2 แผง 700 ส่งฟรี", ProductClass.NARCOTIC_PSYCHOTROPIC, "barred_psychotropic"),
    ("ช่อดอกกัญชาเกรด A 5 กรัม 300 บาท ส่งทั่วไทย", ProductClass.HERBAL, "barred_cannabis_flower"),
    ("พอตใช้แล้วทิ้ง 12 กลิ่น ราคา 250", ProductClass.NARCOTIC_PSYCHOTROPIC, "barred_nicotine_vape"),
    ("น้ำกระท่อมต้มสด ขวดละ 60 ส่งถึงบ้าน", ProductClass.HERBAL, "barred_kratom_preparation"),
    ("กาแฟสูตรผสมไซบูทรามีน ซองละ 35", ProductClass.FOOD, "barred_drug_in_food"),
]


@pytest.mark.parametrize(("text", "product_class", "code"), BARRED)
def test_barred_goods_need_offer_class_and_sale(text: str, product_class: ProductClass, code: str) -> None:
    found = evidence(text, product_class, risk=0.05)
    decision = POLICY.decide(found)
    assert decision.verdict is Verdict.PROHIBITED
    finding = next(f for f in decision.findings if f.code == code)
    assert finding.law
    assert finding.start is not None
    assert text[finding.start : finding.end] in finding.thai
    assert decision.risk >= 0.9
    assert verdict(replace(found, offer=False, offer_probability=0.1)) is Verdict.NOT_AN_AD
    assert verdict(replace(found, product_class=ProductClass.OTHER)) is Verdict.CLEAR
    assert verdict(replace(found, product_class_probability=0.3)) is Verdict.CLEAR
    words_only = text[finding.start : finding.end]
    assert verdict(replace(found, text=f"{words_only} คืออะไร")) is Verdict.CLEAR


@pytest.mark.parametrize(
    ("text", "product_class"),
    [
        ("นมผงสำหรับเด็กอายุ 3 ปีขึ้นไป ไม่ใช่อาหารทารก ราคา 300 บาท", ProductClass.FOOD),
        ("นมผงสูตร 1+ สำหรับเด็กอายุ 1 ปีขึ้นไป กล่องละ 300 บาท", ProductClass.FOOD),
        ("ยาสามัญประจำบ้าน พาราเซตามอล 500 มก. แผงละ 10 บาท", ProductClass.DRUG),
        ("ร้านยาใกล้บ้าน ไม่จำหน่ายทรามาดอล สั่งซื้อวิตามินได้", ProductClass.DRUG),
        ("ช่อดอกกล้วยไม้ ช่อละ 200 บาท", ProductClass.HERBAL),
        ("แก้วเพาะกัญชา ใบละ 20 บาท", ProductClass.OTHER),
        ("ขายใบกระท่อมสด กิโลกรัมละ 100 บาท", ProductClass.HERBAL),
        ("กาแฟไม่ผสมไซบูทรามีน มีผลตรวจ ซองละ 35", ProductClass.FOOD),
    ],
)
def test_look_alikes_are_not_barred(text: str, product_class: ProductClass) -> None:
    assert verdict(evidence(text, product_class)) is Verdict.CLEAR


def test_html_hides_no_barred_goods() -> None:
    goods = "".join(f"&#{ord(char)};" for char in "ทรามาดอล")
    text = f"<p>{goods} 50 มก. แผงละ 15<b>0</b>&nbsp;ทักไลน์</p>"
    decision = POLICY.decide(evidence(text, ProductClass.DRUG))
    (finding,) = (one for one in decision.findings if one.code == "barred_dangerous_drug")
    assert text[finding.start : finding.end] == goods
    assert "ทรามาดอล" in finding.thai
    assert [text[fact.start : fact.end] for fact in decision.facts] == [goods]


def test_the_law_of_a_claim_goes_by_its_words_without_html() -> None:
    plain, text = "รักษาโรคเบาหวานหายขาด", "รักษาโรคเบา<!-- -->หวานหาย&#3586;าด"
    law = [
        POLICY.decide(
            evidence(words, ProductClass.DRUG, risk=0.9, claims=[claim(ClaimLabel.DISEASE, words, words)])
        )
        .claims[0]
        .law
        for words in (plain, text)
    ]
    assert law[0] == law[1]


def test_licensed_kratom_and_permitted_drug_ads_are_not_barred() -> None:
    kratom = evidence("ชาใบกระท่อมตราทดสอบ กล่องละ 90", ProductClass.HERBAL)
    assert verdict(kratom) is Verdict.PROHIBITED
    number = licence(LicenceKind.HERBAL_REGISTRATION)
    assert verdict(replace(kratom, licences=[number])) is Verdict.CLEAR
    for change in ({"shape": NumberShape.INVALID}, {"status": RegistryStatus.CANCELLED}):
        assert verdict(replace(kratom, licences=[number.model_copy(update=change)])) is Verdict.PROHIBITED
    assert verdict(replace(kratom, licences=[licence(LicenceKind.AD_PERMIT)])) is Verdict.PROHIBITED
    drug = evidence("เจล diclofenac ตราทดสอบ ราคา 90 บาท", ProductClass.DRUG)
    assert verdict(drug) is Verdict.PROHIBITED
    assert verdict(replace(drug, licences=[licence(LicenceKind.DRUG_AD_PERMIT)])) is Verdict.CLEAR


def test_goods_barred_for_another_class_hide_no_others() -> None:
    text = "นมผงทารก สูตร 1 และน้ำกระท่อมต้มสด ขวดละ 60 ส่งถึงบ้าน"
    found = evidence(text, ProductClass.HERBAL, claims=[claim(ClaimLabel.BENEFIT, "ต้มสด", text)])
    assert "barred_kratom_preparation" in codes(found)
    assert "barred_infant_food" not in codes(found)


def test_braces_in_a_listing_do_not_break_a_message() -> None:
    text = "{0} {text} รักษามะเร็ง %s"
    found = evidence(text, risk=0.9, claims=[claim(ClaimLabel.DISEASE, "{text} รักษามะเร็ง", text)])
    assert "{text} รักษามะเร็ง" in POLICY.decide(found).findings[0].thai


def test_every_law_in_the_policy_exists() -> None:
    for _, product_class, _ in BARRED:
        for text, _, code in BARRED:
            for finding in POLICY.decide(evidence(text, product_class)).findings:
                assert all(provision(ref.id) for ref in finding.law), code


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (("certain_from = 0.5", ""), "certain_from"),
        (('verdict = "needs_review"', 'verdict = "guilty"'), "guilty"),
        (('law = "unlicensed_product"', 'law = "no_such_label"'), "no_such_label"),
        (('fact = "infant_food"', 'fact = "no_such_fact"'), "no_such_fact"),
        (("version = 1", "version = = 1"), "wrong"),
    ],
)
def test_a_wrong_policy_file_says_what_is_wrong(tmp_path: Path, change: tuple[str, str], hint: str) -> None:
    shipped = (Path(__file__).parents[2] / "inference" / "policy.toml").read_text(encoding="utf-8")
    assert change[0] in shipped
    path = tmp_path / "policy.toml"
    path.write_text(shipped.replace(*change, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=hint):
        Policy.load(path)


def test_a_missing_policy_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot read the policy"):
        Policy.load(tmp_path / "none.toml")


def test_permitted_wording_is_no_claim_word_for_word_and_for_its_class_alone() -> None:
    wording = "เครื่องสำอางบำรุงผิวสำหรับผิวที่เป็นสิว"
    text = f"ครีม {wording} รักษาสิวอักเสบ"
    start = text.index("ที่เป็นสิว")
    inside = Claim(start=start, end=start + 10, label=ClaimLabel.DISEASE, probability=0.9, text="ที่เป็นสิว")
    after = text.index("รักษา")
    beside = Claim(start=after, end=len(text), label=ClaimLabel.DISEASE, probability=0.9, text=text[after:])
    found = evidence(text, ProductClass.COSMETIC, risk=0.99, claims=[inside, beside])
    assert [claim.start for claim in POLICY.decide(found).claims] == [after]
    alone = replace(found, claims=[inside])
    assert (verdict(alone), POLICY.decide(alone).claims) == (Verdict.NEEDS_REVIEW, [])

    def kept(start: int, end: int) -> int:
        marked = inside.model_copy(update={"start": start, "end": end, "text": text[start:end]})
        return len(POLICY.decide(replace(found, claims=[marked])).claims)

    at = text.index(wording)
    assert kept(at, at + len(wording)) == kept(at + 1, at + len("เครื่องสำอางบำรุงผิว")) == 0
    assert (kept(0, start + 10), kept(at, len(text))) == (1, 1)
    other = replace(alone, product_class=ProductClass.FOOD_SUPPLEMENT)
    assert len(POLICY.decide(other).claims) == 1
    loose = replace(alone, text=text.replace("เครื่องสำอางบำรุงผิว", "เครื่องสำอางบำรุง "))
    assert len(POLICY.decide(loose).claims) == 1


@pytest.mark.parametrize(
    ("text", "product_class", "label", "law"),
    [
        ("ขายโซลพิเดม zolpidem 10 mg ทักแชท", ProductClass.NARCOTIC_PSYCHOTROPIC, ClaimLabel.RESTRICTED_SALE, ["narcotics-code-37"]),
        ("พอตใช้แล้วทิ้ง บุหรี่ไฟฟ้า พร้อมส่ง", ProductClass.NARCOTIC_PSYCHOTROPIC, ClaimLabel.RESTRICTED_SALE, ["vape-order-24-2567"]),
        ("amoxicillin 500 mg แก้เจ็บคอ พร้อมส่ง", ProductClass.DRUG, ClaimLabel.DISEASE, ["drug-act-88-6"]),
        ("ยาแก้ไอ แก้เจ็บคอ พร้อมส่ง", ProductClass.DRUG, ClaimLabel.DISEASE, ["drug-act-88-bis"]),
    ],
)  # fmt: skip
def test_law_follows_from_what_the_words_establish(
    text: str, product_class: ProductClass, label: ClaimLabel, law: list[str]
) -> None:
    found = claim(label, text, text)
    decision = POLICY.decide(evidence(text, product_class=product_class, claims=[found], risk=0.9))
    assert [ref.id for ref in decision.claims[0].law] == law
    for finding in decision.findings:
        assert {ref.id for ref in finding.law} <= {*law, "drug-act-12"}


def test_words_that_only_begin_alike_establish_nothing() -> None:
    text = "กล่องขนาดพอดีมือ รีวิว 10 คำ"
    decision = POLICY.decide(
        evidence(text, product_class=ProductClass.OTHER, claims=[claim(ClaimLabel.ABSOLUTE, text, text)])
    )
    assert decision.facts == []


def test_licensed_kratom_is_not_what_the_fact_means() -> None:
    text = "กระท่อมผง ชงดื่ม"
    found = evidence(text, product_class=ProductClass.HERBAL, claims=[claim(ClaimLabel.ABSOLUTE, text, text)])
    assert [row.fact for row in POLICY.decide(found).facts] == [Fact.KRATOM]
    number = licence(LicenceKind.HERBAL_REGISTRATION, status=RegistryStatus.ACTIVE)
    assert POLICY.decide(replace(found, licences=[number])).facts == []


def test_a_register_that_denies_a_number_is_a_fact_with_its_place() -> None:
    number = licence(LicenceKind.FOOD_SERIAL, status=RegistryStatus.OTHER_PRODUCT)
    decision = POLICY.decide(evidence("อาหารเสริม", licences=[number]))
    assert [(row.fact, row.start, row.end) for row in decision.facts] == [
        (Fact.NUMBER_BORROWED, number.start, number.end)
    ]


def test_an_advertisement_is_not_called_by_the_word_for_a_legal_notification() -> None:
    root = Path(__file__).parents[2]
    for name in ("inference/policy.toml", "labels/guidance/advice.toml", "inference/records.py"):
        lines = (root / name).read_text("utf-8").splitlines()
        told = [line for line in lines if "thai" in line]
        assert told, name
        wrong = re.compile(r"ประกาศ(?!กระทรวง|สำนักงาน|คณะกรรมการ|ห้าม)")
        assert [line for line in told if wrong.search(line)] == [], name
