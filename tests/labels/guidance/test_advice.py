"""Advice is whole, sourced, about the claim, and never another way to say a prohibited one."""

import itertools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest

from labels.guidance import advice
from labels.guidance.advice import Action, AdviceError, AdviceRow, action_term, advice_rows, advise
from labels.guidance.phrases import phrases
from labels.law.catalogue import STATUS_MEANING
from labels.letters import letters
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass
from tests.helpers.every import every

PAIRS = [(label, product_class) for label in ClaimLabel for product_class in ProductClass]


def data() -> dict[str, Any]:
    return tomllib.loads(
        resources.files("labels.guidance").joinpath("advice.toml").read_text(encoding="utf-8")
    )


def thai_share(text: str) -> float:
    return sum("\u0e01" <= sign <= "\u0e5b" for sign in text) / len(letters(text))


def test_every_label_on_every_class_has_words_status_and_source() -> None:
    def check(label: ClaimLabel, product_class: ProductClass) -> None:
        row = advice_rows()[label, product_class]
        assert thai_share(row.why.thai) > 0.9
        assert row.why.english.isascii() or "ฆ" in row.why.english
        assert row.why.english.endswith(".")
        assert row.status in STATUS_MEANING
        assert row.sources
        assert all(url.startswith("http") for url in row.sources)
        for wording in (*row.wording, *row.with_permit):
            assert wording.status in STATUS_MEANING
            assert all(url.startswith("http") for url in wording.sources)

    every(PAIRS, check)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_sentence(action: Action) -> None:
    assert thai_share(action_term(action).thai) > 0.9
    assert action_term(action).english.endswith(".")


def test_every_source_and_group_of_wording_is_used() -> None:
    whole = data()
    rows = [*whole["advice"], *whole["wording"].values()]
    assert set(whole["source"]) == {key for row in rows for key in row["sources"]}
    used = {
        name for row in whole["advice"] for key in ("wording", "with_permit") for name in row.get(key, ())
    }
    assert set(whole["wording"]) == used


def test_a_prohibited_claim_is_never_reworded() -> None:
    def check(label: ClaimLabel, product_class: ProductClass) -> None:
        row = advice_rows()[label, product_class]
        assert row.with_permit == ()
        assert row.action in {Action.DELETE, Action.REPLACE, Action.WITHDRAW}

    every(itertools.product(PROHIBITED_LABELS, ProductClass), check)


@pytest.mark.parametrize("label", [ClaimLabel.SEXUAL, ClaimLabel.RESTRICTED_SALE, ClaimLabel.UNLICENSED])
@pytest.mark.parametrize("product_class", [c for c in ProductClass if c is not ProductClass.HOUSEHOLD_HAZARD])
def test_what_nothing_may_take_the_place_of(label: ClaimLabel, product_class: ProductClass) -> None:
    assert advice_rows()[label, product_class].wording == ()


def test_no_suggested_wording_holds_a_phrase_that_is_prohibited_for_its_class() -> None:
    checked = 0
    for (_, product_class), row in advice_rows().items():
        banned = [
            letters(text) for p in phrases() if product_class in p.classes and not p.only for text in p.texts
        ]
        for wording in row.wording:
            checked += 1
            for text in banned:
                assert text not in letters(wording.text), (product_class, wording, text)
    assert checked > 50


def test_where_goods_are_barred_the_advice_is_to_withdraw() -> None:
    for product_class in ProductClass:
        for label in (ClaimLabel.RESTRICTED_SALE, ClaimLabel.UNLICENSED):
            assert advise(label, product_class, "x").action is Action.WITHDRAW
    assert advise(ClaimLabel.BENEFIT, ProductClass.NARCOTIC_PSYCHOTROPIC, "x").action is Action.WITHDRAW


@pytest.mark.parametrize(
    ("claim", "offered"),
    [
        ("รักษาสิวอักเสบ", "สำหรับผิวที่เป็นสิว"),
        ("รั ก ษ า สิ ว", "สำหรับผิวที่เป็นสิว"),
        ("แก้รังแคถาวร", "รังแคในช่วงเวลาที่ใช้"),
        ("ฆ่าเชื้อแบคทีเรีย 99.9%", "ลดการสะสมของเชื้อแบคทีเรีย"),
    ],
)
def test_wording_is_about_the_claim(claim: str, offered: str) -> None:
    given = advise(ClaimLabel.DISEASE, ProductClass.COSMETIC, claim)
    assert given.action is Action.REPLACE
    assert any(offered in text for text in given.suggestions)


