"""Required sentences: each sourced, recognised however it is written, and asked for only where it belongs."""

import pytest

from labels.guidance.ad_warnings import AdWarning, ad_warnings, missing_warnings
from labels.law.catalogue import STATUS_MEANING, provision
from labels.letters import letters
from labels.taxonomy import ProductClass

SUPPLEMENT = ProductClass.FOOD_SUPPLEMENT
FOUR = [
    "เด็กและสตรีมีครรภ์ไม่ควรรับประทาน",
    "อ่านคำเตือนในฉลากก่อนบริโภค",
    "ไม่มีผลในการป้องกันหรือรักษาโรค",
    "ควรกินอาหารหลากหลายครบ 5 หมู่ ในสัดส่วนที่เหมาะสมเป็นประจำ",
]


def codes(text: str, product_class: ProductClass) -> list[str]:
    return [row.code for row in missing_warnings(text, product_class)]


@pytest.mark.parametrize("row", ad_warnings(), ids=lambda row: row.code)
def test_every_row_is_whole(row: AdWarning) -> None:
    assert row.classes
    assert row.law
    assert all(provision(ref.id) for ref in row.law)
    assert row.status in STATUS_MEANING
    assert row.sources
    assert all(url.startswith("http") for url in row.sources)
    assert row.english.isascii()
    assert row.required == (row.status == "C"), "only what is confirmed may hold a draft back"


@pytest.mark.parametrize("row", ad_warnings(), ids=lambda row: row.code)
def test_the_sentence_that_is_asked_for_is_recognised(row: AdWarning) -> None:
    spaced = " ".join(row.thai)
    for written in (row.thai, f"ราคา 390 บาท\n*{row.thai}*\nทักแชท", row.thai.replace(" ", ""), spaced):
        assert all(pattern.search(letters(written)) for pattern in row.patterns)


def test_codes_are_different() -> None:
    found = [row.code for row in ad_warnings()]
    assert len(set(found)) == len(found)


def test_a_supplement_needs_four_sentences() -> None:
    assert [row.thai for row in missing_warnings("แคปซูล 390 บาท", SUPPLEMENT)] == FOUR
    for left_out in FOUR:
        text = " / ".join(sentence for sentence in FOUR if sentence != left_out)
        assert [row.thai for row in missing_warnings(text, SUPPLEMENT)] == [left_out]


@pytest.mark.parametrize(
    "text",
    [
        "เด็ก และ สตรีมีครรภ์ ไม่ควรรับประทาน • อ่านคำเตือนในฉลากก่อนบริโภค! ไม่มีผลในการป้องกัน/รักษาโรค"
        " ควรกินอาหารหลากหลาย ครบ ๕ หมู่ ในสัดส่วนที่เหมาะสม เป็นประจำ",
        "อ่านคําเตือนบนฉลากก่อนรับประทาน ไม่มีผลในการป้องกัน หรือ รักษาโรค เด็ก สตรีมีครรภ์ และสตรีให้นมบุตร"
        " ไม่ควรรับประทาน รับประทานอาหารให้หลากหลายครบทั้งห้าหมู่ในสัดส่วนที่เหมาะสมเป็นประจำ",
        "เด็ก สตรีมีครรภ์ ผู้แพ้ปลา งดรับประทาน\nอ่านคำเตือนในฉลากก่อนทาน\nไม่มีผลต่อการป้องกันและรักษาโรค\n"
        "ทานอาหารหลากหลายครบ 5 หมู่ ในปริมาณที่เหมาะสม",
    ],
)
def test_sentences_are_recognised_in_other_layout(text: str) -> None:
    assert codes(text, SUPPLEMENT) == []


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("ไม่มีผลข้างเคียง", "supplement_no_effect_on_disease"),
        ("ป้องกันหรือรักษาโรค", "supplement_no_effect_on_disease"),
        ("อ่านคำเตือนหน้าร้านก่อนสั่ง", "supplement_read_label"),
        ("เด็กและสตรีมีครรภ์ทานได้ คนแพ้นมไม่ควรทาน", "supplement_not_for_children"),
        ("สารอาหารครบ 5 หมู่ในซองเดียว", "supplement_varied_diet"),
    ],
)
def test_other_words_are_not_the_sentence(text: str, lacks: str) -> None:
    assert lacks in codes(text, SUPPLEMENT)


@pytest.mark.parametrize(
    ("product_class", "text", "asked"),
    [
        (ProductClass.FOOD, "น้ำผึ้ง 500 กรัม", []),
        (ProductClass.FOOD, "มันฝรั่งทอดกรอบ", ["snack_eat_little"]),
        (ProductClass.FOOD, "เจลลี่ ใส่แอสปาร์แตม", ["aspartame_read_label"]),
        (ProductClass.FOOD, "เจลลี่ ไม่มีแอสปาร์แตม", []),
        (ProductClass.FOOD, "คุกกี้กัญชง", ["cannabis_food_read_label", "cannabis_food_not_for_children", "cannabis_food_stop_when_unwell"]),
        (ProductClass.FOOD, "เครื่องเทศ ไม่มีใบกัญชา", []),
        (ProductClass.HERBAL, "ยาหม่องสมุนไพร", []),
        (ProductClass.HERBAL, "ใบกระท่อมสด กิโลละ 180", ["kratom_not_for_minors"]),
        (ProductClass.HERBAL, "ใบกระท่อมสด ห้ามขายผู้อายุต่ำกว่า 18 ปี หญิงมีครรภ์และให้นมบุตร", []),
        (ProductClass.COSMETIC, "ครีมอาบน้ำกลิ่นมะลิ", []),
        (ProductClass.COSMETIC, "เซรั่ม WHITENING", ["cosmetic_natural_skin_colour"]),
        (ProductClass.COSMETIC, "ผิวแลดูกระจ่างใส ไม่สามารถเปลี่ยนสีผิวตามธรรมชาติได้", []),
        (ProductClass.COSMETIC, "ยาสีฟัน whitening", []),
        (ProductClass.COSMETIC, "ลดเลือนริ้วรอย", ["cosmetic_wrinkle_results"]),
        (ProductClass.COSMETIC, "ลดเลือนริ้วรอย ผลลัพธ์ขึ้นอยู่กับสภาพผิวแต่ละบุคคล", ["cosmetic_wrinkle_results"]),
        (ProductClass.COSMETIC, "ลดเลือนริ้วรอย เห็นผลในช่วงเวลาที่ใช้ ผลลัพธ์ขึ้นอยู่กับสภาพผิวแต่ละบุคคล", []),
        (ProductClass.DRUG, "พาราเซตามอล", ["drug_read_label"]),
        (ProductClass.DRUG, "อ่านคำเตือนในฉลากและเอกสารกำกับยาก่อนใช้ยา", []),
        (ProductClass.OTHER, "เสื้อยืดลายใบกัญชา", []),
    ],
)  # fmt: skip
def test_asked_for_where_it_belongs(product_class: ProductClass, text: str, asked: list[str]) -> None:
    assert codes(text, product_class) == asked


def test_a_long_text_is_read_in_no_time() -> None:
    # Every pattern is bounded: even the longest text that the API accepts takes little time.
    text = "ห้ามขายเด็กสตรีมีครรภ์ลดริ้วรอยผลไม่เปลี่ยนแปลงกระท่อม whitening " * 3_000
    for product_class in ProductClass:
        assert isinstance(codes(text, product_class), list)
