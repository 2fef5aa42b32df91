import re
from typing import Any

import pytest

from labels.law.catalogue import law_for, law_ref, provision
from labels.law.facts import Fact
from labels.pictured import AssessedPicture, PicturedAssessment, PictureLicence
from labels.schema import (
    Claim,
    EstablishedFact,
    Finding,
    LawRef,
    LicenceCheck,
    LicenceKind,
    NumberShape,
    RegistryStatus,
)
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.decisions.notice import Notice, NoticeKind
from service.decisions.offences import facts_of
from service.decisions.reasons import cursor_at, notice_of, position_at
from service.store import BadCursor, Store
from service.store.database.cursors import pack
from service.store.tables.referral_tables import UNTICKED
from service.text.official_wording import VIOLATIONS, violations

ONE_DATABASE = True

PROHIBITED, NEEDS_PERMIT, CLEAR = (v.value for v in (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT, Verdict.CLEAR))
TEXT = "รักษาเบาหวาน หายขาด"
FOOD = law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT)
FOOD_REVOKED = [law_ref("food-act-25-2")]


def newest(store: Store, redress: str = "") -> Notice:
    return notice_of(store.decisions.after()[-1], redress)


def test_a_takedown_quotes_the_words_and_names_the_law(store: Store, decide: Any) -> None:
    number = decide(store, "x1", PROHIBITED, url="https://shop.example/1", note="ความลับของนก")
    notice = newest(store, "ยื่นอุทธรณ์ภายใน 30 วัน")
    assert (notice.id, notice.kind, notice.external_id) == (f"notice-{number}", NoticeKind.TAKEDOWN, "x1")
    (claim,) = notice.claims
    assert TEXT[claim.start : claim.end] == claim.text == "รักษาเบาหวาน"
    assert claim.law == FOOD
    assert [(row.id, row.citation) for row in notice.ground] == [(ref.id, ref.citation) for ref in FOOD]
    assert notice.ground[0].reference_url == provision(FOOD[0].id).sources[0]
    for words, citation in (
        (notice.explanation_thai, provision(FOOD[0].id).full_citation),
        (notice.explanation_english, FOOD[0].citation),
    ):
        assert "“รักษาเบาหวาน”" in words
        assert citation in words
    assert notice.redress == "ยื่นอุทธรณ์ภายใน 30 วัน"
    statement = notice.statement_of_reasons
    assert statement is not None
    assert statement.illegal_content_legal_ground.startswith(FOOD[0].citation)
    assert statement.illegal_content_explanation == notice.explanation_english
    assert (statement.automated_detection, statement.automated_decision) == (
        "Yes", "AUTOMATED_DECISION_NOT_AUTOMATED",
    )  # fmt: skip
    assert statement.category == "STATEMENT_CATEGORY_CONSUMER_INFORMATION"


def test_the_explanation_is_worded_as_an_official_writes(store: Store, decide: Any) -> None:
    barred = Claim(start=0, end=12, label=ClaimLabel.UNLICENSED, probability=1, text=TEXT[:12])
    decide(store, "a", PROHIBITED, change={"claims": [barred], "findings": [BORROWED]})
    decide(store, "a", CLEAR)
    second = decide(store, "b", PROHIBITED)
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(second, nok.id)
    told = [notice_of(item, "").explanation_thai for item in store.decisions.after()]
    said = violations([ClaimLabel.UNLICENSED])
    assert any(f"ข้อความ “{TEXT[:12]}” อันเป็นการ{said}" in words for words in told)
    assert any("พระราชบัญญัติอาหาร พ.ศ. 2522 มาตรา 25 (2) ห้ามผลิต" in words for words in told)
    for words in told:
        # A notification of the law is a "ประกาศ"; a listing is an advertisement.
        assert not re.search(
            r"ประกาศ(?!กระทรวง|สำนักงาน|คณะกรรมการ|กสทช)|พ\.ร\.บ\.|ม\.\d|ผิดกฎหมายชัดแจ้ง", words
        ), words