@pytest.mark.parametrize(
    ("label", "claim", "offered"),
    [
        (ClaimLabel.BODY_STRUCTURE, "ฟันขาวขึ้น 5 เฉด", ("ฟันขาว (ยาสีฟันเท่านั้น)",)),
        (ClaimLabel.BODY_STRUCTURE, "ซ่อมแซม DNA ของเซลล์ผิว", ()),
        (ClaimLabel.DISEASE, "แก้ตกขาว", ()),
        (ClaimLabel.DISEASE, "ฆ่าเชื้อโควิดในลำคอ", ()),
        (ClaimLabel.WEIGHT_LOSS, "สลายไขมันหน้าท้อง", ()),
    ],
)
def test_wording_about_something_else_is_not_offered(
    label: ClaimLabel, claim: str, offered: tuple[str, ...]
) -> None:
    assert advise(label, ProductClass.COSMETIC, claim).suggestions == offered


def test_without_wording_about_the_claim_it_is_to_be_deleted() -> None:
    given = advise(ClaimLabel.DISEASE, ProductClass.COSMETIC, "รักษามะเร็ง")
    assert given.action is Action.DELETE
    assert given.suggestions == ()
    assert given.what_to_do == action_term(Action.DELETE)


def test_a_condition_is_told_with_the_wording() -> None:
    (brighter,) = advise(ClaimLabel.BODY_STRUCTURE, ProductClass.COSMETIC, "ขาวถาวร").suggestions
    assert brighter.startswith("แลดูกระจ่างใส (")
    assert "ไม่สามารถเปลี่ยนแปลงสีผิวตามธรรมชาติ" in brighter


@pytest.mark.parametrize(
    ("product_class", "permit"),
    [
        (ProductClass.FOOD, "ฆอ."),
        (ProductClass.FOOD_SUPPLEMENT, "ฆอ."),
        (ProductClass.DRUG, "ฆท."),
        (ProductClass.HERBAL, "ใบอนุญาตโฆษณาผลิตภัณฑ์สมุนไพร"),
        (ProductClass.MEDICAL_DEVICE, "ฆพ."),
        (ProductClass.HEALTH_SERVICE, "ฆสพ."),
    ],
)
def test_a_benefit_needs_the_permit_of_its_class(product_class: ProductClass, permit: str) -> None:
    without = advise(ClaimLabel.BENEFIT, product_class, "บำรุงร่างกาย")
    assert without.action is Action.APPLY_FOR_PERMIT
    assert permit in without.why.thai
    assert permit in without.what_to_do.thai or "ใบอนุญาตโฆษณา" in without.what_to_do.thai
    shown = advise(ClaimLabel.BENEFIT, product_class, "บำรุงร่างกาย", permit_shown=True)
    assert shown.action is Action.CHECK_PERMIT
    assert shown.suggestions == shown.with_permit == ()


def test_a_permit_excuses_no_prohibited_claim() -> None:
    for label in PROHIBITED_LABELS:
        claim = (label, ProductClass.FOOD, "รักษาเบาหวาน")
        assert advise(*claim) == advise(*claim, permit_shown=True)


def test_wording_that_needs_a_permit_stands_apart() -> None:
    given = advise(ClaimLabel.BENEFIT, ProductClass.FOOD_SUPPLEMENT, "วิตามินซีบำรุงผิว")
    (function,) = given.with_permit
    assert function.startswith("วิตามินซีมีส่วนช่วยในกระบวนการต่อต้านอนุมูลอิสระ (เมื่อผลิตภัณฑ์มีสารอาหารนี้")
    assert not set(given.with_permit) & set(given.suggestions)


@pytest.fixture
def spoiled(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The data, to be spoiled by a test; read afresh."""
    whole = data()
    monkeypatch.setattr(advice, "_data", lambda: whole)
    return whole


def read_afresh() -> Mapping[tuple[ClaimLabel, ProductClass], AdviceRow]:
    return advice_rows.__wrapped__()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("labels", ["no_claim"], "no_claim"),
        ("classes", ["drug"], "already has a row"),
        ("action", "reword", "reword"),
        ("status", "D", "not a status"),
        ("wording", ["nothing"], "nothing"),
        ("sources", ["nowhere"], "nowhere"),
    ],
)
def test_a_faulty_row_is_named(spoiled: dict[str, Any], key: str, value: object, says: str) -> None:
    spoiled["advice"][0][key] = value
    with pytest.raises(AdviceError, match=says):
        read_afresh()


def test_a_missing_row_is_named(spoiled: dict[str, Any]) -> None:
    spoiled["advice"].pop(0)
    with pytest.raises(AdviceError, match="no row for"):
        read_afresh()
