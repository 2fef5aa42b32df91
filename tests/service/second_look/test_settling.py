"""A lead settles where two readers differ."""

from datetime import timedelta
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.store.cases.reviews import Decision
from service.store.database.columns import now
from service.store.index.entries import CaseState
from service.store.second_look.second_looks import Settlement, SettlementRefused
from service.store.tables.core_tables import UNSURE, Role

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


@pytest.mark.parametrize("settlement", list(Settlement))
def test_a_lead_settles_and_that_is_in_force(team: Any, settlement: Settlement) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    team.deal()
    team.read("lek", number, CLEAR)
    (found,) = team.store.second_looks.disagreements()
    assert (found.first.id, found.second.decision) == (first.id, CLEAR)
    made = {
        Settlement.FIRST: None,
        Settlement.SECOND: Decision(CLEAR, (), (0,)),
        Settlement.ANEW: Decision(Verdict.NOT_AN_AD.value, (), (0,)),
    }[settlement]
    lead = team.people["mali"]
    in_force = team.store.second_looks.settle(
        found.look.id, lead.id, settlement, team.assessment_of(number), made
    )
    (newest, *_) = team.store.reviews.history(number)
    assert newest.review.id == in_force
    if settlement is Settlement.FIRST:
        assert in_force == first.id
        assert len(team.store.decisions.after()) == 1  # nobody is notified twice
    else:
        assert made is not None
        assert (newest.review.decision, newest.reviewer_name) == (made.decision, "Mali")
        assert [item.replaces for item in team.store.decisions.after()] == [None, first.id]
    assert team.blind("lek") == set()
    assert team.store.second_looks.disagreements() == []
    look = team.look()
    assert (look.settlement, look.settled_by, look.settled_review_id) == (settlement, lead.id, in_force)
    assert team.actions()[-1] == "look.settle"
    assert team.store.audit.verify().broken_at is None
    with pytest.raises(SettlementRefused):
        team.store.second_looks.settle(found.look.id, lead.id, Settlement.FIRST, team.assessment_of(number))
    # A settlement is not drawn again.
    assert team.deal().looks == 0
    assert len(team.store.pairs.pairs(now() - timedelta(days=1), now())) == 1


def test_training_takes_the_settlement(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number, CLEAR)
    team.deal()
    team.read("lek", number, PROHIBITED)
    (found,) = team.store.second_looks.disagreements()
    made = Decision(PROHIBITED, (0,), ())
    team.store.second_looks.settle(
        found.look.id, team.people["mali"].id, Settlement.SECOND, team.assessment_of(number), made
    )
    ((review, _, _),) = team.store.reviews.newest_of_each_text()
    assert (review.decision, review.reviewer_id) == (PROHIBITED, team.people["mali"].id)


def test_no_reader_settles_unless_there_is_no_other_lead(team: Any) -> None:
    number = team.add("a")
    team.decide("mali", number)
    team.deal()
    reader = "nok" if team.blind("nok") else "lek"
    team.read(reader, number, CLEAR)
    (found,) = team.store.second_looks.disagreements()
    mali, seen = team.people["mali"], team.assessment_of(number)
    team.store.users.invite("new", "ใหม่", Role.LEAD, "cli")
    assert team.store.second_looks.may_settle(found, mali)  # alone: an invitation settles nothing
    other = team.join("dao", Role.LEAD)
    assert not team.store.second_looks.may_settle(found, mali)
    for person in (mali, team.people[reader]):
        with pytest.raises(SettlementRefused, match="another lead"):
            team.store.second_looks.settle(found.look.id, person.id, Settlement.FIRST, seen)
    assert team.store.second_looks.settle(found.look.id, other.id, Settlement.FIRST, seen)


def test_an_unsure_second_reader_brings_the_case_to_a_lead(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    team.read("lek", number, UNSURE)
    assert team.rows_of("lek") == [(number, CaseState.UNSURE)]
    assert len(team.store.second_looks.disagreements()) == 1