def test_a_vape_is_no_narcotic(store: Store, decide: Any) -> None:
    vape = Finding(
        code="barred_nicotine_vape", thai="", english="", law=[law_ref("vape-order-24-2567")], start=0, end=12
    )
    change = {"findings": [vape], "product_class": ProductClass.NARCOTIC_PSYCHOTROPIC}
    decide(store, "a", PROHIBITED, confirmed=[], change=change, law_choices={"vape-order-24-2567": True})
    notice = newest(store)
    assert "(ประเภทผลิตภัณฑ์: บุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม)" in notice.explanation_thai
    assert "(product class: electronic cigarettes or their liquid)" in notice.explanation_english
    assert notice.product_class is ProductClass.NARCOTIC_PSYCHOTROPIC


def test_no_reviewer_and_no_note_leaves_the_house(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED, note="ความลับของเจ้าหน้าที่")
    decide(store, "a", CLEAR, note="ความลับของเจ้าหน้าที่")
    for item in store.decisions.after():
        told = notice_of(item, "").model_dump_json()
        assert not any(words in told for words in ("นก ผู้ตรวจ", "nok", "ความลับ"))


def test_a_reinstatement_names_the_notice_that_it_takes_back(store: Store, decide: Any) -> None:
    first = decide(store, "a", PROHIBITED)
    decide(store, "a", CLEAR)
    notice = newest(store)
    assert (notice.kind, notice.decision, notice.replaces) == (
        NoticeKind.REINSTATED, Verdict.CLEAR, f"notice-{first}",
    )  # fmt: skip
    assert (notice.claims, notice.ground, notice.statement_of_reasons) == ([], [], None)
    assert "no longer stands" in notice.explanation_english


def test_the_law_that_the_assessment_cited_stands_though_the_catalogue_changes(
    store: Store, decide: Any
) -> None:
    old = LawRef(id="repealed-act-1", citation="พ.ร.บ.เก่า ม.1")
    claim = Claim(start=0, end=12, label=ClaimLabel.DISEASE, probability=1, text=TEXT[:12], law=[old])
    decide(store, "a", PROHIBITED, change={"claims": [claim]})
    (row,) = newest(store).ground
    assert (row.id, row.citation, row.reference_url) == (old.id, old.citation, None)


BORROWED = Finding(
    code="number_of_other_product",
    thai="เลข 11-1-00000-1-0001 เป็นของผลิตภัณฑ์อื่นตามทะเบียน (สวมเลข) ต้องใช้เลขที่ออกให้ผลิตภัณฑ์นี้เท่านั้น",
    english="The register gives 11-1-00000-1-0001 to another product.",
    law=[law_ref("food-act-25-2")],
    start=13,
    end=19,
)

BORROWED_NUMBER = LicenceCheck(
    start=13, end=19, kind=LicenceKind.FOOD_SERIAL, number="11-1-00000-1-0001",
    shape=NumberShape.VALID, status=RegistryStatus.OTHER_PRODUCT,
)  # fmt: skip


def test_a_number_that_the_register_denies_stays_beside_confirmed_words(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED, change={"findings": [BORROWED], "licences": [BORROWED_NUMBER]})
    notice = newest(store)
    assert [row.id for row in notice.ground] == [*(ref.id for ref in FOOD), "food-act-25-2"]
    (fact,) = notice.facts
    assert fact.code == "number_of_other_product"
    assert fact.thai == "แสดงเลข “11-1-00000-1-0001” ซึ่งตามทะเบียนเป็นเลขของผลิตภัณฑ์อื่น"
    assert fact.thai in notice.explanation_thai.splitlines()
    assert "สวมเลข" not in notice.model_dump_json()


