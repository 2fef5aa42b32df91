"""Every value of the taxonomy has its row of names, and no row is without its value."""

import re
import tomllib
from collections.abc import Callable
from enum import StrEnum
from importlib import resources

import pytest

from labels.taxonomy import (
    PROHIBITED_LABELS,
    ClaimLabel,
    Platform,
    ProductClass,
    Rule,
    Term,
    Verdict,
    class_term,
    label_term,
    platform_term,
    verdict_term,
)

SECTIONS: dict[str, type[StrEnum]] = {
    "product_class": ProductClass,
    "claim_label": ClaimLabel,
    "verdict": Verdict,
    "platform": Platform,
}
TERMS: list[tuple[type[StrEnum], Callable[..., Term]]] = [
    (ProductClass, class_term),
    (ClaimLabel, label_term),
    (Verdict, verdict_term),
    (Platform, platform_term),
]
THAI = re.compile(r"[ก-๙]")


def rows() -> dict[str, dict[str, object]]:
    text = resources.files("labels").joinpath("taxonomy.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def test_the_file_has_these_sections_and_no_other() -> None:
    assert set(rows()) == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_rows_and_values_are_the_same_in_the_same_order(section: str) -> None:
    assert list(rows()[section]) == [value.value for value in SECTIONS[section]]


@pytest.mark.parametrize(("values", "term_of"), TERMS)
def test_names_are_filled_in_and_unique(values: type[StrEnum], term_of: Callable[..., Term]) -> None:
    terms = [term_of(value) for value in values]
    for term in terms:
        assert THAI.search(term.thai), term
        assert term.english.isascii(), term
        assert term.english.strip(), term
        assert term.definition.endswith("."), term
    assert len({term.thai for term in terms}) == len({term.english for term in terms}) == len(terms)


def test_only_the_benefit_label_is_permit_bound() -> None:
    permit_bound = {label for label in ClaimLabel if label_term(label).rule is Rule.PERMIT_BOUND}
    assert permit_bound == {ClaimLabel.BENEFIT}
    assert set(PROHIBITED_LABELS) == set(ClaimLabel) - permit_bound


def test_a_benefit_claim_exists_only_where_a_permit_does() -> None:
    classes = set(label_term(ClaimLabel.BENEFIT).classes)
    assert classes.isdisjoint({ProductClass.COSMETIC, ProductClass.HOUSEHOLD_HAZARD, ProductClass.OTHER})


def test_only_sale_and_licence_labels_reach_goods_with_no_effect_on_the_body() -> None:
    reach_other = {label for label in ClaimLabel if ProductClass.OTHER in label_term(label).classes}
    assert reach_other == {ClaimLabel.RESTRICTED_SALE, ClaimLabel.UNLICENSED}


@pytest.mark.parametrize("label", ClaimLabel)
def test_every_label_says_what_it_is_not(label: ClaimLabel) -> None:
    term = label_term(label)
    assert term.excludes.endswith(".")
    assert term.classes
    assert len(set(term.classes)) == len(term.classes)
