"""The advice to sellers on an assessed draft."""

from collections.abc import Mapping
from itertools import permutations
from types import MappingProxyType

import pytest

from inference.policy import Policy
from labels.guidance.advice import Action
from labels.law.catalogue import law_for
from labels.pictured import AssessedPicture, PicturedAssessment, PictureLicence, PictureLine
from labels.schema import (
    Assessment,
    Claim,
    Finding,
    LicenceCheck,
    LicenceKind,
    NumberShape,
)
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.answers.checks import ClaimAdvice, DraftCheck, Sentence
from service.decisions.draft_check import check_draft, covering
from tests.helpers.growth import LINEAR, growth

FOUR = (
    "เด็กและสตรีมีครรภ์ไม่ควรรับประทาน อ่านคำเตือนในฉลากก่อนบริโภค ไม่มีผลในการป้องกันหรือรักษาโรค"
    " ควรกินอาหารหลากหลายครบ 5 หมู่ ในสัดส่วนที่เหมาะสมเป็นประจำ"
)
PERMIT = LicenceCheck(
    start=0, end=1, kind=LicenceKind.FOOD_AD_PERMIT, number="ฆอ. 1/2569", shape=NumberShape.VALID
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load()


def assessment(
    text: str,
    verdict: Verdict,
    product_class: ProductClass = ProductClass.FOOD_SUPPLEMENT,
    licences: tuple[LicenceCheck, ...] = (),
    findings: tuple[Finding, ...] = (),
    claims: Mapping[str, ClaimLabel] = MappingProxyType({}),
) -> Assessment:
    """An assessment whose claims are words of ``text``, each with its label."""
    return Assessment(
        id="1",
        verdict=verdict,
        risk=0.5,
        product_class=product_class,
        product_class_probability=0.9,
        offer=verdict is not Verdict.NOT_AN_AD,
        offer_probability=0.9,
        claims=[
            Claim(
                start=text.index(words),
                end=text.index(words) + len(words),
                label=label,
                probability=0.9,
                text=words,
            )
            for words, label in claims.items()
        ],
        licences=list(licences),
        findings=list(findings),
        model="m",
    )


def test_a_clear_draft_with_its_sentences_may_go_out(policy: Policy) -> None:
    text = f"แคปซูลวิตามิน 390 บาท {FOUR}"
    check = check_draft(text, assessment(text, Verdict.CLEAR), policy)
    assert check.publishable
    assert (check.advice, check.missing_warnings) == ([], [])
    assert "เผยแพร่ได้" in check.thai


def test_a_required_sentence_holds_it_back(policy: Policy) -> None:
    text = "แคปซูลวิตามิน 390 บาท"
    check = check_draft(text, assessment(text, Verdict.CLEAR), policy)
    assert not check.publishable
    assert len(check.missing_warnings) == 4
    assert all(warning.required and warning.law for warning in check.missing_warnings)
    assert check.thai.startswith("ยังไม่ควรเผยแพร่โฆษณานี้")
    assert "4 ข้อความ" in check.thai
    added = text + " " + " ".join(warning.thai for warning in check.missing_warnings)
    assert check_draft(added, assessment(added, Verdict.CLEAR), policy).publishable


def test_an_advisable_sentence_does_not(policy: Policy) -> None:
    text = "ยาหม่อง 45 บาท"
    check = check_draft(text, assessment(text, Verdict.CLEAR, ProductClass.DRUG), policy)
    assert check.publishable
    assert [warning.required for warning in check.missing_warnings] == [False]
    assert "ควรแสดงคำเตือน" in check.thai


@pytest.mark.parametrize("verdict", [Verdict.PROHIBITED, Verdict.NEEDS_PERMIT, Verdict.NEEDS_REVIEW])
def test_only_two_verdicts_may_go_out(policy: Policy, verdict: Verdict) -> None:
    text = f"แคปซูล {FOUR}"
    check = check_draft(text, assessment(text, verdict), policy)
    assert not check.publishable
    assert check.thai.startswith("ยังไม่ควรเผยแพร่โฆษณานี้")
    assert check.english.startswith("Do not publish this yet")


@pytest.mark.parametrize("verdict", [Verdict.CLEAR, Verdict.NOT_AN_AD])
def test_a_draft_that_was_not_read_whole_may_not_go_out(policy: Policy, verdict: Verdict) -> None:
    text = f"แคปซูล {FOUR}"
    read = assessment(text, verdict)
    assert check_draft(text, read, policy).publishable
    assert not check_draft(text, read.model_copy(update={"truncated": True}), policy).publishable


def test_html_in_a_draft_hides_no_sentence(policy: Policy) -> None:
    written = "".join(f"&#{ord(char)};" for char in FOUR)
    assert check_draft(written, assessment(written, Verdict.CLEAR), policy).publishable


def test_what_is_no_ad_needs_nothing(policy: Policy) -> None:
    check = check_draft("อย. เตือน", assessment("อย. เตือน", Verdict.NOT_AN_AD), policy)
    assert check.publishable
    assert check.missing_warnings == []
    assert "ไม่ใช่การเสนอขาย" in check.thai


def test_each_claim_has_its_advice_with_law_and_place(policy: Policy) -> None:
    text = f"ชงผอม รักษาเบาหวาน {FOUR}"
    found = assessment(
        text, Verdict.PROHIBITED, claims={"ชงผอม": ClaimLabel.WEIGHT_LOSS, "รักษาเบาหวาน": ClaimLabel.DISEASE}
    )
    check = check_draft(text, found, policy)
    assert [(item.label, item.text) for item in check.advice] == [(c.label, c.text) for c in found.claims]
    for item in check.advice:
        assert text[item.start : item.end] == item.text
        assert item.law == law_for(item.label, ProductClass.FOOD_SUPPLEMENT)
        assert item.action is Action.DELETE
        assert item.why.thai
        assert item.what_to_do.thai
        assert item.with_permit == []
    assert "ตัดข้อความต้องห้ามออก 2 แห่ง" in check.thai


def test_a_benefit_asks_for_the_permit_or_for_a_look_at_the_one_shown(policy: Policy) -> None:
    text = f"วิตามินซีบำรุงผิว ฆอ. 1/2569 {FOUR}"
    claim = {"วิตามินซีบำรุงผิว": ClaimLabel.BENEFIT}
    without = check_draft(text, assessment(text, Verdict.NEEDS_PERMIT, claims=claim), policy)
    assert without.advice[0].action is Action.APPLY_FOR_PERMIT
    assert without.advice[0].with_permit
    assert "ขออนุญาตโฆษณา" in without.thai
    shown = check_draft(text, assessment(text, Verdict.CLEAR, licences=(PERMIT,), claims=claim), policy)
    assert shown.advice[0].action is Action.CHECK_PERMIT
    assert shown.publishable
    assert "ตรงกับที่ได้รับอนุญาต" in shown.thai


@pytest.mark.parametrize("licences", [(), (PERMIT,)])
def test_no_permit_is_asked_for_words_that_are_prohibited(
    policy: Policy, licences: tuple[LicenceCheck, ...]
) -> None:
    whole, part = "ช่วยให้ผิวขาวใสใน 7 วัน", "ช่วยให้ผิวขาวใส"
    text = f"วิตามิน {whole} บำรุงสายตา"
    claims = {whole: ClaimLabel.BODY_STRUCTURE, part: ClaimLabel.BENEFIT, "บำรุงสายตา": ClaimLabel.BENEFIT}
    found = assessment(text, Verdict.PROHIBITED, licences=licences, claims=claims)
    check = check_draft(text, found, policy)
    prohibited, within, apart = check.advice
    assert within.label is ClaimLabel.BENEFIT
    assert within.why != prohibited.why
    assert (within.action, within.what_to_do) == (prohibited.action, prohibited.what_to_do)
    assert within.suggestions == prohibited.suggestions
    assert apart.action is (Action.CHECK_PERMIT if licences else Action.APPLY_FOR_PERMIT)
    # Each of the words is counted once.
    assert "ตัดข้อความต้องห้ามออก 1 แห่ง" in check.thai
    assert check.thai.count("1 แห่ง") == 2


def test_a_benefit_needs_its_permit_when_only_the_endorsement_around_it_must_go(policy: Policy) -> None:
    text = "วิตามิน คุณหมอแนะนำ ช่วยบำรุงสายตา"
    claims = {
        "คุณหมอแนะนำ ช่วยบำรุงสายตา": ClaimLabel.FALSE_ENDORSEMENT,
        "ช่วยบำรุงสายตา": ClaimLabel.BENEFIT,
    }
    check = check_draft(text, assessment(text, Verdict.PROHIBITED, claims=claims), policy)
    assert [item.action for item in check.advice] == [Action.REPLACE, Action.APPLY_FOR_PERMIT]
    assert "ฆอ" in check.advice[1].what_to_do.thai


def advised(action: Action, start: int, end: int, picture: int | None = None) -> ClaimAdvice:
    nothing = Sentence(thai="", english="")
    return ClaimAdvice(
        start=start,
        end=end,
        text="",
        label=ClaimLabel.BENEFIT,
        why=nothing,
        law=[],
        action=action,
        what_to_do=nothing,
        suggestions=[],
        with_permit=[],
        status="U",
        picture=picture,
    )


def test_the_strictest_action_around_a_benefit_is_its_action() -> None:
    benefit = advised(Action.APPLY_FOR_PERMIT, 3, 6)
    delete, withdraw = advised(Action.DELETE, 3, 9), advised(Action.WITHDRAW, 0, 6)
    for around in permutations((benefit, delete, withdraw)):
        assert covering(around) == {around.index(benefit): withdraw}
    for item in (
        advised(Action.REPLACE, 0, 9),
        advised(Action.DELETE, 4, 9),
        advised(Action.DELETE, 0, 5),
        advised(Action.DELETE, 0, 9, picture=0),
    ):
        assert covering([benefit, item]) == {}
    assert covering([benefit, advised(Action.DELETE, 0, 9), advised(Action.DELETE, 1, 2)])


def test_many_claims_are_compared_in_linear_time() -> None:
    def make(size: int) -> list[ClaimAdvice]:
        deleted = [advised(Action.DELETE, 3 * n, 3 * n + 2) for n in range(size)]
        return deleted + [advised(Action.CHECK_PERMIT, 3 * n + 1, 3 * n + 2) for n in range(size)]

    assert growth(make, covering, 1200) < LINEAR


def test_a_finding_that_is_about_no_claim_is_told(policy: Policy) -> None:
    text = f"แคปซูล รักษาเบาหวาน เลข 1 {FOUR}"
    start = text.index("รักษา")
    of_claim = Finding(code="a", thai="ของข้อความ", english="claim", start=start, end=start + 12)
    of_number = Finding(code="b", thai="เลข 1 ถูกยกเลิก", english="cancelled", start=text.index("เลข"), end=30)
    found = assessment(
        text, Verdict.PROHIBITED, findings=(of_claim, of_number), claims={"รักษาเบาหวาน": ClaimLabel.DISEASE}
    )
    check = check_draft(text, found, policy)
    assert "เลข 1 ถูกยกเลิก" in check.thai
    assert "ของข้อความ" not in check.thai
    assert "cancelled" in check.english


def test_a_permit_shown_only_in_a_picture_is_to_be_compared_not_applied_for(policy: Policy) -> None:
    text = f"แคปซูล บำรุงผิว {FOUR}"
    found = assessment(text, Verdict.CLEAR, claims={"บำรุงผิว": ClaimLabel.BENEFIT})
    banner = AssessedPicture(sha256="0" * 64, licences=[PictureLicence(**PERMIT.model_dump(), boxes=[])])
    check = check_draft(text, PicturedAssessment(**found.model_dump(), pictures=[banner]), policy)
    assert [item.action for item in check.advice] == [Action.CHECK_PERMIT]
    assert check.publishable


def test_an_undecided_draft_goes_to_a_person(policy: Policy) -> None:
    text = f"แคปซูล {FOUR}"
    assert "ให้ผู้ตรวจอ่าน" in check_draft(text, assessment(text, Verdict.NEEDS_REVIEW), policy).thai


def test_barred_goods_are_to_be_withdrawn(policy: Policy) -> None:
    text = "ยาทำแท้ง ส่งทั่วไทย"
    found = assessment(
        text, Verdict.PROHIBITED, ProductClass.DRUG, claims={"ยาทำแท้ง": ClaimLabel.RESTRICTED_SALE}
    )
    check: DraftCheck = check_draft(text, found, policy)
    assert check.advice[0].action is Action.WITHDRAW
    assert check.advice[0].suggestions == []
    assert "ยังขายไม่ได้" in check.thai
    assert check.missing_warnings == [], "a warning to add makes no barred goods lawful"


def test_goods_barred_by_a_rule_ask_for_no_sentence(policy: Policy) -> None:
    text = "นมผงสำหรับทารก สูตร 1 ราคา 390 บาท"
    barred = Finding(code="barred", thai="ห้ามโฆษณาอาหารทารก", english="infant food", start=0, end=5)
    check = check_draft(text, assessment(text, Verdict.PROHIBITED, findings=(barred,)), policy)
    assert check.missing_warnings == []
    assert check.thai == "ยังไม่ควรเผยแพร่โฆษณานี้: ห้ามโฆษณาอาหารทารก"


def test_a_claim_that_is_to_be_changed_holds_a_clear_draft_back(policy: Policy) -> None:
    text = f"แคปซูล ชงผอม {FOUR}"
    found = assessment(text, Verdict.CLEAR, claims={"ชงผอม": ClaimLabel.WEIGHT_LOSS})
    check = check_draft(text, found, policy)
    assert not check.publishable
    assert check.thai.startswith("ยังไม่ควรเผยแพร่โฆษณานี้")


@pytest.mark.parametrize(
    "text",
    [
        "บอกลาเบาหวาน",
        "รัก ษา เบา หวาน",
        "เ บ า - ห ว า น หมดห่วง",
        "หายขาดใน 7 วัน",
        "หาย\u200bขาด",
        "bye cancer",
        "ทานแล้วไม่ต้องกินยาหมออีก",
        "ไม่ต้อง พึ่ง ยา แผนปัจจุบัน",
        "หยุดยาได้ใน 7 วัน",
        "ใช้แทนยาได้เลยค่ะ",
        "หายดีโดยไม่ต้องผ่าตัด",
        "ไม่ต้องกินยาก็หายได้",
        "ไม่ต้องพึ่งยาก็หาย",
        "ไม่ต้องกินยามาก",
        "ไม่ต้องกินยานาน",
        "ไม่ต้องกินยาวันละหลายเม็ด",
        "ไม่ต้องกินยาฆ่าเชื้อ",
        "เลิกยา วันเดียวก็ดีขึ้น",
        "ไม่ใช่ยา แต่ใช้แทนยาได้",
    ],
)
@pytest.mark.parametrize("verdict", [Verdict.CLEAR, Verdict.NOT_AN_AD])
def test_a_disease_that_the_model_read_as_harmless_holds_the_draft_back(
    policy: Policy, text: str, verdict: Verdict
) -> None:
    check = check_draft(text, assessment(text, verdict, ProductClass.OTHER), policy)
    assert not check.publishable
    assert check.thai.startswith("ยังไม่ควรเผยแพร่โฆษณานี้: มีคำว่า “")
    assert "have a person read the draft" in check.english


@pytest.mark.parametrize("verdict", [Verdict.CLEAR, Verdict.NOT_AN_AD])
def test_a_picture_that_was_not_read_holds_the_draft_back(policy: Policy, verdict: Verdict) -> None:
    told = Finding(code="picture_unread", thai="ยังไม่ได้อ่านข้อความในภาพ", english="not read")
    found = assessment(FOUR, verdict, findings=(told,))
    check = check_draft(FOUR, found, policy)
    assert not check.publishable
    assert check.thai == "ยังไม่ควรเผยแพร่โฆษณานี้: ยังไม่ได้อ่านข้อความในภาพ"
    assert check_draft(FOUR, found.model_copy(update={"findings": []}), policy).publishable


NO_TEXT = Finding(code="no_text", thai="ไม่มีข้อความให้อ่าน", english="no text")
UNREAD = Finding(code="picture_unread", thai="ยังไม่ได้อ่านข้อความในภาพ", english="not read")


def test_a_draft_without_text_is_not_told_that_it_may_go_out(policy: Policy) -> None:
    found = assessment("", Verdict.NOT_AN_AD, ProductClass.OTHER, findings=(NO_TEXT,))
    check = check_draft("", found, policy)
    assert not check.publishable
    assert check.thai == "ร่างนี้ไม่มีข้อความที่อ่านได้ จึงยังตรวจไม่ได้ว่าเผยแพร่ได้หรือไม่"
    assert check.english.startswith("This draft has no text that can be read")
    unread = check_draft("", found.model_copy(update={"findings": [NO_TEXT, UNREAD]}), policy)
    assert not unread.publishable
    assert unread.thai == f"{check.thai}: {UNREAD.thai}"


def test_words_read_in_a_picture_count_too(policy: Policy) -> None:
    text = "แคปซูล 590 บาท"
    read = [
        AssessedPicture(lines=[PictureLine(text=words, box=(0, 0, 9, 9), confidence=0.9)])
        for words in ("ส่งฟรี", "ทานแล้วไม่ต้องกินยาหมออีก")
    ]
    clear = assessment(text, Verdict.CLEAR, ProductClass.OTHER)
    check = check_draft(text, PicturedAssessment(**clear.model_dump(), pictures=read), policy)
    assert not check.publishable
    assert check.thai.startswith("ยังไม่ควรเผยแพร่โฆษณานี้: ในรูปที่ 2 มีคำว่า “ไม่ต้องกินยา")


@pytest.mark.parametrize(
    "text",
    [
        "เสื้อยืด 199 บาท",
        "ครีมบำรุงผิว ไม่มีผลในการป้องกันหรือรักษาโรค ควรกินอาหารครบ 5 หมู่",
        "ไม่ต้องใช้ยางรัด ไม่ต้องใช้หมอนรอง ไม่ยุ่งยาก",
        "หากมีอาการผิดปกติให้หยุดใช้ยาและปรึกษาแพทย์",
        "หยุดรับประทานยาทันทีหากมีผื่น ไม่ควรหยุดยาเอง ห้ามหยุดยาความดัน",
        "หากมีผื่นให้หยุดยา และปรึกษาแพทย์",
        "ไม่แนะนำให้หยุดยาประจำตัว",
        "ห้าม หยุดยา อย่า หยุดยา ไม่ควรลดหรือหยุดยา",
        "ไม่ใช้แทนยาแผนปัจจุบัน",
        "ไม่ใช่ยา ไม่สามารถใช้แทนยาได้",
        "ไม่สามารถนำมาใช้ทดแทนยาแผนปัจจุบันได้",
        "ไม่ต้องใช้ยาสีฟัน ไม่ต้องใช้ยาแนวกระเบื้อง ไม่ต้องใช้ยาฆ่าแมลง ใช้ได้ยาวนาน",
    ],
)
def test_ordinary_words_name_no_disease(policy: Policy, text: str) -> None:
    assert check_draft(text, assessment(text, Verdict.CLEAR, ProductClass.OTHER), policy).publishable