@pytest.mark.parametrize(
    ("place", "told"),
    [({"start": 13, "end": 19}, "เสนอขาย “ทรามาดอล” ซึ่งเป็น"), ({}, "เสนอขายสินค้าตามภาพโฆษณา ซึ่งเป็น")],
)
def test_barred_goods_are_stated_as_in_a_letter(
    store: Store, decide: Any, place: dict[str, int], told: str
) -> None:
    barred = Finding(
        code="barred_dangerous_drug",
        thai='"ทรามาดอล" เป็นยาอันตรายหรือยาควบคุมพิเศษ ห้ามขายทางออนไลน์; ขายได้ที่ร้านขายยาโดยเภสัชกรเท่านั้น',
        english="a dangerous drug",
        law=[law_ref("drug-act-88-6")],
        **place,
    )
    change = {"findings": [barred], "claims": [], "product_class": ProductClass.DRUG}
    decide(store, "a", PROHIBITED, change=change)
    (fact,) = newest(store).facts
    assert fact.thai.startswith(told)


def test_no_law_without_a_fact(store: Store, decide: Any) -> None:
    repeats = Finding(code="disease_claim", thai="ก", english="a", law=FOOD, start=0, end=12)
    change = {"findings": [repeats, BORROWED]}
    decide(store, "a", PROHIBITED, confirmed=[], change=change)
    assert [row.id for row in newest(store).ground] == ["food-act-25-2"]
    decide(store, "b", PROHIBITED, confirmed=[], change=change, rejected_findings=[1])
    notice = newest(store)
    assert (notice.ground, notice.facts) == ([], [])
    # What lacks a permit is not accused of its number, and with no words of nothing at all.
    decide(store, "c", NEEDS_PERMIT, confirmed=[], change={"findings": [BORROWED]})
    assert newest(store).ground == []


FOOD_SERIAL = LicenceCheck(
    start=13,
    end=19,
    kind=LicenceKind.FOOD_SERIAL,
    number="11-1-00000-1-0001",
    shape=NumberShape.VALID,
    status=RegistryStatus.OTHER_PRODUCT,
)


def test_the_number_of_a_food_accuses_no_cosmetic(store: Store, decide: Any) -> None:
    change = {"findings": [BORROWED], "licences": [FOOD_SERIAL]}
    decide(store, "a", PROHIBITED, confirmed=[], change=change)
    assert [row.id for row in newest(store).ground] == ["food-act-25-2"]
    decide(store, "b", PROHIBITED, confirmed=[], change=change, product_class=ProductClass.COSMETIC)
    assert (newest(store).ground, newest(store).facts) == ([], [])
    # As an assessment of an earlier release had it, whatever the class.
    wrong = change | {"product_class": ProductClass.COSMETIC}
    decide(store, "c", PROHIBITED, confirmed=[], change=wrong)
    assert newest(store).ground == []
    decide(store, "d", PROHIBITED, confirmed=[], change=wrong, product_class=ProductClass.FOOD)
    assert [row.id for row in newest(store).ground] == ["food-act-25-2"]


def test_an_unlicensed_cosmetic_with_the_number_of_a_food_shows_none_of_its_own(
    store: Store, decide: Any
) -> None:
    claim = Claim(start=0, end=12, label=ClaimLabel.UNLICENSED, probability=1, text=TEXT[:12])
    change = {
        "claims": [claim],
        "findings": [BORROWED],
        "licences": [FOOD_SERIAL],
        "product_class": ProductClass.COSMETIC,
    }
    decide(store, "a", PROHIBITED, change=change)
    assert newest(store).ground == []
    decide(store, "b", PROHIBITED, change=change, law_choices={"cosmetic-act-14": True})
    assert [row.id for row in newest(store).ground] == ["cosmetic-act-14"]


