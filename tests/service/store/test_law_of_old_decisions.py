"""Decisions of earlier releases keep the provisions that they rested on."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update

from labels.law.catalogue import provision
from service.store import open_store
from service.store.database.engine import Database
from service.store.tables.core_tables import Review
from tests.service.store.test_migrate import downgrade


def _as_chosen(database: Database, rows: Iterable[tuple[int, dict[str, bool]]]) -> None:
    """Store choices as before proposals were written down with them."""
    with database.writing() as session:
        for number, choices in rows:
            session.execute(update(Review).where(Review.id == number).values(law_choices=choices))


def test_decisions_keep_the_provisions_that_were_proposed_when_they_were_made(url: str, decide: Any) -> None:
    with open_store(url) as store:
        unticked = {"food-act-25-4": False}
        numbers = [decide(store, "a", "prohibited"), decide(store, "b", "prohibited")]
        downgrade(store.database, "0047")
        _as_chosen(store.database, zip(numbers, ({}, unticked), strict=True))
    with open_store(url) as store:
        first, second = (store.reviews.get(number).law_choices for number in numbers)
        assert (first["food-act-25-4"], second["food-act-25-4"]) == (True, False)
        assert first["hazard-act-23"] is second["hazard-act-23"] is True


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
        kept = [store.reviews.get(number) for number in numbers]
        assert [row.law_choices.get("food-act-40") for row in kept] == [True, False]
        assert [row.law_choices.get("food-ad-criteria-2569") for row in kept] == [None, True]
        assert store.reviews.get(clear).law_choices == {}
