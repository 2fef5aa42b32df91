"""The law catalogue is complete, resolves, and its page is current."""

import itertools
import re
import tomllib
from importlib import resources

import pytest

from labels.law.catalogue import (
    STATUS_MEANING,
    Provision,
    law_for,
    law_of_words,
    law_ref,
    provision,
    provisions,
)
from labels.law.facts import Fact, facts_in
from labels.taxonomy import ClaimLabel, ProductClass
from tests.helpers.every import every


def mapping() -> dict[str, dict[str, list[object]]]:
    text = resources.files("labels.law").joinpath("law_mapping.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def ids(label: ClaimLabel, product_class: ProductClass, *facts: Fact) -> list[str]:
    return [ref.id for ref in law_for(label, product_class, facts)]


def test_every_label_meets_a_law_on_every_class_whatever_the_facts() -> None:
    def check(label: ClaimLabel, product_class: ProductClass) -> None:
        for facts in [(), *itertools.combinations(Fact, 1), *itertools.combinations(Fact, 2)]:
            found = ids(label, product_class, *facts)
            # A benefit may be claimed if a permit is shown.
            lawful = label is ClaimLabel.BENEFIT and Fact.PERMIT_SHOWN in facts
            assert lawful or found, facts
            assert len(found) <= 5, facts
            assert len(set(found)) == len(found)
            for provision_id in found:
                assert provision(provision_id).id == provision_id

    every(itertools.product(ClaimLabel, ProductClass), check)


def test_the_mapping_names_no_unknown_label_or_class() -> None:
    assert set(mapping()) == {label.value for label in ClaimLabel}
    for row in mapping().values():
        assert set(row) == {product_class.value for product_class in ProductClass}


def test_every_provision_has_rule_penalty_status_and_source() -> None:
    def check(row: Provision) -> None:
        assert row.status in STATUS_MEANING
        assert row.sources
        assert all(url.startswith(("http://", "https://")) for url in row.sources)
        for text in (row.act_thai, row.act_english, row.rule_thai, row.rule_english):
            assert text.strip()
        # A definition and a measure have no penalty of their own, and no claim meets them.
        assert bool(row.penalty_thai.strip()) == (row.id not in WITHOUT_PENALTY)
        assert bool(row.penalty_english.strip()) == bool(row.penalty_thai.strip())
        assert 2500 < row.year_be <= 2569

    every(zip(provisions()), check)


WITHOUT_PENALTY = {"device-act-4", "computer-crime-act-20", "computer-crime-act-20-3"}

UNOFFICIAL = re.compile(
    r";|: |มี \d+ (?:ข้อ|ลักษณะ)|\d-\d|\d / \d|ซ้ำจำคุก"
    r"|(?:ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค)\."
)
"""Shorthand: semicolons and colons, counted items, ranges with a dash, short months."""


def test_rules_and_penalties_are_sentences_that_an_official_can_sign() -> None:
    def check(row: Provision) -> None:
        for text in (row.rule_thai, row.penalty_thai):
            assert not UNOFFICIAL.search(text), text
        # A letter writes "ระวางโทษ" before it.
        assert not row.penalty_thai or row.penalty_thai.startswith(("จำคุก", "ปรับ", "ตาม")), row.penalty_thai

    every(zip(provisions()), check)


def test_citations_are_the_thai_short_form() -> None:
    assert law_ref("food-act-40").citation == "พ.ร.บ.อาหาร พ.ศ. 2522 ม.40"
    assert law_ref("drug-act-88-6").citation == "พ.ร.บ.ยา พ.ศ. 2510 ม.88(6)"
    assert law_ref("cannabis-notice-2568-4").citation.endswith("พ.ศ. 2568 ข้อ 4(6)-(7)")
    assert law_ref("moph-447").citation == "ประกาศกระทรวงสาธารณสุข (ฉบับที่ 447) พ.ศ. 2566"
    assert len({row.citation for row in provisions()}) == len(provisions())


def test_an_item_takes_the_penalty_of_its_section() -> None:
    assert provision("drug-act-88-7").penalty_thai == provision("drug-act-88").penalty_thai
    assert provision("cosmetic-act-41-7").status == "C2" != provision("cosmetic-act-41").status


def test_an_unknown_id_says_where_to_look() -> None:
    with pytest.raises(KeyError, match=r"docs/law\.md"):
        provision("food-act-999")


@pytest.mark.parametrize(
    ("label", "product_class", "expected"),
    [
        (ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT, ["food-act-40", "food-act-41"]),
        (ClaimLabel.DISEASE, ProductClass.COSMETIC, ["cosmetic-act-41-3"]),
        (ClaimLabel.BENEFIT, ProductClass.FOOD, ["food-act-41"]),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.DRUG, ["drug-act-12"]),
        (ClaimLabel.DISEASE, ProductClass.OTHER, ["consumer-act-22"]),
    ],
)
def test_known_pairs(label: ClaimLabel, product_class: ProductClass, expected: list[str]) -> None:
    assert ids(label, product_class) == expected
    assert ids(ClaimLabel.DISEASE, ProductClass.MEDICAL_DEVICE)[0] == "device-act-59"


