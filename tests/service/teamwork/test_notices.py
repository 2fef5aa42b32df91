"""A reviewer is notified of an overturned decision in the same transaction; blind cases stay hidden."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from labels.taxonomy import ProductClass, Verdict
from service.privacy.removal import delete_listings
from service.store.cases.reviews import CaseChanged, Decision
from service.store.database.columns import now
from service.store.second_look.second_looks import Settlement
from service.store.tables.core_tables import UNSURE, Role
from service.store.tables.referral_tables import Recipient
from service.store.teamwork import overturning
from service.store.teamwork.tables import NoticeRead, OverturnNotice

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


def overturn(team: Any, number: int, by: str, decision: str = CLEAR, note: str = "มีใบอนุญาต") -> Any:
    made = Decision(decision, (), (0,), note=note)
    return team.store.reviews.record(team.assessment_of(number), team.people[by].id, made)


def told(team: Any, name: str) -> list[tuple[int, str, str, str, str]]:
    """Of each notice: the case, what was decided, what is, by whom and why."""
    return [
        (n.listing_id, n.fell.decision, n.by.decision, n.by_name, n.by.note)
        for n in team.store.notices.of(team.people[name])
    ]


def unread(team: Any, name: str) -> int:
    found: int = team.store.notices.unread(team.people[name])
    return found


def test_the_reviewer_is_told_who_overturned_what_and_why(team: Any) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    team.store.reviews.withdraw(overturn(team, number, "lek", UNSURE).id, team.people["lek"].id)
    second = overturn(team, number, "lek")
    assert told(team, "nok") == [(number, PROHIBITED, CLEAR, "Lek", "มีใบอนุญาต")]
    assert unread(team, "nok") == 1
    assert told(team, "lek") == told(team, "mali") == []
    (entry,) = [e for e in team.store.audit.entries(limit=1000) if e.action == "overturn.tell"]
    assert (entry.actor, entry.subject) == ("reviewer:lek", f"listing:{number}")
    assert (entry.detail["to"], entry.detail["overturned"], entry.detail["review"]) == (
        "nok",
        first.id,
        second.id,
    )
    assert "มีใบอนุญาต" not in str(entry.detail)  # the trail is never shortened: no words of people in it


@pytest.mark.parametrize(
    "deed",
    [
        lambda team, number: team.decide("lek", number),  # the same verdict again
        lambda team, number: overturn(team, number, "lek", UNSURE),  # a doubt decides nothing
        lambda team, number: overturn(team, number, "nok"),  # a change of one's own mind
    ],
)
def test_nobody_is_told_where_no_colleague_overturned_anything(team: Any, deed: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    deed(team, number)
    assert [told(team, name) for name in ("nok", "lek", "mali")] == [[], [], []]


def test_a_decision_on_a_changed_text_overturns_nothing(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.add("a", "รักษาเบาหวาน ข้อความใหม่")
    overturn(team, number, "lek")
    assert told(team, "nok") == []


def test_the_notice_lists_what_it_undid(team: Any) -> None:
    number, lead = team.add("a"), team.people["mali"]
    first = team.decide("nok", number)
    alert = team.store.alerts.publish(
        first.id, lead.id, "ปต", ProductClass.FOOD_SUPPLEMENT, "เตือนประชาชน", "อย่าหลงเชื่อ"
    )
    letter = team.store.referrals.create(first.id, lead.id, Recipient.CONSUMER_POLICE, "รท")
    at_stake = team.store.notices.at_stake(first)
    overturn(team, number, "lek")
    (notice,) = team.store.notices.of(team.people["nok"])
    assert (
        notice.undone == at_stake == overturning.OverturnEffects(True, (alert.number,), (letter.number,), 0)
    )


def test_notice_and_decision_are_kept_together_or_not_at_all(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = team.add("a")
    first = team.decide("nok", number)

    def fails(*_: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("service.store.cases.reviews.follow", fails)
    with pytest.raises(RuntimeError):
        overturn(team, number, "lek")
    assert team.store.reviews.history(number)[0].review.id == first.id
    assert told(team, "nok") == []


def test_marking_as_read_adds_a_row_and_changes_none(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    overturn(team, number, "lek")
    (notice,) = team.store.notices.of(team.people["nok"])
    assert team.store.notices.mark_read([notice.id], team.people["lek"]) == 0  # another's notice
    assert team.store.notices.mark_read([notice.id], team.people["nok"]) == 1
    assert team.store.notices.mark_read([notice.id], team.people["nok"]) == 0
    assert unread(team, "nok") == 0
    (again,) = team.store.notices.of(team.people["nok"])
    assert again.read_by_name == "Nok"
    assert (again.undone, again.created_at) == (notice.undone, notice.created_at)
    assert team.actions()[-1] == "overturn.read"


def test_the_notice_of_somebody_who_left_is_read_by_a_lead(team: Any) -> None:
    team.join("ton", Role.ADMIN)
    number = team.add("a")
    team.decide("nok", number)
    overturn(team, number, "lek")
    assert told(team, "mali") == []
    team.store.users.disable(team.people["nok"].id, "cli")
    assert told(team, "mali") == told(team, "ton") == [(number, PROHIBITED, CLEAR, "Lek", "มีใบอนุญาต")]
    assert (unread(team, "mali"), unread(team, "ton"), unread(team, "lek")) == (1, 1, 0)
    (notice,) = team.store.notices.of(team.people["mali"])
    assert notice.to_name == "Nok"
    assert team.store.notices.mark_read([notice.id], team.people["mali"]) == 1
    assert (unread(team, "mali"), unread(team, "ton")) == (0, 0)
    (seen,) = team.store.notices.of(team.people["ton"])
    assert seen.read_by_name == "Mali"
    # Whoever comes back finds it unread.
    team.store.users.enable(team.people["nok"].id, "cli")
    assert unread(team, "nok") == 1


def test_a_lead_does_not_read_in_the_place_of_whom_they_overturned_unless_alone(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    overturn(team, number, "mali")
    team.store.users.disable(team.people["nok"].id, "cli")
    assert unread(team, "mali") == 1  # there is no other lead
    team.join("ton", Role.ADMIN)
    assert (unread(team, "mali"), unread(team, "ton")) == (0, 1)


def test_a_settled_second_look_tells_the_first_reader_of_the_lead_and_not_of_the_second(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.deal()
    team.read("lek", number, CLEAR)
    assert told(team, "nok") == []  # a blind reading overturns nothing
    (found,) = team.store.second_looks.disagreements()
    team.store.second_looks.settle(
        found.look.id,
        team.people["mali"].id,
        Settlement.SECOND,
        team.assessment_of(number),
        Decision(CLEAR, (), (0,), note="ชี้ขาด"),
    )
    assert told(team, "nok") == [(number, PROHIBITED, CLEAR, "Mali", "ชี้ขาด")]
    assert told(team, "lek") == []


def test_a_notice_about_a_case_that_somebody_reads_blind_is_hidden_from_them(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    overturn(team, number, "lek")
    team.deal()  # mali is the only one who knows nothing of the case
    assert team.blind("mali") == {number}
    team.store.users.disable(team.people["nok"].id, "cli")
    assert (told(team, "mali"), unread(team, "mali")) == ([], 0)
    (row,) = _rows(team, OverturnNotice)
    assert team.store.notices.mark_read([row.id], team.people["mali"]) == 0
    team.read("mali", number, PROHIBITED)
    assert told(team, "mali") == []  # until the look is settled
    team.join("ton", Role.ADMIN)
    (found,) = team.store.second_looks.disagreements()
    team.store.second_looks.settle(
        found.look.id, team.people["ton"].id, Settlement.FIRST, team.assessment_of(number)
    )
    assert len(told(team, "mali")) == 1


def test_whom_a_notice_told_of_a_decision_is_not_dealt_its_second_look(team: Any) -> None:
    number = team.add("a")
    team.decide("nok", number)
    team.store.users.disable(team.people["nok"].id, "cli")
    overturn(team, number, "lek")
    assert told(team, "mali")
    team.deal()
    assert team.blind("mali") == set()


def test_notices_go_with_their_listing(team: Any) -> None:
    number = team.add("a")
    team.add("b")
    team.decide("nok", number)
    overturn(team, number, "lek")
    (notice,) = team.store.notices.of(team.people["nok"])
    team.store.notices.mark_read([notice.id], team.people["nok"])
    with team.store.database.writing() as session:
        delete_listings(session, [number], "test", now())
    assert (_rows(team, OverturnNotice), _rows(team, NoticeRead)) == ([], [])


def test_a_refused_decision_tells_nobody(team: Any) -> None:
    number = team.add("a")
    first = team.decide("nok", number)
    with pytest.raises(CaseChanged):
        team.store.reviews.record(
            team.assessment_of(number), team.people["lek"].id, Decision(CLEAR, (), (0,)), first.id - 1
        )
    assert told(team, "nok") == []


def test_unread_notices_come_first_then_the_newest(team: Any) -> None:
    numbers = [team.add(name) for name in "abc"]
    for number in numbers:
        team.decide("nok", number)
        overturn(team, number, "lek")
    newest = team.store.notices.of(team.people["nok"])[0]
    assert newest.listing_id == numbers[2]
    assert newest.created_at > now() - timedelta(minutes=5)
    team.store.notices.mark_read([newest.id], team.people["nok"])
    assert [row[0] for row in told(team, "nok")] == [numbers[1], numbers[0], numbers[2]]


def _rows(team: Any, table: Any) -> list[Any]:
    with team.store.database.reading() as session:
        return list(session.scalars(select(table)))