def test_a_number_in_a_picture_goes_by_the_class_too() -> None:
    number = PictureLicence(**FOOD_SERIAL.model_dump(), boxes=[])
    assessment = PicturedAssessment(
        id="a",
        verdict=Verdict.PROHIBITED,
        risk=0.9,
        product_class=ProductClass.FOOD_SUPPLEMENT,
        product_class_probability=0.9,
        offer=True,
        offer_probability=0.9,
        model="by hand",
        findings=[BORROWED.model_copy(update={"start": None, "end": None})],
        pictures=[AssessedPicture(sha256="0" * 64, engine="test", licences=[number])],
    )
    (found,) = facts_of(assessment, [], Verdict.PROHIBITED)
    assert [ref.id for ref in found.law] == ["food-act-25-2"]
    assert facts_of(assessment, [], Verdict.PROHIBITED, ProductClass.COSMETIC) == []


def test_each_number_in_a_picture_is_a_fact_that_names_it(store: Store, decide: Any) -> None:
    revoked = ["10-1-00001-5-0001", "10-1-00002-5-0002"]
    pictures, findings = [], []
    for place, number in enumerate(revoked):
        read = FOOD_SERIAL.model_copy(update={"number": number, "status": RegistryStatus.REVOKED})
        shown = PictureLicence(**read.model_dump(), boxes=[])
        pictures.append(AssessedPicture(sha256=f"{place}" * 64, engine="test", licences=[shown]))
        findings.append(
            Finding(code="number_revoked", thai=f"เลข {number} ถูกเพิกถอน", english=number, law=FOOD_REVOKED)
        )
    change = {"findings": findings, "licences": [], "product_class": ProductClass.FOOD_SUPPLEMENT}
    decide(store, "a", PROHIBITED, confirmed=[], change=change)
    decided = store.decisions.after()[-1]
    row = decided.assessment
    row.content = {**row.content, "pictures": [picture.model_dump(mode="json") for picture in pictures]}
    notice = notice_of(decided, "")
    assert [(fact.number, fact.picture, fact.law) for fact in notice.facts] == [
        (revoked[0], "0" * 64, ["food-act-25-2"]), (revoked[1], "1" * 64, ["food-act-25-2"]),
    ]  # fmt: skip
    assert notice.facts[0].thai == f"แสดงเลข “{revoked[0]}” ในภาพโฆษณา ซึ่งตามทะเบียนถูกเพิกถอนแล้ว"
    assert notice.facts[1].english == revoked[1]


def test_a_permit_that_is_shown_is_no_offence(store: Store, decide: Any) -> None:
    shown = Finding(code="permit_shown", thai="ก", english="a", law=[law_ref("food-act-41")], start=0, end=12)
    decide(store, "a", PROHIBITED, confirmed=[], change={"findings": [shown]})
    assert newest(store).ground == []


def test_the_explanation_quotes_as_letters_do(store: Store, decide: Any) -> None:
    """Each wording once with all that it does, its reading, and hidden characters by name."""
    words = "ล ด น้ำ ห นั ก\u202e"
    text = f"{words} ผอมไว"
    claims = [
        Claim(start=start, end=end, label=label, probability=1, text=text[start:end])
        for start, end, label in [
            (0, len(words), ClaimLabel.WEIGHT_LOSS),
            (0, len(words), ClaimLabel.ABSOLUTE),
            (len(words) + 1, len(text), ClaimLabel.WEIGHT_LOSS),
        ]
    ]
    decide(store, "a", PROHIBITED, text=text, confirmed=(0, 1, 2), change={"claims": claims})
    notice = newest(store)
    assert notice.statement_of_reasons is not None
    assert "ลดน้ำหนัก" in {claim.reading for claim in notice.claims}
    assert {claim.reading for claim in notice.claims if claim.text == "ผอมไว"} == {""}
    english = notice.explanation_english
    statement = notice.statement_of_reasons.illegal_content_explanation
    for told, read_as in ((notice.explanation_thai, "อ่านว่า"), (english, "read as"), (statement, "read as")):
        assert told.count(f"ล ด น้ำ ห นั ก[อักขระที่มองไม่เห็น U+202E]” ({read_as} “ลดน้ำหนัก”)") == 1
        assert "\u202e" not in told
        assert told.count("“ผอมไว”") == 1
    both = f"{VIOLATIONS[ClaimLabel.WEIGHT_LOSS]} และ{VIOLATIONS[ClaimLabel.ABSOLUTE]}"
    assert f"อันเป็นการ{both}" in notice.explanation_thai
    # The claims keep the words as they stand, with their offsets.
    assert [claim.text for claim in notice.claims] == [words, words, "ผอมไว"]