def test_a_false_claim_and_a_missing_permit_are_different_law() -> None:
    for product_class in (ProductClass.HERBAL, ProductClass.HEALTH_SERVICE, ProductClass.MEDICAL_DEVICE):
        assert ids(ClaimLabel.BENEFIT, product_class)[0] != ids(ClaimLabel.ABSOLUTE, product_class)[0]


WORKING_NOTE = re.compile(
    "ยังไม่|ไม่ได้ระบุ|ไม่ได้ตรวจ|ทุติยภูมิ|อย. (?:ใช้|ถือ|จัด)|เหตุที่"
    "|not (?:read|checked|found|named)|secondary source|[Uu]nconfirmed|FDA (?:files|reaches|treats)"
)


def test_what_goes_outside_holds_no_working_note() -> None:
    def check(row: Provision) -> None:
        for text in (row.rule_thai, row.rule_english, row.penalty_thai, row.penalty_english):
            assert not WORKING_NOTE.search(text)
        assert bool(row.note_thai) == bool(row.note_english)
        assert bool(row.condition_thai) == bool(row.condition_english)

    every(zip(provisions()), check)


def test_a_letter_cites_act_and_section_in_full() -> None:
    assert provision("food-act-40").full_citation == "พระราชบัญญัติอาหาร พ.ศ. 2522 มาตรา 40"
    assert provision("infant-food-act-14").full_citation.endswith("พ.ศ. 2560 มาตรา 14 และมาตรา 25")
    assert provision("cannabis-notice-2568-4").full_citation.endswith("พ.ศ. 2568 ข้อ 4 (6) และ (7)")
    assert provision("moph-447").full_citation == provision("moph-447").act_thai
    assert provision("cosmetic-act-28-4").full_citation.endswith("พ.ศ. 2558 มาตรา 27 (1) ประกอบมาตรา 28 (4)")
    assert provision("cosmetic-act-28-4").citation.endswith("ม.27(1) ประกอบ ม.28(4)")
    assert len({row.full_citation for row in provisions()}) == len(provisions())


C, P, F = ClaimLabel, ProductClass, Fact


@pytest.mark.parametrize(
    ("label", "product_class", "facts", "expected"),
    [
        # A sleeping pill is a psychotropic whatever class the model gave, and no electronic cigarette.
        (C.RESTRICTED_SALE, P.NARCOTIC_PSYCHOTROPIC, [F.PSYCHOTROPIC], ["narcotics-code-37"]),
        (C.RESTRICTED_SALE, P.DRUG, [F.PSYCHOTROPIC, F.DANGEROUS_DRUG], ["narcotics-code-37"]),
        (C.RESTRICTED_SALE, P.NARCOTIC_PSYCHOTROPIC, [F.E_CIGARETTE], ["vape-order-24-2567"]),
        (C.ABSOLUTE, P.NARCOTIC_PSYCHOTROPIC, [F.E_CIGARETTE], ["consumer-act-22"]),
        # An antibiotic: sold by nobody known to hold a licence, or by a pharmacy outside its premises.
        (C.RESTRICTED_SALE, P.DRUG, [F.DANGEROUS_DRUG], ["drug-act-12"]),
        (C.RESTRICTED_SALE, P.DRUG, [F.DANGEROUS_DRUG, F.SELLER_LICENSED], ["drug-act-19"]),
        (C.DISEASE, P.DRUG, [F.DANGEROUS_DRUG], ["drug-act-88-6"]),
        (C.DISEASE, P.DRUG, [], ["drug-act-88-bis"]),
        (C.DISEASE, P.DRUG, [F.NOTIFIED_DISEASE], ["drug-act-88-8"]),
        (C.DISEASE, P.FOOD, [F.PERMIT_SHOWN], ["food-act-40"]),
        (C.UNLICENSED, P.FOOD_SUPPLEMENT, [F.NUMBER_BORROWED], ["food-act-25-2"]),
        # The sections on revocation need a revoked number; one that ended otherwise is as good as none.
        (C.UNLICENSED, P.COSMETIC, [F.NUMBER_REVOKED], ["cosmetic-act-83"]),
        (C.UNLICENSED, P.COSMETIC, [F.NUMBER_CANCELLED], ["cosmetic-act-14"]),
        (C.UNLICENSED, P.HERBAL, [F.NUMBER_REVOKED], ["herbal-act-58-5"]),
        (C.UNLICENSED, P.HERBAL, [F.NUMBER_CANCELLED], ["herbal-act-58-4"]),
        (C.RESTRICTED_SALE, P.FOOD, [F.INFANT_FOOD], ["infant-food-act-14"]),
        (C.RESTRICTED_SALE, P.COSMETIC, [F.E_CIGARETTE], ["vape-order-24-2567"]),
        (C.RESTRICTED_SALE, P.HERBAL, [F.PSYCHOTROPIC], ["narcotics-code-37"]),
        (C.SEXUAL, P.DRUG, [F.DANGEROUS_DRUG], ["drug-act-88-5", "drug-act-88-6"]),
        (C.BENEFIT, P.DRUG, [F.DANGEROUS_DRUG], ["drug-act-88-6"]),
        (C.BENEFIT, P.FOOD, [F.PERMIT_SHOWN], []),
        # A device without a licence is barred from sale; one with a revoked or false number from advertising too.
        (C.UNLICENSED, P.MEDICAL_DEVICE, [], ["device-act-46-1"]),
        (C.UNLICENSED, P.MEDICAL_DEVICE, [F.NUMBER_REVOKED], ["device-act-56"]),
        (C.UNLICENSED, P.MEDICAL_DEVICE, [F.NUMBER_BORROWED], ["device-act-56"]),
        (C.UNLICENSED, P.HEALTH_SERVICE, [], ["sanatorium-act-16"]),
        (C.UNLICENSED, P.OTHER, [], ["consumer-act-22-3"]),
        (C.RESTRICTED_SALE, P.OTHER, [], ["consumer-act-22-3", "direct-sale-act-29"]),
        (
            C.RESTRICTED_SALE,
            P.HERBAL,
            [F.CANNABIS_FLOWER],
            ["cannabis-notice-2568-4", "thai-medicine-act-46"],
        ),
    ],
)
def test_facts_choose_the_provision(
    label: ClaimLabel, product_class: ProductClass, facts: list[Fact], expected: list[str]
) -> None:
    assert ids(label, product_class, *facts) == expected


