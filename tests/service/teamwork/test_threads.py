"""An unsure case carries its question; a colleague is asked by name, and the answer returns the case."""

from typing import Any

import pytest
from sqlalchemy import select

from labels.taxonomy import Verdict
from service.privacy.redaction import Redactor
from service.privacy.removal import delete_listings
from service.privacy.requests import export, find
from service.privacy.wanted import wanted
from service.store import UnknownListing
from service.store.campaigns.placements import take_place
from service.store.cases.reviews import Decision
from service.store.database.columns import now
from service.store.index.entries import CaseState
from service.store.index.finding import Assigned
from service.store.second_look.second_looks import Settlement
from service.store.tables.core_tables import UNSURE, Listing, Role
from service.store.teamwork.questions import MAX_MESSAGE, MOST_MESSAGES, AskRefused
from service.store.teamwork.tables import CaseMessage

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
QUESTION, ANSWER = "ยานี้ต้องมีใบอนุญาตหรือไม่", "ต้องมี ตามมาตรา 88 ทวิ"


def ask(
    team: Any, number: int, by: str, whom: str | None, note: str = QUESTION, decision: str = UNSURE
) -> Any:
    """Leave a case unsure, with a question."""
    asked = team.people[whom].id if whom else None
    made = Decision(decision, note=note, asked=asked)
    return team.store.reviews.record(team.assessment_of(number), team.people[by].id, made)


def say(team: Any, number: int, by: str, text: str = ANSWER, whom: str | None = None) -> int:
    asked = team.people[whom].id if whom else None
    found: int = team.store.threads.write(number, team.people[by], text, asked)
    return found


def thread(team: Any, number: int, viewer: str) -> list[tuple[str, str | None, str]]:
    return [
        (entry.author_name, entry.asked_name, entry.text)
        for entry in team.store.threads.of(number, team.people[viewer])
    ]


def asked_of(team: Any, name: str) -> list[tuple[int, str, str]]:
    return [
        (question.entry.listing_id, question.entry.author_name, question.entry.text)
        for question in team.store.threads.asked_of(team.people[name])
    ]


def asked_by(team: Any, name: str) -> list[tuple[int, str | None, bool, str | None]]:
    return [
        (q.entry.listing_id, q.entry.asked_name, q.entry.waits, q.answer.text if q.answer else None)
        for q in team.store.threads.asked_by(team.people[name])
    ]


def counts(team: Any) -> dict[str, int]:
    return {name: team.store.threads.count(person) for name, person in team.people.items()}


def carried(team: Any, number: int, viewer: str) -> str | None:
    entry = team.store.threads.questions([number], team.people[viewer]).get(number)
    return entry.text if entry is not None else None


def holder(team: Any, number: int) -> str | None:
    holding = team.store.assignments.holder(number)
    return holding.reviewer_name if holding is not None else None


