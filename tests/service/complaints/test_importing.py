import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from service.complaints.columns import Column, category_of
from service.complaints.importing import Imported, import_complaints
from service.complaints.intake import FIELDS
from service.complaints.words import CATEGORIES
from service.registry.table import FileUnreadable
from service.settings import Settings
from service.store import Store, open_store
from service.store.complaints.repository import ComplaintFilter
from service.store.tables.complaint_tables import ComplaintCategory

HEAD = "เลขที่เรื่อง,ประเภทเรื่อง,ชื่อสินค้า,รายละเอียด,ลิงก์,ชื่อผู้ร้อง,เบอร์โทร,อีเมล,วันที่ร้องเรียน\n"
Bring = Callable[..., tuple[Imported, list[dict[str, str]]]]


@pytest.fixture
def kept(settings: Settings) -> Iterator[Store]:
    with open_store(settings.database.url) as store:
        yield store


@pytest.fixture
def bring(kept: Store, tmp_path: Path) -> Bring:
    def make(content: str | bytes, name: str = "1212.csv", **more: Any) -> Any:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        report = io.StringIO(newline="")
        done = import_complaints(kept, path, report, source="file:1212", **more)
        return done, list(csv.DictReader(io.StringIO(report.getvalue())))

    return make


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874", "utf-16"])
def test_thai_headings(kept: Store, bring: Bring, encoding: str) -> None:
    line = "1212-1,โฆษณาเกินจริง,แคปซูล,อ้างว่ารักษาเบาหวาน,https://shop.example/1,สมศรี,081-000-0000,a@b.example,24/11/2569\n"
    done, report = bring((HEAD + line).encode(encoding))
    assert (done.new, done.tied, done.refused, report) == (1, 1, 0, [])
    (row,) = kept.complaints.page(ComplaintFilter())
    assert (row.external_id, row.category, row.title, row.detail, row.url) == (
        "1212-1", "health_ad", "แคปซูล", "อ้างว่ารักษาเบาหวาน", "https://shop.example/1"
    )  # fmt: skip
    assert (row.contact_name, row.contact) == ("สมศรี", "081-000-0000 / a@b.example")
    assert str(row.complained_on) == "2026-11-24"
    assert row.source == "file:1212"


def test_english_headings_and_other_signs(kept: Store, bring: Bring) -> None:
    content = 'Case No;Category;Detail;Platform\n7;late;"two\nlines\nand; three";Facebook\n8;;x;\n'
    done, report = bring(content, category=ComplaintCategory.OTHER)
    assert (done.new, done.refused, done.remarks) == (2, 0, 1)
    second, first = kept.complaints.page(ComplaintFilter())
    assert (first.detail, first.platform, second.category) == ("two\nlines\nand; three", "facebook", "other")
    assert [(row["line"], row["what"]) for row in report] == [("2-4", "look")]


def test_a_workbook(kept: Store, bring: Bring) -> None:
    book = openpyxl.Workbook()
    book.active.title = "พฤศจิกายน"
    book.active.append(["รายงานเรื่องร้องเรียน"])
    book.active.append(["เลขที่เรื่อง", "ประเภท", "รายละเอียด", "วันที่"])
    book.active.append([12, "ไม่ได้รับสินค้า", "โอนแล้วเงียบ", "2569-11-01"])
    book.active.append([13, "ไม่รู้จัก", "บรรทัดเสีย", None])
    made = io.BytesIO()
    book.save(made)
    done, report = bring(made.getvalue(), "1212.xlsx")
    assert (done.new, done.refused) == (1, 1)
    (row,) = kept.complaints.page(ComplaintFilter())
    assert (row.external_id, row.category) == ("12", "not_delivered")
    assert [(line["line"], line["external_id"], line["detail"]) for line in report] == [
        ("พฤศจิกายน!4", "13", "บรรทัดเสีย")
    ]


@pytest.mark.parametrize(
    ("cell", "kept_as"),
    [
        (812345678, "0812345678"),
        (21234567.0, "021234567"),
        (12345678, "12345678"),
        (1812345678, "1812345678"),
        ("081-234-5678", "081-234-5678"),
        ("@812345678", "@812345678"),
    ],
)
def test_a_telephone_gets_back_the_zero_that_a_spreadsheet_drops(
    kept: Store, bring: Bring, cell: Any, kept_as: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["ประเภท", "รายละเอียด", "เบอร์โทร", "อีเมล"])
    book.active.append(["late", "ส่งช้า", cell, None])
    book.active.append(["late", "ส่งช้ามาก", cell, "a@b.example"])
    made = io.BytesIO()
    book.save(made)
    assert bring(made.getvalue(), "1212.xlsx")[0].new == 2
    second, first = kept.complaints.page(ComplaintFilter())
    assert (first.contact, second.contact) == (kept_as, f"{kept_as} / a@b.example")


