"""Which complaints a file for an agency holds, and what it says of each."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
from sqlalchemy import update

from service.complaints.agency_files import HEADINGS, FileFormat, written
from service.complaints.intake import filing_of
from service.privacy.rules import Action, DataKind, Rule
from service.privacy.targets import TARGETS, Dated
from service.store import Store, open_store
from service.store.complaints.exports import ComplaintForAgency
from service.store.complaints.photos import NewPhoto
from service.store.complaints.repository import ComplaintFilter
from service.store.tables.complaint_tables import Agency, ClosingReason, Complaint, ComplaintEvent, Progress
from tests.service.store.test_migrate import downgrade

NOK = "reviewer:nok"
PHONE = "081-000-0000"


def file(store: Store, detail: str, **fields: Any) -> int:
    given = filing_of({"category": "fraud", "detail": detail, **fields})
    return store.complaints.file(given, "form", "form").complaint_id


def close(store: Store, number: int, reason: ClosingReason) -> None:
    if reason is not ClosingReason.DUPLICATE:
        store.complaint_handling.answer(number, "ตอบแล้ว", NOK)
    store.complaint_handling.close(number, reason, NOK)


def make(store: Store) -> list[ComplaintForAgency]:
    return store.complaint_exports.make(Agency.CYBER_POLICE, "cli")[1]


def exported(store: Store) -> list[int]:
    return [row.complaint.id for row in make(store)]


def waiting(store: Store) -> int:
    number = store.complaint_exports.waiting()[Agency.CYBER_POLICE]
    assert len(store.complaints.page(ComplaintFilter(exported=False))) == number
    return number


def cells(rows: list[ComplaintForAgency]) -> list[dict[str, str]]:
    text = written(rows, FileFormat.CSV).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_was_closed_without_a_violation_is_not_exported(store: Store) -> None:
    numbers = {reason: file(store, f"เรื่อง {reason}") for reason in ClosingReason}
    open_one = file(store, "เรื่องที่ยังไม่ตอบ")
    store.complaint_handling.link(numbers[ClosingReason.DUPLICATE], open_one, NOK)
    for reason, number in numbers.items():
        close(store, number, reason)
    assert not store.complaint_exports.waits(numbers[ClosingReason.NO_VIOLATION])
    assert store.complaint_exports.waits(open_one)
    assert waiting(store) == 4
    rows = {row.complaint.id: row for row in make(store)}
    left_out = {numbers[ClosingReason.NO_VIOLATION], numbers[ClosingReason.TOO_LITTLE]}
    assert rows.keys() == {*numbers.values(), open_one} - left_out
    # A duplicate says with which complaint it is answered.
    main = store.complaints.get(open_one).number  # type: ignore[union-attr]
    assert rows[numbers[ClosingReason.DUPLICATE]].main == main
    assert [line["ตอบรวมกับเรื่อง"] for line in cells(list(rows.values()))].count(main) == 1
    # Reopened, it may turn out to be one for the agency.
    store.complaint_handling.reopen(numbers[ClosingReason.NO_VIOLATION], NOK)
    assert exported(store) == [numbers[ClosingReason.NO_VIOLATION]]


def test_a_duplicate_of_what_was_closed_without_a_violation_is_not_exported(store: Store) -> None:
    main, other = file(store, "เรื่องหลัก"), file(store, "เรื่องซ้ำ")
    store.complaint_handling.link(other, main, NOK)
    close(store, other, ClosingReason.DUPLICATE)
    close(store, main, ClosingReason.NO_VIOLATION)
    assert (waiting(store), exported(store)) == (0, [])


def test_a_duplicate_answered_with_what_was_closed_without_a_violation_is_not_exported(store: Store) -> None:
    main, other, closed = (file(store, f"เรื่อง {each}") for each in ("หลัก", "ซ้ำ", "ซ้ำที่ปิด"))
    for number in (other, closed):
        store.complaint_handling.link(number, main, NOK)
    close(store, closed, ClosingReason.DUPLICATE)
    close(store, main, ClosingReason.NO_VIOLATION)
    row = store.complaints.get(other)
    assert row is not None
    assert row.progress == Progress.ANSWERED
    file(store, "เรื่องหลัง")  # the newest is never deleted
    assert exported(store) == [closed + 1]
    with store.database.writing() as session:
        session.execute(
            update(Complaint).where(Complaint.id == main).values(received_at=datetime(2020, 1, 1, tzinfo=UTC))
        )
        rule = Rule(
            name="old", what=DataKind.COMPLAINTS, since="received_at", after="1 year", action=Action.DELETE
        )
        dated = Dated(rule, datetime(2021, 1, 1, tzinfo=UTC))
        assert TARGETS[DataKind.COMPLAINTS].chunk(session, dated, 0, 10).rows == [main]
    assert exported(store) == []
    # What is added opens one of them again, and it may turn out to be one for the agency.
    store.complaint_handling.add(other, "เพิ่มเติม")
    assert exported(store) == [other]


def test_an_addition_is_new_also_if_the_clock_is_behind(store: Store) -> None:
    number = file(store, "โอนแล้วร้านหาย")
    assert exported(store) == [number]
    store.complaint_handling.add(number, "เพิ่มเติม")
    with store.database.writing() as session:
        session.execute(update(ComplaintEvent).values(at=datetime(2020, 1, 1, tzinfo=UTC)))
    assert exported(store) == [number]
    assert exported(store) == []


def test_what_the_complainant_adds_reaches_the_agency(store: Store) -> None:
    number = file(store, "โอนแล้วร้านหาย", contact=PHONE)
    store.complaint_handling.add(number, "เลขบัญชี 123-4-56789-0", [NewPhoto(b"1", "image/png")])
    store.complaint_handling.note(number, "ลับ", NOK)
    (line,) = cells(make(store))
    assert line["ผู้ร้องแจ้งเพิ่มเติม"].endswith(" เลขบัญชี 123-4-56789-0")
    assert line["จำนวนภาพ"] == "1"
    assert "ลับ" not in str(line)
    assert (waiting(store), store.complaint_exports.waits(number)) == (0, False)


def test_what_is_added_after_an_export_is_in_the_next_one(store: Store) -> None:
    number, other = file(store, "โอนแล้วร้านหาย", contact=PHONE), file(store, "อีกเรื่อง")
    assert exported(store) == [number, other]
    store.complaint_handling.answer(number, "ตอบแล้ว", NOK)
    assert waiting(store) == 0
    store.complaint_handling.add(number, f"โทรกลับ {PHONE}")
    assert (waiting(store), store.complaint_exports.waits(number)) == (1, True)
    (row,) = make(store)
    assert (row.complaint.id, [event.text for event in row.added]) == (number, [f"โทรกลับ {PHONE}"])
    assert row.complaint.progress == Progress.WITH_AGENCY
    assert exported(store) == []
    store.complaints.remove_contact(number, "cli", "PDPA 7/2569")
    _, rows = store.complaint_exports.again(2, "cli")
    (line,) = cells(rows)
    assert PHONE not in str(line)
    assert "โทรกลับ █" in line["ผู้ร้องแจ้งเพิ่มเติม"]


def test_a_cell_of_a_workbook_says_if_it_was_cut(store: Store) -> None:
    number, length = file(store, "โอนแล้วร้านหาย"), 10_000
    for _ in range(4):
        store.complaint_handling.add(number, "ก" * length)
    rows = make(store)
    book = openpyxl.load_workbook(io.BytesIO(written(rows, FileFormat.XLSX)))
    value = book.active.cell(2, HEADINGS.index("ผู้ร้องแจ้งเพิ่มเติม") + 1).value
    assert len(value) == 32_767
    assert value.endswith("ขอฉบับเต็มได้จากหน่วยงานผู้ส่ง)")
    assert len(cells(rows)[0]["ผู้ร้องแจ้งเพิ่มเติม"]) > 4 * length


def test_additions_before_an_export_are_known_after_the_migration(url: str) -> None:
    with open_store(url) as store:
        numbers = [file(store, detail) for detail in ("หนึ่ง", "สอง", "สาม")]
        store.complaint_handling.add(numbers[0], "ก่อนส่งออก")
        assert exported(store) == numbers
        store.complaint_handling.add(numbers[1], "หลังส่งออก")
        downgrade(store.database, "0052")
    with open_store(url) as store:
        assert exported(store) == [numbers[1]]