def test_the_words_of_a_claim_establish_facts_of_that_claim() -> None:
    assert facts_in("รักษาโรคเบาหวานหายขาด") == {Fact.NOTIFIED_DISEASE, Fact.COMPLETE_CURE}
    assert facts_in("แก้เจ็บคอ") == frozenset()
    # Letters of another word, and food for an organ, are neither.
    assert facts_in("บอกต่อ ดอกไม้ ออกฤทธิ์ เต้าหู้ บำรุงหัวใจ") == frozenset()
    assert facts_in("หัวใจแข็งแรง archive วิตามินเอ ไม่มีสารปรอท ไม่หายขาด สเปรย์ฉีดผม ขนมโตเกียว") == frozenset()
    assert facts_in("อกอึ๋ม") == {Fact.BREASTS}
    assert facts_in("รักษาcancer หาย 100%") == {Fact.NOTIFIED_DISEASE, Fact.COMPLETE_CURE}
    cited = [[ref.id for ref in law_of_words(C.DISEASE, P.DRUG, words)] for words in ("แก้เจ็บคอ", "ต้านมะเร็ง")]
    assert cited == [["drug-act-88-bis"], ["drug-act-88-8"]]


@pytest.mark.parametrize(
    ("label", "product_class"),
    [
        (C.RESTRICTED_SALE, P.HOUSEHOLD_HAZARD),
        (C.UNLICENSED, P.HOUSEHOLD_HAZARD),
        (C.UNLICENSED, P.FOOD),
        (C.UNLICENSED, P.HEALTH_SERVICE),
        (C.UNLICENSED, P.OTHER),
        (C.RESTRICTED_SALE, P.OTHER),
        # Who sells may hold a licence, and need not be the one who makes the goods.
        (C.RESTRICTED_SALE, P.DRUG),
        (C.RESTRICTED_SALE, P.FOOD),
        (C.RESTRICTED_SALE, P.HERBAL),
        (C.RESTRICTED_SALE, P.HEALTH_SERVICE),
        (C.UNLICENSED, P.COSMETIC),
    ],
)
def test_what_no_listing_shows_is_left_to_an_officers_tick(
    label: ClaimLabel, product_class: ProductClass
) -> None:
    """The type of a substance, the minister's order, the clinic's licence: the rule may be confirmed, its
    application is not."""
    rows = [provision(number) for number in ids(label, product_class)]
    assert rows
    assert [row.is_proposed for row in rows] == [False] * len(rows)
    assert all(row.is_confirmed and row.condition_thai for row in rows)


def test_a_section_states_only_the_penalty_for_its_own_breach() -> None:
    assert provision("hazard-act-51").penalty_thai.endswith("(ม.84/1)")
    assert provision("consumer-act-22").penalty_thai.endswith("(ม.47)")
    assert provision("consumer-act-22-3").penalty_thai.endswith("(ม.48)")
    # Possession for sale is what sections 23 and 45 bar; they do not name sale itself.
    for number in ("hazard-act-23", "hazard-act-45-4"):
        assert provision(number).rule_thai.startswith("ห้ามผลิต นำเข้า ส่งออก หรือมีไว้ในครอบครอง ไม่ว่าเพื่อขาย")