def test_every_line_is_kept_or_reported_with_its_cells(kept: Store, bring: Bring) -> None:
    lines = [
        "1,late,,ส่งช้า,,,,,",
        "2,ประเภทแปลก,,รายละเอียด,,,,,",
        "3,late,,,,,,,",
        "4,late,,ส่งช้า,,,,,32/13/2569",
        "5,late,,ส่งช้า,,,,,,เกิน",
        f"6,late,,{'ก' * 10_001},,,,,",
        "7,,,ไม่มีประเภท,,,,,",
        "1,late,,เนื้อความอื่น,,,,,",
        "=cmd(),x,,y,,,,,",
    ]
    done, report = bring(HEAD + "\n".join(lines) + "\n")
    assert (done.lines, done.new, done.known, done.refused, done.remarks) == (9, 1, 1, 7, 1)
    assert [row["line"] for row in report] == ["3", "4", "5", "6", "7", "8", "9", "10"]
    assert all(row["why"] and row["why_th"] for row in report)
    assert len(report[4]["detail"]) == 10_001
    assert report[0]["category"] == "ประเภทแปลก"
    assert report[7]["external_id"] == "'=cmd()"
    assert len(done.first_refusals) == 3


def test_a_file_again_keeps_nothing_twice_and_a_corrected_report_can_be_imported(
    kept: Store, bring: Bring
) -> None:
    content = HEAD + "1,late,,ส่งช้า,,,,,\n,damaged,,แตก,,,,,\n3,ผิด,,x,,,,,\n"
    assert bring(content)[0].new == 2
    done, report = bring(content)
    assert (done.new, done.known, done.refused) == (0, 2, 1)
    assert len(kept.complaints.page(ComplaintFilter())) == 2
    report[0]["category"] = "other"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(report[0]))
    writer.writeheader()
    writer.writerows(report)
    assert bring(text.getvalue(), "report.csv")[0].new == 1


def as_csv(report: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(report[0]))
    writer.writeheader()
    writer.writerows(report)
    return text.getvalue()


def test_lines_of_a_report_that_are_stored_already_are_not_stored_again(kept: Store, bring: Bring) -> None:
    content = HEAD + '1,late,,ส่งช้า,,,,,\n,late,,"สองบรรทัด\nจริง",,,,,\n1,late,,เนื้อความอื่น,,,,,\n4,ผิด,,x,,,,,\n'
    done, report = bring(content)
    assert [row["what"] for row in report] == ["look", "known", "refused"]
    assert (done.new, done.known, done.refused) == (2, 1, 1)
    report[0]["detail"], report[1]["detail"] = "แก้แล้ว", "แก้แล้วเช่นกัน"
    report[2]["category"] = "other"
    done, again = bring(as_csv(report), "1212.csv.report.csv")
    assert (done.lines, done.new, done.known, done.refused, again) == (3, 1, 2, 0, [])
    assert len(kept.complaints.page(ComplaintFilter())) == 3


def test_a_line_of_a_report_that_got_another_number_is_stored(kept: Store, bring: Bring) -> None:
    report = bring(HEAD + "1,late,,ส่งช้า,,,,,\n1,late,,เนื้อความอื่น,,,,,\n")[1]
    report[0]["external_id"] = "5"
    assert bring(as_csv(report), "1212.csv.report.csv")[0].new == 1
    second, first = kept.complaints.page(ComplaintFilter())
    assert (first.external_id, second.external_id, second.detail) == ("1", "5", "เนื้อความอื่น")


def test_what_a_report_quotes_against_formulas_is_stored_as_it_was(kept: Store, bring: Bring) -> None:
    line = "-7,ผิด,=สินค้า,- ไม่ได้ของ,,@somchai,+66812345678,,\n"
    report = bring(HEAD + line)[1]
    assert [report[0][name] for name in ("title", "contact")] == ["'=สินค้า", "'+66812345678"]
    again = bring(as_csv(report), "again.csv")[1]
    assert [again[0][name] for name in ("title", "contact")] == ["'=สินค้า", "'+66812345678"]
    report[0]["category"] = "late"
    assert bring(as_csv(report), "report.csv")[0].new == 1
    (row,) = kept.complaints.page(ComplaintFilter())
    said = (row.external_id, row.title, row.detail, row.contact_name, row.contact)
    assert said == ("-7", "=สินค้า", "- ไม่ได้ของ", "@somchai", "+66812345678")


def test_a_file_that_is_no_report_keeps_its_quotes_and_may_have_a_column_what(
    kept: Store, bring: Bring
) -> None:
    assert bring("what,category,detail\nknown,late,'=ส่งช้า\n")[0].new == 1
    assert kept.complaints.page(ComplaintFilter())[0].detail == "'=ส่งช้า"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("ก,ข\n1,2\n", "headings of a detail"),
        ("รายละเอียด,details,ประเภท\nก,ข,late\n", "could be the detail"),
        (b"\xff\xff\x00", "neither UTF-8"),
    ],
)
def test_an_unusable_file_says_what_to_do(bring: Bring, content: str | bytes, words: str) -> None:
    with pytest.raises(FileUnreadable, match=words):
        bring(content)


def test_every_category_is_known_by_its_names() -> None:
    for category, words in CATEGORIES.items():
        assert category_of(category.value) is category
        assert category_of(f" {words} ") is category
    assert set(CATEGORIES) == set(ComplaintCategory)
    assert category_of("สินค้าไม่ตรงปก") is ComplaintCategory.NOT_AS_DESCRIBED
    assert category_of("?") is None
    # The source of a file answers its own complainants, and asks them whether they were harmed.
    assert set(Column) == set(FIELDS) - {"harm", "channel"}
