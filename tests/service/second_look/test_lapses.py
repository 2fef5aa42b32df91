"""Second looks that lie too long or were left: they lapse and go to somebody else."""

from datetime import timedelta
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.store.audit.actions import AuditAction
from service.store.cases.reviews import CaseChanged
from service.store.database.columns import now
from service.store.tables.blind_tables import BlindTask

LEASE = timedelta(minutes=30)
DAYS = timedelta(days=1)


def backdate(team: Any, **ago: timedelta | None) -> None:
    """The one task that lives, as if it had been dealt, or left, so long ago."""
    with team.store.database.writing() as session:
        task = session.query(BlindTask).filter_by(ended_at=None).one()
        for name, before in ago.items():
            setattr(task, name, None if before is None else now() - before)


def test_a_look_that_lies_too_long_goes_to_another(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    backdate(team, dealt_at=6.9 * DAYS)
    team.deal(looks=0)
    assert team.blind("lek") == {number}
    backdate(team, dealt_at=7.1 * DAYS)
    team.deal(looks=0)
    assert team.blind("lek") == set()
    assert team.blind("mali") == {number}
    # Nobody else is left, and lek has not opened it: a week later it is assigned again.
    backdate(team, dealt_at=8 * DAYS)
    team.deal(looks=0)
    assert team.blind("lek") == {number}
    assert team.actions().count("blind.lapse") == 2
    assert team.store.audit.verify().broken_at is None


def test_a_look_that_was_opened_and_left_lapses_sooner_and_is_shown_as_lapsed(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    lek = team.people["lek"].id
    team.store.blinds.renew(lek, number, LEASE)
    team.store.audit.record("reviewer:lek", AuditAction.CASE_VIEW, f"listing:{number}")
    backdate(team, dealt_at=8 * DAYS)
    team.deal(looks=0)
    assert team.blind("lek") == {number}  # it is being read
    backdate(team, dealt_at=3.2 * DAYS, until=2.9 * DAYS)
    team.deal(looks=0)
    assert team.blind("lek") == {number}
    assert team.store.lapses.newest() == []
    backdate(team, until=3.1 * DAYS)
    team.deal(looks=0)
    assert team.blind("lek") == set()
    assert team.blind("mali") == {number}
    (lapse,) = team.store.lapses.newest()
    assert (lapse.reader_name, lapse.opened, lapse.new_reader) == ("Lek", True, "Mali")
    assert (lapse.task.listing_id, lapse.task.ended_how, lapse.first_reviewer) == (
        number, "lapsed", team.people["nok"].id,
    )  # fmt: skip
    assert (lapse.is_golden, lapse.is_read, lapse.is_over) == (False, False, False)
    (entry,) = team.store.audit.newest(5, action="blind.lapse")
    assert (entry.actor, entry.subject) == ("worker", f"listing:{number}")
    assert (entry.detail["from"], entry.detail["opened"]) == ("lek", True)
    with pytest.raises(CaseChanged):
        team.read("lek", number)
    team.read("mali", number, Verdict.PROHIBITED.value)
    assert [row.is_read for row in team.store.lapses.newest()] == [True]


def test_what_ends_otherwise_has_not_lapsed(team: Any) -> None:
    number = team.add("a")
    review = team.decide("nok", number)
    team.deal()
    team.store.blinds.release(team.people["lek"].id, number, for_good=True)
    team.deal(looks=0)
    team.store.users.disable(team.people["lek" if team.blind("lek") else "mali"].id)
    team.join("som")
    team.deal(looks=0)
    team.store.reviews.withdraw(review.id, team.people["nok"].id)
    team.deal(looks=0)
    with team.store.database.reading() as session:
        assert [task.ended_how for task in session.query(BlindTask).order_by(BlindTask.id)] == [
            "returned",
            "left",
            "overtaken",
        ]
    assert team.store.lapses.newest() == []
