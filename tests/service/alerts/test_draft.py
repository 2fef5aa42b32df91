"""The draft of a warning states the facts and words that the decision relies on, and no others."""

from typing import Any

import pytest

from labels.law.catalogue import law_for, law_ref
from labels.schema import Claim, Finding
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.alerts.draft import Draft, draft_of
from service.alerts.feeds import PublishedWords, marked_words
from service.alerts.wording import NEEDS_PERMIT, OTHER_VIOLATION, VIOLATIONS, advice
from service.decisions.notice import Ground, StatedFact
from service.decisions.reasons import notice_of
from service.store import Store
from service.store.alerts.repository import MAX_TITLE
from service.store.tables.alert_tables import AlertRow

PROHIBITED = Verdict.PROHIBITED.value
NUMBER = "11-1-00000-1-0001"
TEXT = f"วิตามินตัวอย่าง เลขสารบบอาหาร {NUMBER}"


def finding(code: str, law: str, words: str, text: str = TEXT) -> Finding:
    start = text.index(words)
    return Finding(
        code=code,
        thai="(สวมเลข) ให้ตรวจ",
        english="borrowed",
        law=[law_ref(law)],
        start=start,
        end=start + len(words),
    )


def draft(store: Store, text: str = TEXT) -> Draft:
    return draft_of(notice_of(store.decisions.after()[-1], ""), None, text, None, "สำนักงานตัวอย่าง")


def test_a_borrowed_number_is_stated_and_no_working_note(store: Store, decide: Any) -> None:
    borrowed = finding("number_of_other_product", "food-act-25-2", NUMBER)
    decide(store, "a", PROHIBITED, text=TEXT, confirmed=[], change={"findings": [borrowed]})
    text = draft(store).text
    assert f"- แสดงเลข “{NUMBER}” ซึ่งเป็นของผลิตภัณฑ์อื่นตามทะเบียน มิใช่เลขของผลิตภัณฑ์นี้" in text
    assert OTHER_VIOLATION not in text
    assert "สวมเลข" not in text


def test_barred_goods_are_named(store: Store, decide: Any) -> None:
    text = "พอตใช้แล้วทิ้ง ราคา 250"
    vape = finding("barred_nicotine_vape", "vape-order-24-2567", "พอตใช้แล้วทิ้ง", text)
    change = {"findings": [vape], "product_class": ProductClass.NARCOTIC_PSYCHOTROPIC}
    choices = {"vape-order-24-2567": True}
    decide(store, "a", PROHIBITED, text=text, confirmed=[], change=change, law_choices=choices)
    stated = "- เสนอขายบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม “พอตใช้แล้วทิ้ง” ซึ่งห้ามขายในประเทศไทย"
    assert stated in draft(store, text).text


def test_a_vape_is_no_narcotic_and_has_no_number_to_check(store: Store, decide: Any) -> None:
    text = "พอตใช้แล้วทิ้ง ราคา 250"
    vape = finding("barred_nicotine_vape", "vape-order-24-2567", "พอตใช้แล้วทิ้ง", text)
    change = {"findings": [vape], "product_class": ProductClass.NARCOTIC_PSYCHOTROPIC}
    choices = {"vape-order-24-2567": True}
    decide(store, "a", PROHIBITED, text=text, confirmed=[], change=change, law_choices=choices)
    made = draft(store, text)
    assert made.title.startswith("เตือนประชาชน: โฆษณาบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม “พอต")
    assert made.title.endswith(" เข้าข่ายฝ่าฝืนกฎหมาย")
    assert "ยาเสพติด" not in made.title + made.text
    assert "เลขทะเบียน" not in made.text
    assert "อย." not in made.text
    assert "- สินค้านี้ห้ามขายทางออนไลน์และทุกช่องทาง\n" in made.text
    assert made.text.endswith("- หากพบโฆษณาลักษณะเดียวกัน โปรดแจ้งสำนักงานตัวอย่าง")


def test_a_vape_is_known_by_its_provision(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED)
    law = Ground(id="vape-order-24-2567", citation="x", rule_thai="", rule_english="", reference_url=None)
    vape = {"product_class": ProductClass.NARCOTIC_PSYCHOTROPIC, "facts": [], "ground": [law]}
    advised = advice(notice_of(store.decisions.after()[-1], "").model_copy(update=vape), "สำนักงานตัวอย่าง")
    assert "สินค้านี้ห้ามขายทางออนไลน์และทุกช่องทาง" in advised
    assert advised[-1] == "หากพบโฆษณาลักษณะเดียวกัน โปรดแจ้งสำนักงานตัวอย่าง"
    assert "เลขทะเบียน" not in "".join(advised)


