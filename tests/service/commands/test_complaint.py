import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.commands import complaint as complaint_commands
from service.commands.complaint import complaint
from service.complaints.intake import filing_of
from service.store import open_store
from service.store.tables.complaint_tables import Agency, ComplaintCategory

CONTENT = "เลขที่เรื่อง,ประเภท,รายละเอียด,เบอร์โทร\n1,late,ส่งช้ามาก,081-234-5678\n2,fraud,หลอกขาย,\n3,ผิด,x,\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ruthan.db'}"


def call(*words: object) -> Result:
    return CliRunner().invoke(complaint, [str(word) for word in words])


def test_from_a_file_to_an_agency(tmp_path: Path, url: str) -> None:
    file = tmp_path / "1212.csv"
    file.write_text(CONTENT)
    done = call("import", file, "--database", url)
    assert done.exit_code == 1  # not all of it was stored
    assert "3 lines: 2 new (0 belong to a listing), 0 known, 1 refused" in done.output
    report = tmp_path / "1212.csv.report.csv"
    assert report.stat().st_mode & 0o777 == 0o600
    assert [row["detail"] for row in csv.DictReader(report.read_text("utf-8-sig").splitlines())] == ["x"]
    assert "already exists" in call("import", file, "--database", url).output

    listed = call("list", "--for", "etda", "--waiting", "--database", url)
    assert "late" in listed.output
    assert "081" not in listed.output

    out = tmp_path / "out"
    first = call("export", "--for", "etda", "--out", out, "--database", url)
    assert first.exit_code == 0, first.output
    (written,) = out.iterdir()
    assert written.stat().st_mode & 0o777 == 0o600
    data = written.read_text(encoding="utf-8-sig")
    assert "ส่งช้ามาก" in data
    assert "หลอกขาย" not in data
    again = call("export", "--for", "etda", "--out", out, "--database", url)
    assert "nothing new" in again.output
    written.unlink()
    assert call("export", "--again", 1, "--out", out, "--database", url).exit_code == 0
    assert written.read_text(encoding="utf-8-sig") == data
    assert "no export 9" in call("export", "--again", 9, "--out", out, "--database", url).output
    assert "either" in call("export", "--out", out, "--database", url).output
    with open_store(url) as store:
        actions = [entry.action for entry in store.audit.newest(9)]
    assert actions[-2:] == ["complaint.export", "complaint.reexport"]


def test_the_corrected_report_has_the_source_of_its_file(tmp_path: Path, url: str) -> None:
    file = tmp_path / "1212.csv"
    file.write_text(CONTENT)
    call("import", file, "--database", url)
    report = tmp_path / "1212.csv.report.csv"
    report.write_text(report.read_text("utf-8-sig").replace("ผิด,,", "แปลก,,"))
    assert "1 refused" in call("import", report, "--database", url).output
    second = tmp_path / "1212.csv.report.csv.report.csv"
    second.write_text(second.read_text("utf-8-sig").replace("แปลก,,", "other,,"))
    assert "1 new" in call("import", second, "--database", url).output
    file.write_text(CONTENT.replace("ผิด", "other"))
    report.unlink()
    assert "0 new (0 belong to a listing), 3 known" in call("import", file, "--database", url).output
    listed = call("list", "--database", url).output
    assert listed.count("file:1212.csv\t") == listed.count("\n") == 3


def test_a_file_without_faults_leaves_no_report(tmp_path: Path, url: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("detail,seller\nโอนแล้วเงียบ,x\n")
    done = call("import", file, "--category", "not_delivered", "--source", "hotline", "--database", url)
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "a.csv.report.csv").exists()
    assert "file:hotline" in call("list", "--database", url).output


def test_an_unusable_file_is_named_and_leaves_no_report(tmp_path: Path, url: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("ก,ข\n1,2\n")
    done = call("import", file, "--database", url)
    assert done.exit_code == 1
    assert "headings" in done.output
    assert list(tmp_path.glob("*.report.csv")) == []


def test_a_person_is_found_and_taken_out(tmp_path: Path, url: str) -> None:
    file = tmp_path / "1212.csv"
    file.write_text(CONTENT)
    call("import", file, "--database", url)
    found = call("find", "+66 81 234 5678", "--request", "PDPA 1/2569", "--database", url)
    number, category, places = found.output.splitlines()[0].split("\t")
    assert (category, places) == ("late", "contact")
    done = call("erase", number, "--request", "PDPA 1/2569", "--database", url)
    assert "were erased" in done.output
    assert "has neither" in call("erase", number, "--request", "x", "--database", url).output
    assert "0 complaints" in call("find", "0812345678", "--request", "x", "--database", url).output
    with open_store(url) as store:
        store.complaint_handling.add(1, "เบอร์ใหม่ 0870000000")
    more = ("erase", number, "--request", "x", "--contact", "0870000000", "--database", url)
    assert "were erased" in call(*more).output
    assert "nor do its texts hold" in call(*more).output
    assert "0 complaints" in call("find", "0870000000", "--request", "x", "--database", url).output
    assert "there is no complaint" in call("erase", "99/2569", "--request", "x", "--database", url).output
    with open_store(url) as store:
        assert "81234" not in str([entry.detail for entry in store.audit.newest(20)])


def test_a_telephone_stored_without_its_zero_is_found_and_taken_out(tmp_path: Path, url: str) -> None:
    said = {"category": "late", "detail": "โทร 081-234-5678 หรือ +66812345678", "contact": "812345678"}
    with open_store(url) as store:
        store.complaints.file(filing_of(said), "file:1212", "cli")
    found = call("find", "081-234-5678", "--request", "PDPA 1/2569", "--database", url).output
    number, _, places = found.splitlines()[0].split("\t")
    assert places == "contact, detail"
    assert "erased" in call("erase", number, "--request", "PDPA 1/2569", "--database", url).output
    assert "0 complaints" in call("find", "0812345678", "--request", "x", "--database", url).output


def test_the_choices_are_those_of_the_store() -> None:
    assert tuple(ComplaintCategory) == complaint_commands._CATEGORIES
    assert tuple(Agency) == complaint_commands._AGENCIES
