"""The label taxonomy: the single definition of labels, classes, verdicts and platforms.

The values are enumerations; their Thai and English names, definitions and scope are in ``taxonomy.toml``.
Source of the rules: ``docs/annotation-guideline.md``.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class ProductClass(StrEnum):
    """What a listing sells; exactly one per listing."""

    FOOD_SUPPLEMENT = "food_supplement"
    FOOD = "food"
    DRUG = "drug"
    HERBAL = "herbal"
    COSMETIC = "cosmetic"
    MEDICAL_DEVICE = "medical_device"
    NARCOTIC_PSYCHOTROPIC = "narcotic_psychotropic"
    HEALTH_SERVICE = "health_service"
    HOUSEHOLD_HAZARD = "household_hazard"
    OTHER = "other"


class ClaimLabel(StrEnum):
    """What a span of a listing's text claims; any number per listing."""

    DISEASE = "disease_claim"
    WEIGHT_LOSS = "weight_loss_claim"
    SEXUAL = "sexual_claim"
    BODY_STRUCTURE = "body_structure_claim"
    ABSOLUTE = "absolute_claim"
    FALSE_ENDORSEMENT = "false_endorsement"
    TESTIMONIAL = "testimonial_claim"
    RESTRICTED_SALE = "restricted_sale"
    UNLICENSED = "unlicensed_product"
    BENEFIT = "benefit_claim"


class Verdict(StrEnum):
    """The answer for a whole listing, derived from offer, claims and number checks."""

    PROHIBITED = "prohibited"
    NEEDS_PERMIT = "needs_permit"
    CLEAR = "clear"
    NOT_AN_AD = "not_an_ad"
    NEEDS_REVIEW = "needs_review"


class Platform(StrEnum):
    """Where a listing was seen."""

    MARKETPLACE = "marketplace"
    WEB_SHOP = "web_shop"
    FACEBOOK = "facebook"
    TIKTOK = "tiktok"
    LINE = "line"
    X = "x"
    YOUTUBE = "youtube"
    INSTAGRAM = "instagram"
    FORUM = "forum"
    CLASSIFIEDS = "classifieds"


class Rule(StrEnum):
    """How the law treats the words of a label."""

    PROHIBITED = "prohibited"
    PERMIT_BOUND = "permit_bound"


@dataclass(frozen=True)
class Term:
    """Names and definition of one taxonomy value."""

    value: str
    thai: str
    english: str
    definition: str


@dataclass(frozen=True)
class LabelTerm(Term):
    """A claim label with its scope: what it excludes, how the law treats it, and for which classes."""

    excludes: str
    rule: Rule
    classes: tuple[ProductClass, ...]


CLASSES: tuple[ProductClass, ...] = tuple(ProductClass)
"""Output order of every model's product-class head."""

LABELS: tuple[ClaimLabel, ...] = tuple(ClaimLabel)
"""Output order of every model's claim head."""

PROHIBITED_LABELS: tuple[ClaimLabel, ...] = tuple(x for x in ClaimLabel if x is not ClaimLabel.BENEFIT)
"""The nine labels whose words are prohibited in any ad."""

_IN_SENTENCES = {
    ProductClass.NARCOTIC_PSYCHOTROPIC: "ยาเสพติดหรือวัตถุออกฤทธิ์",
    ProductClass.HEALTH_SERVICE: "สถานพยาบาลหรือบริการสุขภาพ",
    ProductClass.OTHER: "ผลิตภัณฑ์",
}
"""Classes whose Thai names do not fit into a sentence."""


@cache
def _data() -> dict[str, dict[str, dict[str, object]]]:
    text = resources.files(__package__).joinpath("taxonomy.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _term(section: str, value: str) -> Term:
    row = _data()[section][value]
    return Term(value, str(row["thai"]), str(row["english"]), str(row["definition"]))


@cache
def class_term(value: ProductClass) -> Term:
    """The names and definition of a product class."""
    return _term("product_class", value)


def class_words(value: ProductClass) -> str:
    """The Thai name of a product class in a sentence."""
    return _IN_SENTENCES.get(value) or class_term(value).thai


@cache
def verdict_term(value: Verdict) -> Term:
    """Names and definition of a verdict."""
    return _term("verdict", value)


@cache
def platform_term(value: Platform) -> Term:
    """Names and definition of a platform."""
    return _term("platform", value)


@cache
def label_term(value: ClaimLabel) -> LabelTerm:
    """Names, definition and scope of a claim label."""
    row = _data()["claim_label"][value]
    classes = row["classes"]
    assert isinstance(classes, list)
    return LabelTerm(
        value=value,
        thai=str(row["thai"]),
        english=str(row["english"]),
        definition=str(row["definition"]),
        excludes=str(row["excludes"]),
        rule=Rule(str(row["rule"])),
        classes=tuple(ProductClass(x) for x in classes),
    )