@pytest.mark.parametrize(
    ("product_class", "code", "law", "said", "has_number"),
    [
        (ProductClass.FOOD, "barred_infant_food", "infant-food-act-14", "อาหารสำหรับทารกห้ามโฆษณา", True),
        (ProductClass.HERBAL, "barred_kratom_preparation", "herbal-act-58-4", "หากไม่ได้ขึ้นทะเบียน", True),
        (ProductClass.DRUG, "barred_dangerous_drug", "drug-act-12", "ใบอนุญาตขายยา", False),
        (ProductClass.HERBAL, "barred_drug_in_food", "drug-act-12", "โปรดหยุดรับประทานหรือใช้และพบแพทย์", False),
        (ProductClass.FOOD, "barred_drug_in_food", "food-act-25-1", "ห้ามขายทางออนไลน์และทุกช่องทาง", False),
    ],
)
def test_barred_goods_have_the_advice_that_fits_them(
    store: Store,
    decide: Any,
    product_class: ProductClass,
    code: str,
    law: str,
    said: str,
    has_number: bool,
) -> None:
    decide(store, "a", PROHIBITED)
    fact = StatedFact(code=code, thai="", english="", start=None, end=None, law=[law])
    goods = {"product_class": product_class, "facts": [fact], "ground": []}
    advised = "\n".join(advice(notice_of(store.decisions.after()[-1], "").model_copy(update=goods), "x"))
    assert said in advised
    assert ("ตรวจสอบเลขทะเบียน" in advised) == has_number
    assert ("ใบอนุญาตขายยา" in advised) == (code == "barred_dangerous_drug")


def test_lawful_goods_have_a_number_to_check(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED)
    text = draft(store).text
    assert "- ตรวจสอบเลขทะเบียน" in text
    assert "ห้ามขาย" not in text


def test_infant_food_may_be_sold(store: Store, decide: Any) -> None:
    text = "นมผงสำหรับทารก"
    milk = finding("barred_infant_food", "infant-food-act-14", text, text)
    change = {"findings": [milk], "product_class": ProductClass.FOOD}
    decide(store, "a", PROHIBITED, text=text, confirmed=[], change=change)
    advised = draft(store, text).text
    assert "- อาหารสำหรับทารกห้ามโฆษณา\n" in advised
    assert "ห้ามขาย" not in advised


def test_a_number_in_a_picture_is_named(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED, text=TEXT, confirmed=[])
    fact = StatedFact(
        code="number_revoked", thai="", english="", start=None, end=None, law=[], number=NUMBER, picture="0"
    )
    notice = notice_of(store.decisions.after()[-1], "").model_copy(update={"facts": [fact]})
    text = draft_of(notice, None, TEXT, None, "สำนักงานตัวอย่าง").text
    assert f"- แสดงเลข “{NUMBER}” ในภาพโฆษณา ซึ่งถูกเพิกถอนแล้วตามทะเบียน" in text


def test_goods_that_are_spelled_evasively_are_named_with_their_reading(store: Store, decide: Any) -> None:
    text = "พอตใช้แล้วทิ้ง บุหรี่ ไ ฟ ฟ้ า ราคา 250"
    vape = finding("barred_nicotine_vape", "vape-order-24-2567", "บุหรี่ ไ ฟ ฟ้ า", text)
    change = {"findings": [vape], "product_class": ProductClass.NARCOTIC_PSYCHOTROPIC}
    choices = {"vape-order-24-2567": True}
    decide(store, "a", PROHIBITED, text=text, confirmed=[], change=change, law_choices=choices)
    assert "“บุหรี่ ไ ฟ ฟ้ า” (อ่านว่า “บุหรี่ ไฟฟ้า”) ซึ่งห้ามขายในประเทศไทย" in draft(store, text).text


def test_a_long_name_has_its_reading_in_the_text_alone(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED, text=(text := "ล ด น้ำ ห นั ก " + "วิตามินรวม " * 9))
    made = draft(store, text)
    assert "(อ่านว่า “ลดน้ำหนัก" in made.text
    assert "อ่านว่า" not in made.title
    assert len(made.title) <= MAX_TITLE


def test_a_long_name_is_cut_where_the_goods_have_long_names(store: Store, decide: Any) -> None:
    decide(store, "a", PROHIBITED)
    both = [
        StatedFact(code=code, thai="", english="", start=None, end=None, law=[])
        for code in ("barred_cannabis_flower", "barred_nicotine_vape")
    ]
    notice = notice_of(store.decisions.after()[-1], "").model_copy(update={"facts": both})
    title = draft_of(notice, "ส" * 119 + "x", "", None, "สำนักงานตัวอย่าง").title
    assert len(title) == MAX_TITLE
    assert title.endswith("ส…” เข้าข่ายฝ่าฝืนกฎหมาย")


