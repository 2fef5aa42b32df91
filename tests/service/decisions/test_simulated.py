"""A simulated takedown names its law, also where an officer would have to verify a condition first."""

import json
from pathlib import Path
from typing import Any

import pytest

from inference.classifier import Classifier
from inference.model.bundle import shipped_bundle
from inference.records import listing_from_record
from labels.law.catalogue import law_for, provision
from labels.pictured import AssessedPicture, PictureClaim, PicturedAssessment
from labels.schema import Claim, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.decisions.reasons import notice_of
from service.decisions.simulated import simulate
from service.store import Store

ONE_DATABASE = True
WORDS = "พร้อมส่ง"


@pytest.mark.parametrize(
    ("label", "goods"),
    [
        (ClaimLabel.RESTRICTED_SALE, ProductClass.DRUG),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.FOOD),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.HERBAL),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.COSMETIC),
        (ClaimLabel.RESTRICTED_SALE, ProductClass.HEALTH_SERVICE),
        (ClaimLabel.UNLICENSED, ProductClass.COSMETIC),
    ],
)
def test_a_simulated_takedown_names_its_law(
    store: Store, assessor: Any, label: ClaimLabel, goods: ProductClass
) -> None:
    law = law_for(label, goods)
    assert not any(provision(ref.id).is_proposed for ref in law)
    listing = Listing(id="sku-1", description=WORDS)
    number = store.deposit(listing, source="api:shop").listing_id
    claim = Claim(start=0, end=len(WORDS), label=label, probability=1, text=WORDS, law=law)
    change = {"claims": [claim], "product_class": goods, "findings": []}
    store.assessments.record(number, assessor.assess(listing).model_copy(update=change))
    decided = simulate(store, number, Verdict.PROHIBITED)
    assert decided is not None
    notice = notice_of(decided, "", sandbox=True)
    assert [row.id for row in notice.ground] == [ref.id for ref in law]
    assert [ref.id for ref in notice.claims[0].law] == [ref.id for ref in law]
    assert notice.statement_of_reasons is not None
    assert notice.statement_of_reasons.illegal_content_legal_ground


def test_a_simulated_takedown_confirms_the_words_in_pictures(store: Store, assessor: Any) -> None:
    listing = Listing(id="sku-2", description=WORDS)
    number = store.deposit(listing, source="api:shop").listing_id
    law = law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT)
    claim = PictureClaim(
        start=0, end=12, label=ClaimLabel.DISEASE, probability=1, text="รักษาเบาหวาน", law=law, boxes=[]
    )
    change = {"claims": [], "product_class": ProductClass.FOOD_SUPPLEMENT, "findings": []}
    alone = assessor.assess(listing).model_copy(update=change)
    banner = AssessedPicture(sha256="0" * 64, claims=[claim])
    store.assessments.record(number, PicturedAssessment(**alone.model_dump(), pictures=[banner]))
    decided = simulate(store, number, Verdict.PROHIBITED)
    assert decided is not None
    notice = notice_of(decided, "", sandbox=True)
    assert [(row.text, row.picture) for row in notice.claims] == [("รักษาเบาหวาน", banner.sha256)]
    assert [row.id for row in notice.ground] == [ref.id for ref in law]


@pytest.mark.slow
def test_the_documented_listing_gets_a_notice_with_a_claim_and_its_ground(store: Store) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    section = docs.partition("## The sandbox")[2].partition("\n## ")[0]
    body = json.loads(section.partition("-d '")[2].partition("'\n")[0])
    listing = listing_from_record(body).as_handed_in()
    number = store.deposit(listing, source="api:my-shop").listing_id
    (found,) = Classifier(shipped_bundle()).classify([listing])
    store.assessments.record(number, found)
    decided = simulate(store, number, Verdict.PROHIBITED)
    assert decided is not None
    notice = notice_of(decided, "", sandbox=True)
    assert [claim.text for claim in notice.claims] == ["รักษาเบาหวานให้หายขาด"]
    assert notice.claims[0].law
    assert notice.ground
