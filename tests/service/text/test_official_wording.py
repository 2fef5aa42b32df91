"""Goods and violations are named in sentences as Thai official letters name them."""

import pytest

from labels.taxonomy import ClaimLabel, ProductClass
from service.text.official_wording import (
    competent,
    goods_terms,
    goods_words,
    health_goods,
    listed,
    violations,
)

NARCOTIC, HERBAL, SERVICE = (
    ProductClass.NARCOTIC_PSYCHOTROPIC, ProductClass.HERBAL, ProductClass.HEALTH_SERVICE,
)  # fmt: skip
VAPE = "บุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม"


@pytest.mark.parametrize(
    ("product_class", "findings", "provisions", "name"),
    [
        (NARCOTIC, ["barred_nicotine_vape"], ["vape-order-24-2567"], VAPE),
        (NARCOTIC, [], ["consumer-act-22"], VAPE),
        (NARCOTIC, ["barred_cannabis_flower"], [], "ช่อดอกกัญชา"),
        (HERBAL, ["barred_cannabis_flower"], [], "ช่อดอกกัญชา"),
        (NARCOTIC, ["barred_kratom_preparation"], [], "ผลิตภัณฑ์กระท่อม"),
        (NARCOTIC, ["barred_psychotropic"], ["narcotics-code-37"], "ยาเสพติดหรือวัตถุออกฤทธิ์"),
        (NARCOTIC, ["barred_nicotine_vape", "barred_psychotropic"], [], "ยาเสพติดหรือวัตถุออกฤทธิ์"),
        (NARCOTIC, [], [], "ยาเสพติดหรือวัตถุออกฤทธิ์"),
        (HERBAL, [], ["herbal-act-70"], "ผลิตภัณฑ์สมุนไพร"),
        (SERVICE, [], [], "สถานพยาบาลหรือบริการสุขภาพ"),
        (ProductClass.OTHER, [], [], "ผลิตภัณฑ์"),
    ],
)
def test_goods_are_narcotics_only_where_the_law_says_so(
    product_class: ProductClass, findings: list[str], provisions: list[str], name: str
) -> None:
    assert goods_words(product_class, findings, provisions) == name


def test_lists_have_one_and() -> None:
    assert [listed(words) for words in ([], ["ก"], ["ก", "ข"], ["ก", "ข", "ค"])] == [
        "",
        "ก",
        "ก และข",
        "ก ข และค",
    ]


def test_three_violations_are_numbered_where_they_hold_an_or() -> None:
    two = [ClaimLabel.WEIGHT_LOSS, ClaimLabel.SEXUAL]
    assert violations(two) == "แสดงสรรพคุณลดน้ำหนักหรือสลายไขมัน และแสดงสรรพคุณเกี่ยวกับสมรรถภาพทางเพศ"
    three = violations([*two, ClaimLabel.ABSOLUTE])
    assert three == (
        " (1) แสดงสรรพคุณลดน้ำหนักหรือสลายไขมัน (2) แสดงสรรพคุณเกี่ยวกับสมรรถภาพทางเพศ"
        " และ (3) รับรองผลหรือแสดงสรรพคุณเกินความจริง"
    )


def test_services_are_no_products() -> None:
    food = ProductClass.FOOD
    named = [health_goods(classes) for classes in ([food], [SERVICE], [food, SERVICE])]
    assert named == ["ผลิตภัณฑ์สุขภาพ", "บริการสุขภาพ", "ผลิตภัณฑ์และบริการสุขภาพ"]


def test_a_clinic_asks_the_department_for_clinics() -> None:
    assert competent(SERVICE) == "กรมสนับสนุนบริการสุขภาพ"
    assert competent(ProductClass.FOOD) == " อย."
    assert competent(ProductClass.OTHER) == "หน่วยงานที่รับผิดชอบ"
    assert competent(NARCOTIC) == competent(NARCOTIC, ["barred_psychotropic"]) == " อย."
    assert competent(NARCOTIC, ["barred_nicotine_vape"]) == "หน่วยงานที่รับผิดชอบ"


def test_the_class_is_named_as_before_unless_the_goods_are_no_narcotics() -> None:
    assert goods_terms(SERVICE) == ("สถานพยาบาล/บริการสุขภาพ", "Health service")
    assert goods_terms(NARCOTIC, ["barred_nicotine_vape"]) == (VAPE, "electronic cigarettes or their liquid")
