"""What somebody decided of late and has now, in their own eyes: a blind reading is a decision like any other."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from labels.taxonomy import Verdict
from service.store.database.columns import now
from service.store.tables.core_tables import WITHDRAWN, Listing, Review

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
HOUR = timedelta(hours=1)


def decided(team: Any, name: str, limit: int = 50) -> list[tuple[int, str, bool]]:
    found = team.store.own_work.decided(team.people[name], now() - HOUR, limit)
    return [(own.review.listing_id, own.review.decision, own.newest) for own in found.listed]


def held(team: Any, name: str) -> list[tuple[int, str | None]]:
    return [
        (holding.listing_id, holding.handed_by_name)
        for holding, _ in team.store.own_work.held(team.people[name])
    ]


def test_own_decisions_of_the_day_come_latest_first(team: Any) -> None:
    one, two, old = team.add("a"), team.add("b"), team.add("c")
    team.decide("nok", one)
    team.decide("lek", one, CLEAR)
    team.decide("nok", two)
    team.store.reviews.withdraw(team.store.reviews.history(two)[0].review.id, team.people["nok"].id)
    past = team.decide("nok", old)
    with team.store.database.writing() as session:
        session.execute(update(Review).where(Review.id == past.id).values(created_at=now() - 2 * HOUR))
    assert decided(team, "nok") == [
        (two, WITHDRAWN, True),
        (two, PROHIBITED, False),
        (one, PROHIBITED, False),
    ]
    assert decided(team, "nok", 1) == [(two, WITHDRAWN, True)]
    assert team.store.own_work.decided(team.people["nok"], now() - HOUR, 1).count == 3
    assert decided(team, "lek") == [(one, CLEAR, True)]


def test_a_listing_without_a_title_is_shown_by_its_description(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    with team.store.database.writing() as session:
        session.execute(update(Listing).values(title="", description="ครีมสมุนไพร"))
    (own,) = team.store.own_work.decided(team.people["nok"], now() - HOUR).listed
    assert own.title == "ครีมสมุนไพร"


def test_a_blind_reading_stands_among_the_decisions_and_its_case_among_those_held(team: Any) -> None:
    number, other = team.add("a"), team.add("b")
    team.decide("nok", number)
    team.deal()
    team.store.assignments.begin(other, team.people["lek"], HOUR)
    team.store.blinds.renew(team.people["lek"].id, number, HOUR)
    assert held(team, "lek") == [(other, None), (number, None)]
    assert held(team, "nok") == []
    reading = team.read("lek", number)
    assert decided(team, "lek") == [(number, CLEAR, True)]
    assert decided(team, "nok") == [(number, PROHIBITED, True)]
    team.store.readings.withdraw(team.people["lek"].id, number, reading.id)
    assert decided(team, "lek") == [(number, WITHDRAWN, True), (number, CLEAR, True)]
    assert held(team, "lek") == [(other, None)]


def test_cases_that_were_handed_over_are_held_and_lapsed_ones_are_not(team: Any) -> None:
    handed, lapsed = team.add("a"), team.add("b")
    team.store.assignments.hand(handed, team.people["mali"], team.people["lek"].id)
    team.store.assignments.begin(lapsed, team.people["lek"], -HOUR)
    assert held(team, "lek") == [(handed, "Mali")]