def test_a_name_with_a_contact_in_it_is_left_out(store: Store, decide: Any) -> None:
    text = "ยานอนหลับ line: @example-shop"
    goods = finding("barred_psychotropic", "narcotics-code-37", text, text)
    change = {"findings": [goods], "product_class": ProductClass.DRUG}
    decide(store, "a", PROHIBITED, text=text, confirmed=[], change=change)
    found = draft(store, text).text
    assert "@example-shop" not in found
    assert "- เสนอขายยาเสพติดหรือวัตถุออกฤทธิ์ซึ่งต้องได้รับจากแพทย์ในสถานพยาบาลเท่านั้น" in found


def test_what_is_not_relied_on_is_not_stated(store: Store, decide: Any) -> None:
    borrowed = finding("number_of_other_product", "food-act-25-2", NUMBER)
    words = "วิตามินตัวอย่าง"
    law = law_for(ClaimLabel.SEXUAL, ProductClass.FOOD_SUPPLEMENT)
    claim = Claim(start=0, end=len(words), label=ClaimLabel.SEXUAL, probability=1, text=words, law=law)
    change = {"findings": [borrowed], "claims": [claim]}
    unticked = {ref.id: False for ref in law}
    decide(store, "a", PROHIBITED, text=TEXT, change=change, law_choices=unticked)
    text = draft(store).text
    assert VIOLATIONS[ClaimLabel.SEXUAL] not in text
    assert f"- “{words}”" not in text
    decide(store, "b", PROHIBITED, text=TEXT, change=change, law_choices={"food-act-25-2": False})
    text = draft(store).text
    assert VIOLATIONS[ClaimLabel.SEXUAL] in text
    assert "แสดงเลข" not in text


@pytest.mark.parametrize(
    ("product_class", "needed"), [(ProductClass.FOOD_SUPPLEMENT, True), (ProductClass.COSMETIC, False)]
)
def test_a_benefit_needs_a_permit_only_where_there_is_one(
    store: Store, decide: Any, product_class: ProductClass, needed: bool
) -> None:
    law = law_for(ClaimLabel.BENEFIT, product_class)
    claim = Claim(start=0, end=7, label=ClaimLabel.BENEFIT, probability=1, text=TEXT[:7], law=law)
    decide(store, "a", PROHIBITED, text=TEXT, change={"claims": [claim], "product_class": product_class})
    text = draft(store).text
    assert VIOLATIONS[ClaimLabel.BENEFIT] in text
    assert (NEEDS_PERMIT in text) == needed


def test_evasive_spelling_is_quoted_with_its_reading_and_hidden_characters_by_name(
    store: Store, decide: Any
) -> None:
    words, plain = "ล ด น้ำ ห นั ก\u202e", "ผอมไว"
    text = f"วิตามิน {words} {plain}"
    claims = [
        Claim(
            start=text.index(one),
            end=text.index(one) + len(one),
            label=ClaimLabel.WEIGHT_LOSS,
            probability=1,
            text=one,
        )
        for one in (words, plain)
    ]
    decide(store, "a", PROHIBITED, text=text, change={"claims": claims})
    shown = "ล ด น้ำ ห นั ก[อักขระที่มองไม่เห็น U+202E]"
    made = draft(store, text)
    assert f"- “{shown}” (อ่านว่า “ลดน้ำหนัก”)\n- “{plain}”\n" in made.text
    assert f" “วิตามิน {shown} {plain}” (อ่านว่า “วิตามิน ลดน้ำหนัก ผอมไว”) " in made.text
    assert made.title.count("(อ่านว่า “") == 1
    read = (PublishedWords(shown, "ลดน้ำหนัก"), PublishedWords(plain, ""))
    assert marked_words(AlertRow(text=made.text)) == read


def test_a_complainants_account_gives_no_name_of_the_goods(store: Store, decide: Any) -> None:
    story = f"ป้าละเมียดข้างบ้าน บ้านหนองแวง ป่วยเบาหวาน {TEXT}"
    borrowed = finding("number_of_other_product", "food-act-25-2", NUMBER, story)
    decide(store, "a", PROHIBITED, text=story, confirmed=[], change={"findings": [borrowed]})
    notice = notice_of(store.decisions.after()[-1], "")
    made = draft_of(notice, None, story, None, "สำนักงานตัวอย่าง", is_told=True)
    assert made.title == "เตือนประชาชน: โฆษณาผลิตภัณฑ์เสริมอาหาร เข้าข่ายฝ่าฝืนกฎหมาย"
    assert "ละเมียด" not in made.text
    assert NUMBER in made.text
    named = draft_of(notice, "น้ำผึ้ง", story, None, "สำนักงานตัวอย่าง", is_told=True)
    assert "“น้ำผึ้ง”" in named.title
