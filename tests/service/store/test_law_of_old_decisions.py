"""Decisions of earlier releases keep the provisions that they rested on."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text, update

from labels.law.catalogue import provision
from labels.taxonomy import ProductClass
from service.console.cases.form import form_of
from service.store import open_store
from service.store.cases.law_choices import counted
from service.store.database.engine import Database
from service.store.tables.core_tables import Review
from tests.service.store.test_migrate import downgrade


def _as_chosen(database: Database, rows: Iterable[tuple[int, dict[str, bool]]]) -> None:
    """Store choices as before proposals were written down with them."""
    with database.writing() as session:
        for number, choices in rows:
            session.execute(update(Review).where(Review.id == number).values(law_choices=choices))


def _relied(review: Review | None) -> dict[str, bool]:
    assert review is not None
    return counted(review.law_choices, review.law_proposed)


def test_decisions_keep_the_provisions_that_were_proposed_when_they_were_made(url: str, decide: Any) -> None:
    with open_store(url) as store:
        unticked = {"food-act-25-4": False}
        hazard = {"product_class": ProductClass.HOUSEHOLD_HAZARD}
        numbers = [decide(store, name, "prohibited") for name in "ab"]
        numbers.append(decide(store, "c", "prohibited", change=hazard))
        downgrade(store.database, "0047")
        _as_chosen(store.database, zip(numbers, ({}, unticked, {}), strict=True))
    with open_store(url) as store:
        first, second, third = (_relied(store.reviews.get(number)) for number in numbers)
        assert (first["food-act-25-4"], second["food-act-25-4"]) == (True, False)
        assert third["hazard-act-23"] is True


def test_no_provision_joins_a_decision_after_it_was_made(url: str, decide: Any) -> None:
    with open_store(url) as store:
        assert provision("food-act-40").is_proposed
        assert not provision("food-ad-criteria-2569").is_proposed
        chosen: list[dict[str, bool]] = [{}, {"food-act-40": False, "food-ad-criteria-2569": True}]
        numbers = [decide(store, "a", "prohibited"), decide(store, "b", "prohibited")]
        clear = decide(store, "c", "clear")
        downgrade(store.database, "0048")
        _as_chosen(store.database, zip(numbers, chosen, strict=True))
    with open_store(url) as store:
        kept = [_relied(store.reviews.get(number)) for number in numbers]
        assert [row.get("food-act-40") for row in kept] == [True, False]
        assert [row.get("food-ad-criteria-2569") for row in kept] == [None, True]
        assert _relied(store.reviews.get(clear)) == {}


def test_a_decision_on_food_names_no_provision_of_other_goods(url: str, decide: Any) -> None:
    """What was proposed is no tick: who decides again must tick a provision that has a condition by now."""
    with open_store(url) as store:
        number = decide(store, "a", "prohibited")
        changed = decide(store, "b", "prohibited", product_class=ProductClass.COSMETIC)
        downgrade(store.database, "0047")
        _as_chosen(store.database, [(number, {}), (changed, {"food-act-41": True})])
    with open_store(url) as store:
        of_food, of_cream = (_relied(store.reviews.get(one)) for one in (number, changed))
        assert {"food-act-40", "food-act-41", "food-act-25-2"} <= of_food.keys()
        assert not {"cosmetic-act-14", "herbal-act-17", "hazard-act-23", "drug-act-72-4"} & of_food.keys()
        assert {"cosmetic-act-14", "food-act-41"} <= of_cream.keys()
        for one in (number, changed):
            review = store.reviews.get(one)
            assert review is not None
            row = store.assessments.get(review.assessment_id)
            assert row is not None
            assert form_of(review, row.shape()).law_choices == {}


def test_a_downgrade_keeps_what_decisions_rest_on(url: str, decide: Any) -> None:
    with open_store(url) as store:
        choices = {"food-act-41": False, "food-ad-criteria-2569": True}
        number = decide(store, "a", "prohibited", law_choices=choices)
        before = _relied(store.reviews.get(number))
        downgrade(store.database, "0048")
        with store.database.reading() as session:
            kept = session.execute(text("SELECT law_choices FROM review")).scalar_one()
        assert (json.loads(kept) if isinstance(kept, str) else kept) == before


def test_a_provision_that_another_replaced_passes_its_tick_on(url: str, decide: Any) -> None:
    """The same facts meet the other one by now."""
    with open_store(url) as store:
        device, other = ({"product_class": row} for row in (ProductClass.MEDICAL_DEVICE, ProductClass.OTHER))
        numbers = [decide(store, name, "prohibited", change=device) for name in "ab"]
        numbers.append(decide(store, "c", "prohibited", change=other))
        downgrade(store.database, "0048")
        _as_chosen(store.database, zip(numbers, ({}, {"device-act-56": False}, {}), strict=True))
    with open_store(url) as store:
        first, second, third = (_relied(store.reviews.get(number)) for number in numbers)
        assert (first["device-act-46-1"], second["device-act-46-1"]) == (True, False)
        assert third["consumer-act-22-3"] is True
