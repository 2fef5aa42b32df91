"""The work on complaints: taking, answering, closing and linking them."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from service.complaints.intake import filing_of
from service.store import Store
from service.store.audit import names as audit_names
from service.store.complaints.handling import NotPossible, public
from service.store.complaints.harmed_duplicates import due_with
from service.store.complaints.repository import ComplaintFilter, Receipt
from service.store.database.columns import now
from service.store.tables.complaint_tables import (
    OPEN,
    Agency,
    ClosingReason,
    Complaint,
    ComplaintEventKind,
    Harm,
    MessageState,
    Progress,
)
from service.text.thai_calendar import THAI

NOK = audit_names.reviewer("nok")


def file(store: Store, detail: str = "ส่งช้ามาก", **fields: Any) -> Receipt:
    return store.complaints.file(filing_of({"category": "late", "detail": detail, **fields}), "form", "form")


def progress(store: Store, number: int) -> str:
    row = store.complaints.get(number)
    assert row is not None
    return row.progress


def actions(store: Store) -> list[str]:
    return [entry.action for entry in store.audit.newest(50)]


def test_a_complaint_runs_from_receipt_to_closing(store: Store) -> None:
    number, handling = file(store).complaint_id, store.complaint_handling
    assert progress(store, number) == Progress.RECEIVED
    with pytest.raises(NotPossible, match="answer"):
        handling.close(number, ClosingReason.ACTED, NOK)
    handling.take(number, "nok", NOK)
    handling.note(number, "โทรสอบถามร้านแล้ว", NOK)
    handling.answer(number, "ร้านส่งสินค้าแล้ว", NOK)
    handling.close(number, ClosingReason.ACTED, NOK)
    with pytest.raises(NotPossible, match="reopen"):
        handling.answer(number, "อีกครั้ง", NOK)
    handling.reopen(number, NOK)
    row = store.complaints.get(number)
    assert row is not None
    assert (row.progress, row.owner, row.closed_for) == (Progress.WITH_FDA, "nok", None)
    events = handling.events(number)
    assert [(event.kind, event.text) for event in events] == [
        ("progress", "with_fda"),
        ("note", "โทรสอบถามร้านแล้ว"),
        ("progress", "answered"),
        ("answer", "ร้านส่งสินค้าแล้ว"),
        ("progress", "closed"),
        ("progress", "with_fda"),
    ]
    assert ComplaintEventKind.NOTE not in {event.kind for event in public(events)}
    assert actions(store)[-5:] == [
        "complaint.take", "complaint.note", "complaint.answer", "complaint.close", "complaint.reopen",
    ]  # fmt: skip
    assert store.audit.verify().broken_at is None


def test_harm_comes_first_and_is_due_sooner(store: Store) -> None:
    harmed = file(store, "กินแล้วเข้าโรงพยาบาล", category="health_product", harm="injury").complaint_id
    file(store, "เรื่องใหม่กว่า")
    first, second = store.complaints.page(ComplaintFilter())
    assert first.id == harmed
    assert first.due_at - first.received_at == timedelta(days=1)  # type: ignore[operator]
    assert second.due_at - second.received_at == timedelta(days=15)  # type: ignore[operator]
    store.complaint_handling.answer(harmed, "ได้รับเรื่องแล้ว", NOK)
    assert store.complaints.page(ComplaintFilter())[0].id == second.id
    store.complaint_handling.set_harm(second.id, Harm.ILLNESS, NOK)
    assert store.complaints.get(second.id).due_at - second.received_at == timedelta(days=1)  # type: ignore[union-attr, operator]


def due_times(store: Store, *numbers: int) -> list[datetime | None]:
    return [store.complaints.get(number).due_at for number in numbers]  # type: ignore[union-attr]


def set_times(store: Store, number: int, **times: datetime | None) -> None:
    with store.database.writing() as session:
        session.execute(update(Complaint).where(Complaint.id == number).values(**times))


def test_a_duplicate_about_harm_raises_the_complaint_that_answers_it(store: Store) -> None:
    main, harmed, newer = (
        file(store, words, harm=harm).complaint_id
        for words, harm in (("ช้า", "none"), ("แพ้", "illness"), ("เรื่องใหม่กว่า", "none"))
    )
    handling = store.complaint_handling

    def listed() -> list[int]:
        return [row.id for row in store.complaints.page(ComplaintFilter())]

    assert listed() == [harmed, newer, main]
    handling.link(harmed, main, NOK)
    assert listed() == [harmed, main, newer]
    ((row,),) = handling.harmed_duplicates([main]).values()
    assert row.id == harmed
    handling.close(harmed, ClosingReason.DUPLICATE, NOK)  # it still waits for the answer
    assert listed()[0] == main
    handling.set_harm(harmed, Harm.NONE, NOK)
    assert listed() == [newer, harmed, main]
    handling.set_harm(harmed, Harm.INJURY, NOK)
    handling.link(harmed, None, NOK)
    assert listed() == [harmed, newer, main]
    handling.link(harmed, main, NOK)
    handling.answer(main, "ตอบทั้งสองเรื่อง", NOK)
    assert handling.harmed_duplicates([main]) == {}


def test_the_next_complaint_waits_for_this_officer(store: Store) -> None:
    late, harmed, third, last = (
        file(store, f"เรื่องที่ {number}", harm=harm).complaint_id
        for number, harm in enumerate(("none", "illness", "none", "none"))
    )
    handling = store.complaint_handling

    def after(number: int, **wanted: Any) -> int | None:
        found = store.complaints.next_waiting(ComplaintFilter(**wanted), number, "nok")
        return None if found is None else found.id

    # Through the list and round again.
    assert [after(number) for number in (harmed, last, third, late)] == [last, third, late, harmed]
    assert after(late, agency=Agency.ETDA) == harmed
    assert after(late, agency=Agency.CYBER_POLICE) is None
    handling.answer(last, "ตอบแล้ว", NOK)
    assert after(last) == harmed
    handling.take(third, "lek", audit_names.reviewer("lek"))
    assert after(harmed) == late
    handling.link(harmed, late, NOK)
    assert after(third) == late
    assert after(late) is None
    assert after(last, progress=(Progress.ANSWERED,)) == late
    handling.link(harmed, last, NOK)  # answered already, and without an answer to this one
    assert after(late) == harmed


def test_the_office_must_answer_with_the_earliest_but_each_due_time_stays(store: Store) -> None:
    harmed, main = file(store, "แพ้", harm="illness").complaint_id, file(store).complaint_id
    handling, moment = store.complaint_handling, now()
    older = moment - timedelta(days=10)
    set_times(store, harmed, received_at=older, due_at=older + timedelta(days=1))
    own = due_times(store, main, harmed)

    def late() -> set[int]:
        return {row.id for row in store.complaints.page(ComplaintFilter(late_at=moment))}

    def due() -> datetime | None:
        row = store.complaints.get(main)
        assert row is not None
        return due_with(row, handling.harmed_duplicates([main]).get(main, []))

    assert late() == {harmed}
    handling.link(harmed, main, NOK)
    assert due_times(store, main, harmed) == own
    assert due() == own[1]
    assert late() == {harmed, main}
    handling.close(harmed, ClosingReason.DUPLICATE, NOK)
    assert late() == {main}
    handling.answer(main, "ตอบทั้งสองเรื่อง", NOK)
    handling.add(main, "ยังไม่ได้รับสินค้า")  # reopens it; the one about harm is answered
    assert due_times(store, main, harmed) == own
    assert due() == own[0]
    assert late() == set()


def test_complaints_without_a_due_time_get_none(store: Store) -> None:
    harmed, main = file(store, "แพ้", harm="illness").complaint_id, file(store).complaint_id
    for number in (harmed, main):
        set_times(store, number, received_at=now() - timedelta(days=60), due_at=None)
    handling = store.complaint_handling
    handling.link(harmed, main, NOK)
    handling.set_harm(harmed, Harm.INJURY, NOK)
    assert due_times(store, harmed, main) == [None, None]
    row = store.complaints.get(main)
    assert row is not None
    assert due_with(row, handling.harmed_duplicates([main])[main]) is None
    assert store.complaints.page(ComplaintFilter(late_at=now())) == []


def test_two_weeks_of_clocks(store: Store) -> None:
    received = file(store).complaint_id
    answered = file(store, "อีกเรื่อง").complaint_id
    store.complaint_handling.answer(answered, "ตอบแล้ว", NOK)
    for days, late in ((0, []), (14, []), (16, [received])):
        wanted = ComplaintFilter(late_at=now() + timedelta(days=days))
        assert [row.id for row in store.complaints.page(wanted)] == late


def test_an_answer_reaches_the_tied_ones_too(store: Store) -> None:
    main, other, third = (
        file(store, f"เรื่องที่ {n}", channel="email", contact=f"a{n}@person.example").complaint_id
        for n in range(3)
    )
    handling = store.complaint_handling
    handling.link(third, other, NOK)
    handling.link(other, main, NOK)  # and the third is relinked too
    assert {row.id for row in handling.related(main)} == {other, third}
    with pytest.raises(NotPossible, match="unlink"):
        handling.answer(other, "ตอบ", NOK)
    for wrong in (main, other):
        with pytest.raises(NotPossible, match="itself"):
            handling.link(main, wrong, NOK)
    assert handling.answer(main, "ตอบทุกเรื่อง", NOK) == 3
    for number in (main, other, third):
        assert progress(store, number) == Progress.ANSWERED
        (message,) = handling.messages(number)
        assert message.state == MessageState.WAITING
    handling.close(third, ClosingReason.DUPLICATE, NOK)
    assert handling.answer(main, "เพิ่มเติม", NOK) == 2


def test_a_duplicate_closed_before_the_answer_gets_it_too(store: Store) -> None:
    main, other = (
        file(store, f"เรื่องที่ {n}", channel="email", contact=f"a{n}@person.example").complaint_id
        for n in range(2)
    )
    handling = store.complaint_handling
    handling.link(other, main, NOK)
    handling.close(other, ClosingReason.DUPLICATE, NOK)
    assert handling.answer(main, "ตรวจแล้ว", NOK) == 2
    assert progress(store, other) == Progress.CLOSED
    (message,) = handling.messages(other)
    assert message.state == MessageState.WAITING
    assert public(handling.events(other))[-1].text == "ตรวจแล้ว"
    assert handling.answer(main, "เพิ่มเติม", NOK) == 1


def test_reopening_the_main_complaint_reopens_those_closed_with_its_answer(store: Store) -> None:
    main, before, after, own, later = (
        file(store, f"เรื่องที่ {n}", channel="email", contact=f"a{n}@person.example").complaint_id
        for n in range(5)
    )
    handling = store.complaint_handling
    handling.link(before, main, NOK)
    handling.link(after, main, NOK)
    handling.close(before, ClosingReason.DUPLICATE, NOK)
    assert handling.answer(main, "ผิด", NOK) == 3
    handling.close(after, ClosingReason.ACTED, NOK)
    handling.close(main, ClosingReason.ACTED, NOK)
    # Answered by itself before it was linked, and with the offered answer after it was.
    handling.answer(own, "ของเรื่องนี้เอง", NOK)
    handling.close(own, ClosingReason.ACTED, NOK)
    handling.link(own, main, NOK)
    handling.link(later, main, NOK)
    handling.answer(later, "ผิด", NOK)
    handling.close(later, ClosingReason.NO_VIOLATION, NOK)

    handling.reopen(main, NOK)
    for number in (before, after, later):
        row = store.complaints.get(number)
        assert row is not None
        assert (row.progress, row.closed_for) == (Progress.WITH_FDA, None)
        last = handling.events(number)[-1]
        assert (last.kind, last.text, last.by) == ("progress", "with_fda", NOK)
    assert progress(store, own) == Progress.CLOSED
    reopened = store.audit.newest(50, action="complaint.reopen")
    number_of_main = store.complaints.get(main).number  # type: ignore[union-attr]
    assert [entry.detail["with"] for entry in reopened] == [None, *[number_of_main] * 3]

    handling.close(before, ClosingReason.DUPLICATE, NOK)  # it still waits for the new answer
    assert handling.answer(main, "แก้ไข", NOK) == 4
    for number in (main, before, after, later):
        assert [each.text for each in handling.events(number) if each.kind == "answer"] == ["ผิด", "แก้ไข"]
        assert len(handling.messages(number)) == 2
    assert [progress(store, number) for number in (before, after)] == [Progress.CLOSED, Progress.ANSWERED]
    assert handling.answer(main, "เพิ่มเติม", NOK) == 3


@pytest.mark.parametrize("answered", [False, True])
def test_a_duplicate_closed_before_the_answer_opens_again_if_no_answer_comes(
    store: Store, answered: bool
) -> None:
    main, other, elsewhere = (file(store, f"เรื่องที่ {n}").complaint_id for n in range(3))
    handling = store.complaint_handling
    handling.link(other, main, NOK)
    handling.close(other, ClosingReason.DUPLICATE, NOK)
    if answered:
        handling.answer(elsewhere, "ตอบก่อนแล้ว", NOK)
        handling.link(main, elsewhere, NOK)
    else:
        handling.link(other, None, NOK)
    assert progress(store, other) == Progress.WITH_FDA
    row = store.complaints.get(other)
    assert row is not None
    assert (row.closed_for, row.duplicate_of) == (None, elsewhere if answered else None)


def test_a_duplicate_of_an_answered_complaint_is_answered_before_it_is_closed(store: Store) -> None:
    main, other = file(store).complaint_id, file(store, "อีกเรื่อง").complaint_id
    handling = store.complaint_handling
    handling.answer(main, "ตรวจแล้ว", NOK)
    handling.link(other, main, NOK)
    with pytest.raises(NotPossible, match="answer the complaint"):
        handling.close(other, ClosingReason.DUPLICATE, NOK)
    handling.answer(other, "ตรวจแล้ว", NOK)
    handling.close(other, ClosingReason.DUPLICATE, NOK)


def test_the_answer_of_the_main_complaint_is_offered_to_one_linked_later_and_not_sent(store: Store) -> None:
    main, second, third = (
        file(store, f"เรื่องที่ {n}", channel="email", contact=f"a{n}@person.example").complaint_id
        for n in range(3)
    )
    handling = store.complaint_handling
    numbers = {n: store.complaints.get(n).number for n in (main, second, third)}  # type: ignore[union-attr]
    handling.link(third, second, NOK)
    handling.answer(main, "คำตอบแรก", NOK)
    handling.answer(main, f"เรื่องเลขที่ {numbers[main]} ตรวจแล้ว", NOK)
    handling.close(main, ClosingReason.ACTED, NOK)
    assert handling.answer_to_adapt(second) is None
    handling.link(second, main, NOK)
    for number in (second, third):
        assert handling.messages(number) == []
        offered = handling.answer_to_adapt(number)
        assert offered is not None
        assert (offered.main.id, offered.text) == (main, f"เรื่องเลขที่ {numbers[number]} ตรวจแล้ว")
    assert handling.answer(second, "อ่านแล้วส่ง", NOK) == 1
    assert len(handling.messages(second)) == 1
    assert handling.answer_to_adapt(second) is None
    # What its complainant adds does not send the old answer again, nor does linking it once more.
    handling.add(second, "ยังขายอยู่")
    ties = len(store.audit.newest(50, action="complaint.tie"))
    handling.link(second, main, NOK)
    assert progress(store, second) == Progress.WITH_FDA
    assert len(handling.messages(second)) == 1
    assert len(store.audit.newest(50, action="complaint.tie")) == ties
    # Once the main one is open again, they are answered together.
    handling.reopen(main, NOK)
    assert handling.answer_to_adapt(third) is None
    with pytest.raises(NotPossible, match="unlink"):
        handling.answer(third, "ตอบ", NOK)


def test_an_answer_to_several_names_each_complainants_own_number(store: Store) -> None:
    main, other = file(store).complaint_id, file(store, "อีกเรื่อง").complaint_id
    handling = store.complaint_handling
    handling.link(other, main, NOK)
    numbers = {n: store.complaints.get(n).number for n in (main, other)}  # type: ignore[union-attr]
    handling.answer(main, f"ตามที่ท่านแจ้งเรื่องเลขที่ {numbers[main]}", NOK)
    for number in (main, other):
        assert handling.events(number)[-1].text == f"ตามที่ท่านแจ้งเรื่องเลขที่ {numbers[number]}"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("เรื่องเลขที่ 0001/{year}", "เรื่องเลขที่ 0002/{year}"),
        ("เลขที่1/{year}.", "เลขที่0002/{year}."),
        ("(รร 1/{year})", "(รร 0002/{year})"),
        ("รร0001 / {year}", "รร0002/{year}"),
        ("รร. 1/{year}", "รร. 0002/{year}"),
        ("รร ๐๐๐๑/{thai}", "รร ๐๐๐๒/{thai}"),
        # Not this number, or the same number of another series.
        ("11/{year} 1/{year}1 31/1/{year}", "11/{year} 1/{year}1 31/1/{year}"),
        ("หนังสือ รท 0001/{year}", "หนังสือ รท 0001/{year}"),
        ("สธ 0001/{year}", "สธ 0001/{year}"),
        ("หนังสือ อย. ที่ 0001/{year}", "หนังสือ อย. ที่ 0001/{year}"),
        ("30001/{year} 3/0001/{year} 0001/{year}/3", "30001/{year} 3/0001/{year} 0001/{year}/3"),
        ("เลขที่เรื่อง: 1/{year}", "เลขที่เรื่อง: 0002/{year}"),
        ("เรื่องร้องเรียนเลขที่ ๑/{thai}", "เรื่องร้องเรียนเลขที่ ๐๐๐๒/{thai}"),
        ("ตามเรื่อง 0001/{year} และ ๐๐๐๑/{thai}", "ตามเรื่อง 0002/{year} และ ๐๐๐๒/{thai}"),
        # Without the zeros it may be a month, an address or the number of a letter.
        ("ตั้งแต่เดือน 1/{year}", "ตั้งแต่เดือน 1/{year}"),
        ("ระหว่าง 1/{year} - 2/{year}", "ระหว่าง 1/{year} - 2/{year}"),
        ("เดือน 01/{year} เดือน ๑/{thai}", "เดือน 01/{year} เดือน ๑/{thai}"),
        ("หมู่ที่ 1/{year}", "หมู่ที่ 1/{year}"),
        ("หนังสือ อย. ที่ 1/{year}", "หนังสือ อย. ที่ 1/{year}"),
        ("บ้านเลขที่ 1/{year} ใบอนุญาตเลขที่ 1/{year}", "บ้านเลขที่ 1/{year} ใบอนุญาตเลขที่ 1/{year}"),
    ],
)
def test_no_complainant_reads_the_number_of_another_however_it_is_written(
    store: Store, written: str, read: str
) -> None:
    main, other = file(store).complaint_id, file(store, "อีกเรื่อง").complaint_id
    handling = store.complaint_handling
    handling.link(other, main, NOK)
    year = str(store.complaints.get(main).year)  # type: ignore[union-attr]
    years = {"year": year, "thai": year.translate(THAI)}
    handling.answer(main, written.format(**years), NOK)
    assert handling.events(main)[-1].text == written.format(**years)
    assert handling.events(other)[-1].text == read.format(**years)


def test_only_number_and_code_together_open_a_complaint(store: Store) -> None:
    receipt, other = file(store), file(store, "อีกเรื่อง")
    row = store.complaints.get(receipt.complaint_id)
    assert row is not None
    assert receipt.code is not None
    assert other.code is not None
    assert re.fullmatch("[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]{5}", receipt.code)
    look_up = store.complaint_handling.look_up
    typed = receipt.code.replace("-", " ").lower()
    assert look_up(row.year, row.serial, typed).id == row.id  # type: ignore[union-attr]
    assert look_up(row.year, row.serial, other.code) is None
    assert look_up(row.year, row.serial + 7, receipt.code) is None
    assert receipt.code not in str(vars(row))
    fresh = store.complaint_handling.renew_code(row.id, NOK)
    assert look_up(row.year, row.serial, receipt.code) is None
    assert look_up(row.year, row.serial, fresh).id == row.id  # type: ignore[union-attr]


def test_what_the_complainant_adds_opens_an_answered_complaint_and_no_closed_one(store: Store) -> None:
    number, handling = file(store).complaint_id, store.complaint_handling
    handling.add(number, "ลืมบอกชื่อร้าน")
    assert progress(store, number) == Progress.RECEIVED
    handling.answer(number, "ขอลิงก์", NOK)
    handling.add(number, "https://a.example")
    assert progress(store, number) == Progress.WITH_FDA
    handling.answer(number, "ขอบคุณ", NOK)
    handling.close(number, ClosingReason.ACTED, NOK)
    with pytest.raises(NotPossible, match="closed"):
        handling.add(number, "อีก")


def test_an_export_moves_open_complaints_to_the_agency(store: Store) -> None:
    waits, done = file(store).complaint_id, file(store, "อีกเรื่อง").complaint_id
    store.complaint_handling.answer(done, "ตอบแล้ว", NOK)
    store.complaint_exports.make(Agency.ETDA, NOK)
    assert (progress(store, waits), progress(store, done)) == (Progress.WITH_AGENCY, Progress.ANSWERED)
    assert Progress.WITH_AGENCY in OPEN


def test_an_erased_complainant_is_in_no_answer_and_gets_no_message(store: Store) -> None:
    receipt = file(store, channel="email", contact="somsri@person.example", contact_name="สมศรี ใจดี")
    number = receipt.complaint_id
    store.complaint_handling.answer(number, "เรียน คุณสมศรี ใจดี", NOK)
    store.complaints.remove_contact(number, NOK, "1/2569")
    assert "สมศรี" not in store.complaint_handling.events(number)[-1].text
    due = store.complaint_messages.claim(now(), timedelta(minutes=5))
    assert due is not None
    assert due.address == ""
    assert store.complaint_messages.claim(now(), timedelta(minutes=5)) is None