def test_an_unsure_case_carries_its_question_and_whom_it_asks(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    for viewer in team.people:
        assert thread(team, number, viewer) == [("Nok", "Lek", QUESTION)]
        assert carried(team, number, viewer) == QUESTION
    assert asked_of(team, "lek") == [(number, "Nok", QUESTION)]
    assert asked_of(team, "mali") == []
    assert asked_by(team, "nok") == [(number, "Lek", True, None)]
    assert counts(team) == {"nok": 0, "lek": 1, "mali": 0}
    assert team.rows_of("lek", assigned=Assigned.ASKED) == [(number, CaseState.UNSURE)]
    assert team.rows_of("mali", assigned=Assigned.ASKED) == []
    (entry,) = [e for e in team.store.audit.entries(limit=100) if e.action == "thread.ask"]
    assert (entry.actor, entry.subject, entry.detail["to"]) == ("reviewer:nok", f"listing:{number}", "lek")
    assert QUESTION not in str(entry.detail)


def test_a_question_to_nobody_by_name_stands_in_the_thread_too(team: Any) -> None:
    number, silent = team.add("a"), team.add("b")
    ask(team, number, "nok", None)
    ask(team, silent, "nok", None, note="")
    assert carried(team, number, "lek") == QUESTION
    assert (carried(team, silent, "lek"), thread(team, silent, "lek")) == (None, [])
    assert counts(team) == {"nok": 0, "lek": 0, "mali": 0}


def test_the_answer_brings_the_case_back_to_whoever_asked(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    say(team, number, "lek")
    assert asked_of(team, "lek") == []
    assert asked_by(team, "nok") == [(number, "Lek", False, ANSWER)]
    assert counts(team) == {"nok": 1, "lek": 0, "mali": 0}
    holding = team.store.assignments.holder(number)
    assert (holding.reviewer_name, holding.handed_by_name, holding.until) == ("Nok", "Lek", None)
    assert team.rows_of("nok", assigned=Assigned.ME) == [(number, CaseState.UNSURE)]
    assert team.rows_of("lek", assigned=Assigned.ASKED) == []
    assert team.actions()[-2:] == ["thread.write", "case.assign"]
    # The case keeps its question until it is decided.
    assert carried(team, number, "mali") == QUESTION
    team.decide("nok", number)
    assert (carried(team, number, "mali"), asked_by(team, "nok")) == (None, [])
    assert counts(team) == {"nok": 0, "lek": 0, "mali": 0}
    assert thread(team, number, "mali") == [("Nok", "Lek", QUESTION), ("Lek", None, ANSWER)]


def test_a_word_back_is_enough_to_have_seen_the_answer(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    say(team, number, "lek")
    say(team, number, "nok", "ขอบคุณ แล้วเลขทะเบียนล่ะ", "lek")
    assert counts(team) == {"nok": 0, "lek": 1, "mali": 0}
    assert [(row[2], row[3]) for row in asked_by(team, "nok")] == [(True, None), (False, ANSWER)]


def test_an_answer_takes_the_case_from_nobody(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    team.store.assignments.hand(number, team.people["mali"], team.people["mali"].id)
    say(team, number, "lek")
    assert holder(team, number) == "Mali"
    assert counts(team)["nok"] == 1


def test_an_answer_to_somebody_who_left_gives_the_case_back_to_the_queue(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    team.store.users.disable(team.people["nok"].id, "cli")
    say(team, number, "lek")
    assert holder(team, number) is None
    assert team.rows_of("mali", assigned=Assigned.NOBODY) == [(number, CaseState.UNSURE)]


def test_whoever_asked_sees_that_the_colleague_is_gone(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    team.store.users.disable(team.people["lek"].id, "cli")
    (question,) = team.store.threads.asked_by(team.people["nok"])
    assert (question.entry.waits, question.entry.asked_is_gone) == (True, True)


def test_a_decision_of_anybody_or_a_withdrawal_ends_the_question(team: Any) -> None:
    decided, withdrawn = team.add("a"), team.add("b")
    ask(team, decided, "nok", "lek")
    team.decide("mali", decided)
    team.store.reviews.withdraw(ask(team, withdrawn, "nok", "lek").id, team.people["nok"].id)
    assert (asked_of(team, "lek"), asked_by(team, "nok")) == ([], [])
    assert team.rows_of("lek", assigned=Assigned.ASKED) == []


def test_a_colleague_can_be_asked_without_leaving_the_case_unsure(team: Any) -> None:
    number = team.add("a")
    say(team, number, "nok", QUESTION, "lek")
    assert asked_of(team, "lek") == [(number, "Nok", QUESTION)]
    assert team.rows_of("lek", assigned=Assigned.ASKED) == [(number, CaseState.WAITING)]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"whom": "lek", "decision": CLEAR}, "choose unsure"),
        ({"whom": "lek", "note": "  "}, "write the question"),
        ({"whom": "nok"}, "cannot be asked"),
        ({"whom": "shop"}, "cannot be asked"),
        ({"whom": "gone"}, "cannot be asked"),
    ],
)
def test_a_question_that_reaches_nobody_is_refused_with_the_decision(
    team: Any, more: dict[str, str], words: str
) -> None:
    team.join("shop", Role.INTEGRATOR)
    team.store.users.disable(team.join("gone").id, "cli")
    number = team.add("a")
    with pytest.raises(AskRefused, match=words):
        ask(team, number, "nok", **more)
    assert (team.store.reviews.history(number), thread(team, number, "nok")) == ([], [])


def test_the_thread_has_bounds(team: Any) -> None:
    number = team.add("a")
    for text in ("", " \n", "ก" * (MAX_MESSAGE + 1)):
        with pytest.raises(AskRefused):
            say(team, number, "nok", text)
    with pytest.raises(AskRefused):
        team.store.threads.write(number, team.people["nok"], "ใคร", 2**40)
    with pytest.raises(UnknownListing):
        say(team, 987654, "nok")
    say(team, number, "nok", "\x00 ก\u0000ข")
    assert thread(team, number, "nok")[0][2].replace("\ufffd", "").strip() == "กข"
    with team.store.database.writing() as session:
        session.add_all(
            CaseMessage(listing_id=number, author_id=team.people["nok"].id, text="ก", last_review=0)
            for _ in range(MOST_MESSAGES - 1)
        )
    with pytest.raises(AskRefused, match="decide the case"):
        say(team, number, "lek")
    ask(team, number, "nok", "lek")  # a doubt is never refused for the length of a thread


def test_a_blind_reader_sees_nothing_of_the_thread_and_is_seen_by_nobody(team: Any) -> None:
    team.join("ton", Role.ADMIN)
    number = team.add("a")
    say(team, number, "nok", "ผิดชัดเจน", "mali")  # who is asked before the decision knows the case
    team.decide("nok", number)
    team.deal()
    assert team.blind("lek") == {number}
    say(team, number, "nok", "ตัดสินว่าผิดแล้ว", "lek")
    assert thread(team, number, "lek") == []
    assert (asked_of(team, "lek"), counts(team)["lek"]) == ([], 0)
    assert team.rows_of("lek", assigned=Assigned.ASKED) == []
    # Asking works for the reader as ever, and reaches nobody.
    read = Decision(UNSURE, note=QUESTION, asked=team.people["nok"].id)
    team.store.readings.record(team.people["lek"].id, team.assessment_of(number), read, 0)
    say(team, number, "lek", "เพิ่มเติม")
    assert thread(team, number, "lek") == [("Lek", "Nok", QUESTION), ("Lek", None, "เพิ่มเติม")]
    assert carried(team, number, "lek") == QUESTION
    assert asked_by(team, "lek") == [(number, "Nok", True, None)]
    others = [("Nok", "Mali", "ผิดชัดเจน"), ("Nok", "Lek", "ตัดสินว่าผิดแล้ว")]
    for viewer in ("nok", "mali", "ton"):
        assert thread(team, number, viewer) == others, viewer
        assert carried(team, number, viewer) == "ตัดสินว่าผิดแล้ว"
    assert (asked_of(team, "nok"), counts(team)["nok"]) == ([], 0)
    # Once it is settled, leads may read what the second reader wrote, as they may read the note.
    (found,) = team.store.second_looks.disagreements()
    lead = team.people["ton"].id
    team.store.second_looks.settle(found.look.id, lead, Settlement.FIRST, team.assessment_of(number))
    assert len(thread(team, number, "ton")) == len(thread(team, number, "lek")) == 4
    assert thread(team, number, "nok") == others
    assert (asked_of(team, "nok"), asked_by(team, "lek")) == ([], [])


def test_who_wrote_or_was_asked_is_not_dealt_the_second_look(team: Any) -> None:
    number = team.add("a")
    ask(team, number, "nok", "lek")
    say(team, number, "mali", "น่าจะผิด")
    team.decide("nok", number)
    team.deal()
    assert [team.blind(name) for name in ("lek", "mali")] == [set(), set()]


def test_a_persons_request_finds_and_redacts_the_thread_and_does_not_hand_it_out(team: Any) -> None:
    number = team.add("a")
    say(team, number, "nok", "โทรถามผู้ขาย 081-234-5678 แล้ว")
    sought = wanted("0812345678")
    (found,) = find(team.store, sought)
    assert (found.listing_id, found.places) == (number, ("thread",))
    assert "โทรถาม" not in str(export(team.store, [found], "081-234-5678", "1"))
    with team.store.database.writing() as session:
        take_place(session)
        Redactor(sought.spans).redact(session, session.get_one(Listing, number), now())
    assert thread(team, number, "nok") == [("Nok", None, "โทรถามผู้ขาย ████████████ แล้ว")]
    team.add("b")
    with team.store.database.writing() as session:
        delete_listings(session, [number], "test", now())
    with team.store.database.reading() as session:
        assert session.scalars(select(CaseMessage)).all() == []
