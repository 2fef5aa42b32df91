"""The law catalogue is complete, resolves, and its page is current."""

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from labels.law import STATUS_MEANING, Provision, law_for, law_ref, provision, provisions, render_markdown
from labels.taxonomy import ClaimLabel, ProductClass

ROOT = Path(__file__).parents[2]


def mapping() -> dict[str, dict[str, list[str]]]:
    text = resources.files("labels").joinpath("law_mapping.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def ids(label: ClaimLabel, product_class: ProductClass) -> list[str]:
    return [ref.id for ref in law_for(label, product_class)]


@pytest.mark.parametrize("label", ClaimLabel)
@pytest.mark.parametrize("product_class", ProductClass)
def test_every_label_meets_a_law_on_every_class(label: ClaimLabel, product_class: ProductClass) -> None:
    found = ids(label, product_class)
    assert found
    assert len(set(found)) == len(found)
    for provision_id in found:
        assert provision(provision_id).id == provision_id


def test_the_mapping_names_no_unknown_label_or_class() -> None:
    assert set(mapping()) == {label.value for label in ClaimLabel}
    for row in mapping().values():
        assert set(row) == {product_class.value for product_class in ProductClass}


@pytest.mark.parametrize("row", provisions(), ids=lambda row: row.id)
def test_every_provision_has_rule_penalty_status_and_source(row: Provision) -> None:
    assert row.status in STATUS_MEANING
    assert row.sources
    assert all(url.startswith(("http://", "https://")) for url in row.sources)
    for text in (row.act_thai, row.act_english, row.rule_thai, row.rule_english):
        assert text.strip()
    assert row.penalty_thai.strip()
    assert row.penalty_english.strip()
    assert 2500 < row.year_be <= 2569


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
        (ClaimLabel.RESTRICTED_SALE, ProductClass.DRUG, ["drug-act-12", "drug-act-19", "drug-act-88-6"]),
        (ClaimLabel.DISEASE, ProductClass.OTHER, ["consumer-act-22"]),
    ],
)
def test_known_pairs(label: ClaimLabel, product_class: ProductClass, expected: list[str]) -> None:
    assert ids(label, product_class) == expected
    assert ids(ClaimLabel.DISEASE, ProductClass.MEDICAL_DEVICE)[0] == "device-act-59"


def test_a_false_claim_and_a_missing_permit_are_different_law() -> None:
    for product_class in (ProductClass.HERBAL, ProductClass.HEALTH_SERVICE, ProductClass.MEDICAL_DEVICE):
        assert ids(ClaimLabel.BENEFIT, product_class)[0] != ids(ClaimLabel.ABSOLUTE, product_class)[0]


def test_the_page_is_current() -> None:
    page = (ROOT / "docs" / "law.md").read_text(encoding="utf-8")
    assert page == render_markdown(), "docs/law.md is old: write labels.law.render_markdown() to it"