def test_the_fact_of_a_rejected_finding_decides_no_law(store: Store, decide: Any) -> None:
    claim = Claim(start=0, end=12, label=ClaimLabel.UNLICENSED, probability=1, text=TEXT[:12])
    change = {"claims": [claim], "findings": [BORROWED]}
    decide(store, "a", PROHIBITED, change=change)
    assert [row.id for row in newest(store).ground] == ["food-act-25-2"]
    decide(store, "b", PROHIBITED, change=change, rejected_findings=(0,))
    assert newest(store).ground == []
    # Whether the minister has listed the food is the officer's to say.
    ticked = {"food-act-25-4": True}
    decide(store, "c", PROHIBITED, change=change, rejected_findings=(0,), law_choices=ticked)
    assert [row.id for row in newest(store).ground] == ["food-act-25-4"]


def goods(code: str, words: str, text: str) -> tuple[Finding, EstablishedFact]:
    """A finding on goods of the drug class as the policy makes it beside a psychotropic."""
    start, fact = text.index(words), Fact(code.removeprefix("barred_"))
    law, end = [law_ref("narcotics-code-37")], start + len(words)
    finding = Finding(code=code, thai=words, english=words, law=law, start=start, end=end)
    return finding, EstablishedFact(fact=fact, start=start, end=end)


def test_rejected_goods_take_their_provision_from_all_other_goods(store: Store, decide: Any) -> None:
    text = "zolpidem amoxicillin"
    made = [
        goods("barred_psychotropic", "zolpidem", text),
        goods("barred_dangerous_drug", "amoxicillin", text),
    ]
    change = {
        "findings": [finding for finding, _ in made],
        "facts": [fact for _, fact in made],
        "product_class": ProductClass.DRUG,
    }
    decide(store, "a", PROHIBITED, text=text, confirmed=[], change=change)
    assert [row.id for row in newest(store).ground] == ["narcotics-code-37"]
    ticked = {"drug-act-12": True}
    decide(
        store,
        "b",
        PROHIBITED,
        text=text,
        confirmed=[],
        change=change,
        rejected_findings=(0,),
        law_choices=ticked,
    )
    assert [row.id for row in newest(store).ground] == ["drug-act-12"]


def test_a_finding_is_rejected_and_not_another_fact_of_the_same_words(store: Store, decide: Any) -> None:
    words = "zolpidem"
    made = [goods("barred_psychotropic", words, words), goods("barred_dangerous_drug", words, words)]
    change = {
        "findings": [finding for finding, _ in made],
        "facts": [fact for _, fact in made],
        "product_class": ProductClass.DRUG,
    }
    decide(store, "a", PROHIBITED, text=words, confirmed=[], change=change, rejected_findings=(1,))
    notice = newest(store)
    assert [fact.code for fact in notice.facts] == ["barred_psychotropic"]
    assert [row.id for row in notice.ground] == ["narcotics-code-37"]


def test_what_is_not_ticked_leaves_with_no_quotation_either(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED, law_choices={"food-act-41": False})
    (claim,) = newest(store).claims
    assert [ref.id for ref in claim.law] == ["food-act-40"]


def test_words_without_a_ticked_provision_are_no_fact_beside_others(store: Store, decide: Any) -> None:
    unticked = {"food-act-40": False, "food-act-41": False}
    decide(store, "a", PROHIBITED, law_choices=unticked, change={"findings": [BORROWED]})
    notice = newest(store)
    assert ([row.id for row in notice.ground], notice.claims) == (["food-act-25-2"], [])
    assert "รักษาเบาหวาน" not in notice.explanation_thai + notice.explanation_english


