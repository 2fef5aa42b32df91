"""Golden cases in the store, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.second_look.agreement import drift
from service.store.database.columns import now
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.second_look.golden import GoldenRefused
from service.store.tables.blind_tables import BlindTask
from service.store.tables.core_tables import UNSURE
from service.training_data.review_export import reviewed

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


@pytest.fixture
def golden(team: Any) -> int:
    """A golden case that nok decided, and whose decision was not drawn."""
    number = team.add("golden")
    team.decide("nok", number)
    team.deal(looks=0)
    team.store.golden.mark(number, team.people["mali"].id)
    return int(number)


def recent(team: Any) -> tuple[Any, Any]:
    moment = now() + timedelta(seconds=1)
    return moment - timedelta(days=1), moment


def test_a_golden_case_is_dealt_after_a_decision_to_who_made_it(team: Any, golden: int) -> None:
    team.decide("lek", team.add("work"))
    assert team.deal(looks=0, golden=1).tasks == 1
    assert team.blind("lek") == {golden}
    page = team.store.reviews.queue(QueueFilter(state=CaseState.WAITING), team.people["lek"].id)
    assert [row.listing.id for row in page.rows] == [golden]
    # The one who decided it, and leads, who see the list, are never asked.
    for name in ("nok", "mali"):
        team.decide(name, team.add(f"work of {name}"))
    assert team.deal(looks=0, golden=1).tasks == 0
    assert team.deal(looks=0, golden=0).tasks == 0


def test_a_golden_reading_has_no_effect_but_on_the_drift(team: Any, golden: int) -> None:
    team.decide("lek", team.add("work"))
    team.deal(looks=0, golden=1)
    feed = [item.review.id for item in team.store.decisions.after()]
    history = [past.review.id for past in team.store.reviews.history(golden)]
    lessons = reviewed(team.store)
    reading = team.read("lek", golden, CLEAR)
    assert [item.review.id for item in team.store.decisions.after()] == feed
    assert [past.review.id for past in team.store.reviews.history(golden)] == history
    assert (reviewed(team.store).records, reviewed(team.store).left_out) == (
        lessons.records,
        lessons.left_out,
    )
    assert team.store.second_looks.disagreements() == []
    assert team.store.pairs.pairs(*recent(team)) == []
    ((month,),) = [drift(team.store.pairs.answers(*recent(team)))]
    assert (month.reviewer_id, month.answers, month.right) == (team.people["lek"].id, 1, 0)
    assert month.share is None  # one case proves nothing
    # Taken back and read again it counts once, as it was read last.
    team.store.readings.withdraw(team.people["lek"].id, golden, reading.id)
    assert drift(team.store.pairs.answers(*recent(team))) == []
    taken_back = team.store.blinds.on(team.people["lek"].id, golden).review
    team.read("lek", golden, PROHIBITED, last_seen=taken_back.id)
    ((month,),) = [drift(team.store.pairs.answers(*recent(team)))]
    assert (month.answers, month.right, month.same_labels) == (1, 1, 1)


def test_a_golden_case_that_lies_lapses_and_makes_room(team: Any, golden: int) -> None:
    team.decide("lek", team.add("work"))
    team.deal(looks=0, golden=1)
    team.store.blinds.renew(team.people["lek"].id, golden, timedelta(minutes=30))
    with team.store.database.writing() as session:
        session.query(BlindTask).one().until = now() - timedelta(days=4)
    team.deal(looks=0)
    assert team.blind("lek") == set()
    (lapse,) = team.store.lapses.newest()
    assert (lapse.is_golden, lapse.reader_name, lapse.new_reader) == (True, "Lek", None)
    assert lapse.is_over is False
    team.store.golden.retire(lapse.task.golden_id, team.people["mali"].id)
    assert [row.is_over for row in team.store.lapses.newest()] == [True]
    assert drift(team.store.pairs.answers(*recent(team))) == []


def test_nobody_is_dealt_a_golden_case_twice_or_has_many_waiting(team: Any, golden: int) -> None:
    for name in "bcde":
        number = team.add(f"golden {name}", f"รักษาเบาหวาน {name}")
        team.decide("nok", number)
        team.deal(looks=0)
        team.store.golden.mark(number, team.people["mali"].id)
    for turn in range(8):
        team.decide("lek", team.add(f"work {turn}", f"รักษาเบาหวาน งาน {turn}"))
    team.deal(looks=0, golden=1)
    dealt = team.blind("lek")
    assert len(dealt) == 3
    team.join("dao")
    team.decide("dao", team.add("work of another"))
    team.deal(looks=0, golden=1)
    assert len(team.blind("dao")) == 1
    first = min(dealt)
    team.read("lek", first)
    team.decide("lek", team.add("one more"))
    team.deal(looks=0, golden=1)
    assert len(team.blind("lek")) == 4  # the read one still hides its answer
    assert [row.read for row in team.store.golden.all() if row.golden.listing_id == first] == [1]


def test_only_a_lead_marks_and_only_what_somebody_decided(team: Any) -> None:
    number = team.add("a")
    mali, nok = team.people["mali"].id, team.people["nok"].id
    with pytest.raises(GoldenRefused, match="not decided"):
        team.store.golden.mark(number, mali)
    team.decide("nok", number, UNSURE)
    with pytest.raises(GoldenRefused, match="not decided"):
        team.store.golden.mark(number, mali)
    team.decide("nok", number)
    with pytest.raises(GoldenRefused, match="not a lead"):
        team.store.golden.mark(number, nok)
    team.deal()
    with pytest.raises(GoldenRefused, match="second look"):
        team.store.golden.mark(number, mali)
    team.read("lek", number, PROHIBITED)
    team.store.golden.mark(number, mali)
    with pytest.raises(GoldenRefused, match="already"):
        team.store.golden.mark(number, mali)
    assert team.actions()[-1] == "golden.mark"


def test_a_retired_or_overturned_case_is_blind_no_more(team: Any, golden: int) -> None:
    team.decide("lek", team.add("work"))
    team.deal(looks=0, golden=1)
    (row,) = team.store.golden.all()
    team.decide("mali", golden, CLEAR)
    assert team.blind("lek") == set()
    assert [item.lapsed for item in team.store.golden.all()] == [True]
    team.store.golden.retire(row.golden.id, team.people["mali"].id)
    assert team.store.golden.all() == []
    with pytest.raises(GoldenRefused):
        team.store.golden.retire(row.golden.id, team.people["mali"].id)
    assert team.actions()[-1] == "golden.retire"
