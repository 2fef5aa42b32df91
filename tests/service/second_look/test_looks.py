"""Second looks in the store, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.privacy.removal import delete_listings
from service.store.audit.actions import AuditAction
from service.store.audit.trail import SAME_VIEW
from service.store.cases.reviews import CaseChanged, Decision, ReviewRefused
from service.store.database.columns import now
from service.store.index.entries import CaseState
from service.store.index.finding import Assigned, QueueFilter, Sort
from service.store.migrate import upgrade
from service.store.second_look.second_looks import Settlement, SettlementRefused
from service.store.tables.blind_tables import BlindReading, BlindTask, SecondLook
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AuditEntry, Role
from service.training_data.review_export import reviewed

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
LEASE = timedelta(minutes=30)


def test_a_drawn_decision_waits_in_one_other_queue_and_stays_in_force(team: Any) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    assert team.deal().tasks == 1
    assert team.blind("lek") == {number}
    assert team.blind("nok") == team.blind("mali") == set()
    assert team.rows_of("lek") == [(number, CaseState.WAITING)]
    assert team.rows_of("nok") == team.rows_of("mali") == [(number, CaseState.DECIDED)]
    (row,) = team.store.reviews.queue(QueueFilter(), team.people["lek"].id).rows
    assert (row.review, row.reviewer_name) == (None, None)
    assert [item.review.id for item in team.store.decisions.after()] == [first.id]


def test_nothing_is_drawn_twice_and_the_share_is_kept(team: Any) -> None:
    for name in "abc":
        team.decide("nok", team.add(name))
    assert team.deal(looks=0.5).looks == 0  # every chance is 0.5, and the share is "below"
    assert team.deal(looks=1.0).looks == 0
    assert not team.store.deals.waits()
    team.decide("nok", team.add("d"))
    assert team.store.deals.waits()
    assert team.deal(looks=0.51).looks == 1


def test_the_first_deal_on_an_old_store_leaves_earlier_decisions_alone(team: Any) -> None:
    team.decide("nok", team.add("a"))
    team.downgrade("0013")
    upgrade(team.store.database)
    assert not team.store.deals.waits()
    team.decide("nok", team.add("b"))
    assert team.deal().looks == 1


@pytest.mark.parametrize("decision", [UNSURE, WITHDRAWN])
def test_a_doubt_and_a_withdrawal_are_no_decisions_to_draw(team: Any, decision: str) -> None:
    number = team.add("a")
    review = team.decide("nok", number, UNSURE if decision == UNSURE else CLEAR)
    if decision == WITHDRAWN:
        team.store.reviews.withdraw(review.id, team.people["nok"].id)
    assert team.deal().looks == 0


def test_an_agreeing_reader_sees_their_own_decision_until_the_look_is_sealed(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    reading = team.read("lek", number, PROHIBITED)
    look = team.look()
    assert look.agrees is True
    assert team.rows_of("lek") == [(number, CaseState.DECIDED)]
    (row,) = team.store.reviews.queue(QueueFilter(), team.people["lek"].id).rows
    assert row.review is not None
    assert (row.review.id, row.reviewer_name) == (reading.id, "Lek")
    assert team.store.second_looks.disagreements() == []
    with team.store.database.writing() as session:
        session.get_one(SecondLook, look.id).sealed_at = now()
    assert team.blind("lek") == set()
    with pytest.raises(CaseChanged):
        team.store.readings.withdraw(team.people["lek"].id, number, reading.id)


def test_a_reading_can_be_taken_back_and_made_again(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    lek = team.people["lek"].id
    reading = team.read("lek", number, CLEAR)
    assert team.look().agrees is False
    team.store.readings.withdraw(lek, number, reading.id)
    assert team.look().agrees is None
    assert team.rows_of("lek", state=CaseState.WAITING) == [(number, CaseState.WAITING)]
    with pytest.raises(ReviewRefused, match="no decision"):
        team.store.readings.withdraw(lek, number, reading.id)
    with pytest.raises(CaseChanged):
        team.read("lek", number, PROHIBITED, last_seen=0)
    with pytest.raises(CaseChanged):
        team.read("lek", number, PROHIBITED, last_seen=reading.id)
    taken_back = team.store.blinds.on(lek, number).review
    again = team.read("lek", number, PROHIBITED, last_seen=taken_back.id)
    assert again.id > taken_back.id > reading.id
    assert team.look().agrees is True
    assert [action for action in team.actions() if action.startswith("blind.")] == [
        "blind.deal",
        "blind.read",
        "blind.withdraw",
        "blind.read",
    ]


def test_an_unsure_reading_that_is_taken_back_leaves_the_one_before_it(team: Any) -> None:
    """As on an ordinary case: a difference would tell the reader that somebody decided it before."""
    number = team.add("a")
    first = team.decide("nok", number)
    team.deal()
    lek = team.people["lek"].id
    reading = team.read("lek", number, CLEAR)
    doubt = team.read("lek", number, UNSURE, last_seen=reading.id)
    assert team.look().agrees is False
    team.store.readings.withdraw(lek, number, doubt.id)
    assert team.look().agrees is False
    assert team.rows_of("lek") == [(number, CaseState.DECIDED)]
    assert team.store.blinds.on(lek, number).review.id == reading.id
    (found,) = team.store.second_looks.disagreements()
    assert (found.first.id, found.second.number) == (first.id, reading.id)
    (pair,) = team.store.pairs.pairs(now() - timedelta(days=1), now())
    assert pair.second.decision == CLEAR
    # As little as a decision that is not the newest, an earlier reading can be taken back.
    with pytest.raises(ReviewRefused):
        team.store.readings.withdraw(lek, number, reading.id)
    with pytest.raises(CaseChanged):
        team.read("lek", number, PROHIBITED, last_seen=doubt.id)
    team.read("lek", number, PROHIBITED, last_seen=team.store.blinds.on(lek, number).newest)
    assert team.look().agrees is True


def test_nobody_reads_blind_who_could_see_the_decision_while_it_was_in_doubt(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    assert team.blind("lek") == {number}
    doubt = team.decide("mali", number, UNSURE)
    assert team.blind("lek") == set()
    team.store.reviews.withdraw(doubt.id, team.people["mali"].id)
    assert team.blind("lek") == set()
    team.deal()
    assert team.blind("lek") == set()
    assert team.store.second_looks.counts().unassigned == 1
    # The second look goes on with somebody else.
    team.join("dao")
    team.deal()
    assert (team.blind("dao"), team.blind("lek")) == ({number}, set())


def test_a_disagreement_waits_for_a_lead_again_after_an_unsure_that_is_withdrawn(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    reading = team.read("lek", number, CLEAR)
    doubt = team.decide("mali", number, UNSURE)
    assert team.store.second_looks.disagreements() == []
    team.store.reviews.withdraw(doubt.id, team.people["mali"].id)
    (found,) = team.store.second_looks.disagreements()
    assert (found.second.number, team.store.second_looks.counts().disagreeing) == (reading.id, 1)
    # Its reader sees the decision, and so cannot change the reading.
    assert team.rows_of("lek") == [(number, CaseState.DECIDED)]
    with pytest.raises(CaseChanged):
        team.store.readings.withdraw(team.people["lek"].id, number, reading.id)


def test_a_page_that_showed_the_decision_cannot_send_a_blind_reading(team: Any) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    team.deal()
    with pytest.raises(CaseChanged):
        team.read("lek", number, CLEAR, last_seen=first.id)


def test_a_blind_reading_reaches_nobody_outside(team: Any) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    team.deal()
    before = reviewed(team.store)
    team.read("lek", number, CLEAR)
    assert [past.review.id for past in team.store.reviews.history(number)] == [first.id]
    assert [item.review.id for item in team.store.decisions.after()] == [first.id]
    assert team.store.decisions.newest() == first.id
    after = reviewed(team.store)
    assert (after.records, after.left_out) == (before.records, before.left_out)
    assert team.store.reviews.undecided() == []
    assert team.store.reviews.waiting() == 0
    assert team.store.referrals.of_listing(number) == []


@pytest.mark.parametrize("overtaken_by", ["withdrawal", "appeal", "new text"])
def test_what_overtakes_the_decision_ends_the_blindness(team: Any, overtaken_by: str) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    team.deal()
    if overtaken_by == "withdrawal":
        team.store.reviews.withdraw(first.id, team.people["nok"].id)
    elif overtaken_by == "appeal":
        team.decide("mali", number, CLEAR)
    else:
        team.add("a", "รักษาเบาหวาน ข้อความใหม่")
    assert team.blind("lek") == set()
    with pytest.raises(CaseChanged):
        team.read("lek", number)
    team.deal(looks=0)
    with team.store.database.reading() as session:
        assert session.query(BlindTask).one().ended_at is not None
    assert team.store.second_looks.counts().unread == 0


def test_a_disagreement_that_was_overtaken_waits_for_no_lead(team: Any) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    team.deal()
    team.read("lek", number, CLEAR)
    (found,) = team.store.second_looks.disagreements()
    team.store.reviews.withdraw(first.id, team.people["nok"].id)
    assert team.store.second_looks.disagreements() == []
    with pytest.raises(SettlementRefused, match="overtaken"):
        team.store.second_looks.settle(
            found.look.id, team.people["mali"].id, Settlement.FIRST, team.assessment_of(number)
        )
    # The first reader withdrew a slip: the pair says nothing about agreement.
    assert team.store.pairs.pairs(now() - timedelta(days=1), now()) == []


def test_the_only_reviewer_reads_nothing_twice(team: Any) -> None:
    team.store.users.disable(team.people["lek"].id)
    team.store.users.disable(team.people["mali"].id)
    number = team.add("a")
    team.decide("nok", number)
    assert team.deal().tasks == 0
    counts = team.store.second_looks.counts()
    assert (counts.unread, counts.unassigned) == (1, 1)
    team.join("som")
    assert team.deal().tasks == 1
    assert team.blind("som") == {number}


def test_an_invitation_that_nobody_accepted_is_dealt_nothing(team: Any) -> None:
    team.store.users.disable(team.people["lek"].id)
    som = team.store.users.invite("som", "Som", Role.REVIEWER, "cli")
    number = team.add("a")
    team.decide("nok", number)
    assert team.deal().tasks == 1
    assert team.blind("mali") == {number}
    assert not team.store.blinds.of(som.id)


def test_a_reader_who_leaves_is_replaced_and_one_who_knows_the_case_is_not_asked(team: Any) -> None:
    number = team.add("a")
    team.join("som")
    team.join("noi")
    team.store.audit.record("reviewer:som", AuditAction.CASE_VIEW, f"listing:{number}")
    with team.store.database.writing() as session:
        session.query(AuditEntry).filter_by(actor="reviewer:som").one().at -= 2 * SAME_VIEW
    # Whoever opens the page twice within minutes leaves one entry: the second time may be after the decision.
    team.store.audit.record("reviewer:noi", AuditAction.CASE_VIEW, f"listing:{number}")
    team.decide("nok", number)
    team.store.audit.record("reviewer:mali", AuditAction.CASE_VIEW, f"listing:{number}")
    team.deal()
    reader = "lek" if team.blind("lek") else "som"
    other = "som" if reader == "lek" else "lek"
    team.store.users.disable(team.people[reader].id)
    team.deal(looks=0)
    assert team.blind(other) == {number}  # som looked at it before there was anything to see
    team.store.users.disable(team.people[other].id)
    team.deal(looks=0)
    assert team.blind("mali") == set()  # mali saw the decision
    assert team.blind("noi") == set()  # noi may have
    assert team.store.second_looks.counts().unassigned == 1


def test_the_lease_of_a_blind_case_is_the_readers_own_affair(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    lek = team.people["lek"]
    assert team.rows_of("lek", assigned=Assigned.NOBODY) == [(number, CaseState.WAITING)]
    holding = team.store.blinds.renew(lek.id, number, LEASE)
    assert holding is not None
    assert (holding.reviewer_id, holding.handed_by_name) == (lek.id, None)
    assert team.store.assignments.holder(number) is None
    for wanted in (Assigned.ME, Assigned.ANYONE):
        assert team.rows_of("lek", assigned=wanted) == [(number, CaseState.WAITING)]
        assert team.rows_of("nok", assigned=wanted) == []
    # Somebody else may work on the case in the meantime without the reader noticing.
    team.store.assignments.take_over(number, team.people["mali"], LEASE)
    assert team.store.blinds.renew(lek.id, number, LEASE) is not None
    team.read("lek", number)
    assert team.store.blinds.renew(lek.id, number, LEASE) is None


def test_the_queue_puts_a_blind_case_in_its_place_page_by_page(team: Any) -> None:
    numbers = [team.add(f"{name}", f"รักษาเบาหวาน {name}") for name in "abcdefgh"]
    for number in (numbers[2], numbers[5]):
        team.decide("nok", number)
    team.deal()
    lek = team.people["lek"].id
    assert team.blind("lek") == {numbers[2], numbers[5]}
    for sort in (Sort.RISK, Sort.NEWEST, Sort.OLDEST):
        wanted, seen, cursor, pages = QueueFilter(sort=sort), [], None, 0
        while True:
            page = team.store.reviews.queue(wanted, lek, cursor, limit=3)
            seen += [row.listing.id for row in page.rows]
            pages += 1
            if page.next is None:
                break
            cursor = page.next
        assert seen == (numbers if sort is Sort.OLDEST else numbers[::-1])
        assert pages == 3
        back = team.store.reviews.queue(wanted, lek, page.previous, limit=3, backwards=True)
        assert [row.listing.id for row in back.rows] == seen[3:6]
    counts = team.store.reviews.counts(QueueFilter(), lek)
    assert counts.of(state=CaseState.WAITING).number == 8
    assert counts.of(state=CaseState.DECIDED).number == 0
    assert team.store.reviews.counts(QueueFilter()).of(state=CaseState.DECIDED).number == 2
    waiting = QueueFilter(state=CaseState.WAITING)
    assert team.store.reviews.how_many(waiting, lek).number == 8
    assert team.store.reviews.how_many(waiting).number == 6
    row = team.store.listing(numbers[3])
    assert row is not None
    assert team.store.reviews.next_waiting(QueueFilter(), row, lek) == numbers[2]
    assert team.store.reviews.next_waiting(QueueFilter(), row) == numbers[1]


def test_everything_goes_with_the_listing(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    team.read("lek", number)
    with team.store.database.writing() as session:
        delete_listings(session, [number], "test", now())
    with team.store.database.reading() as session:
        for table in (SecondLook, BlindTask, BlindReading):
            assert session.query(table).count() == 0
    assert team.store.listing(number) is None
    assert team.deal().looks == 0


def test_a_look_does_not_keep_its_listing_from_the_retention_rules(team: Any) -> None:
    from service.store.cases.protection import protections

    number = team.add("a")
    team.decide("nok", number, CLEAR)
    team.deal()
    with team.store.database.reading() as session:
        assert protections(session, [number]) == {}


def test_contacts_leave_the_readings_too(team: Any) -> None:
    from service.privacy.redaction import Redactor

    number = team.add("a", "รักษาเบาหวาน โทร 080-000-0000")
    team.decide("nok", number)
    team.deal()
    made = Decision(CLEAR, (), (0,), note="ลูกค้าให้เบอร์ 080-000-0000 มา")
    team.store.readings.record(team.people["lek"].id, team.assessment_of(number), made, 0)
    with team.store.database.writing() as session:
        listing = session.get_one(type(team.store.listing(number)), number)
        Redactor().redact(session, listing, now())
    with team.store.database.reading() as session:
        assert "080" not in session.query(BlindReading).one().note


def test_the_tables_come_and_go_with_data_in(team: Any, url: str) -> None:
    from service.store import open_store

    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    team.read("lek", number)
    team.downgrade("0013")
    with open_store(url) as store, store.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM second_look")) == 0
        assert session.scalar(text("SELECT last_review FROM look_draw")) == 1
        assert store.audit.verify().broken_at is None
        assert isinstance(store.deposit(Listing(id="b", description="ข้อความ")).listing_id, int)


def test_second_looks_that_nobody_may_read_cost_the_dealer_no_question_each(team: Any) -> None:
    """It deals with the turn of the audit trail in hand, every minute."""
    for name in ("lek", "mali"):
        team.store.users.disable(team.people[name].id)

    def statements() -> int:
        found: list[str] = []
        with team.store.database.reading() as session:
            engine = session.get_bind()

        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            found.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        team.deal()
        event.remove(engine, "before_cursor_execute", count)
        return len(found)

    counts = []
    for number in range(1, 4):
        for one in range(number):
            team.decide("nok", team.add(f"{number}-{one}"))
        team.deal()
        counts.append(statements())
    assert team.store.second_looks.counts().unassigned == 6
    assert counts[0] == counts[1] == counts[2]