def test_a_sent_letter_keeps_its_words_though_no_fact_meets_its_provision_any_more(
    store: Store, decide: Any
) -> None:
    decide(store, "a", PROHIBITED)
    (decided,) = store.decisions.after()
    for stated in (["food-act-25-2"], ["of-an-earlier-catalogue"], [UNTICKED]):
        assert [claim.text for claim in notice_of(decided, "", stated).claims] == ["รักษาเบาหวาน"], stated


def test_a_sent_letter_does_not_regain_words_that_were_unticked(store: Store, decide: Any) -> None:
    unticked = {"food-act-40": False, "food-act-41": False}
    change = {"findings": [BORROWED], "licences": [BORROWED_NUMBER]}
    decide(store, "a", PROHIBITED, law_choices=unticked, change=change)
    (decided,) = store.decisions.after()
    for stated in (["food-act-25-2"], ["food-act-25-2", "of-an-earlier-catalogue"]):
        assert notice_of(decided, "", stated).claims == [], stated


def test_an_unconfirmed_provision_leaves_with_a_tick_alone(store: Store, decide: Any) -> None:
    law = law_for(ClaimLabel.FALSE_ENDORSEMENT, ProductClass.FOOD_SUPPLEMENT)
    claim = Claim(start=0, end=12, label=ClaimLabel.FALSE_ENDORSEMENT, probability=1, text=TEXT[:12], law=law)
    decide(store, "a", PROHIBITED, change={"claims": [claim]})
    assert [row.id for row in newest(store).ground] == ["food-act-40"]
    choices = {"food-ad-criteria-2569": True, "food-act-40": False}
    decide(store, "b", PROHIBITED, change={"claims": [claim]}, law_choices=choices)
    assert [row.id for row in newest(store).ground] == ["food-ad-criteria-2569"]


def test_class_and_stated_facts_choose_the_law_that_is_sent(store: Store, decide: Any) -> None:
    claim = Claim(start=0, end=12, label=ClaimLabel.RESTRICTED_SALE, probability=1, text=TEXT[:12])
    change = {"claims": [claim], "product_class": ProductClass.FOOD_SUPPLEMENT}
    drug = {"product_class": ProductClass.DRUG}
    decide(store, "a", PROHIBITED, change=change, law_choices={"drug-act-12": True}, **drug)
    assert [row.id for row in newest(store).ground] == ["drug-act-12"]
    decide(store, "b", PROHIBITED, change=change, stated_facts=(Fact.SELLER_LICENSED,), **drug)
    notice = newest(store)
    assert [row.id for row in notice.ground] == ["drug-act-19"]
    assert [ref.id for ref in notice.claims[0].law] == ["drug-act-19"]


def test_barred_goods_are_another_category_and_long_texts_are_cut(store: Store, decide: Any) -> None:
    text = "".join(f"ยา{number:02}" + "ยา" * 198 for number in range(10))
    claims = [
        Claim(
            start=at, end=at + 400, label=ClaimLabel.RESTRICTED_SALE, probability=1, text=text[at : at + 400]
        )
        for at in range(0, len(text), 400)
    ]
    decide(store, "a", PROHIBITED, text=text, confirmed=range(10), change={"claims": claims})
    notice = newest(store)
    statement = notice.statement_of_reasons
    assert statement is not None
    assert statement.category_specification == ["KEYWORD_PROHIBITED_PRODUCTS"]
    assert len(statement.illegal_content_explanation) == 2000
    assert "".join(claim.text for claim in notice.claims) == text


@pytest.mark.parametrize(
    "cursor",
    [
        pack("takedowns", -1),
        pack("takedowns", True),
        pack("takedowns", "1"),
        pack("x", 1),
        pack("takedowns", 2**31),
    ],
)
def test_positions_survive_their_cursor_and_foreign_ones_are_refused(cursor: str) -> None:
    assert position_at(cursor_at(12)) == 12
    with pytest.raises(BadCursor):
        position_at(cursor)
