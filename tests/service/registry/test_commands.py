"""``ruthan registry`` on the command line, up to the assessment that contains the result."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from inference.registry.store import RegistryStore
from labels.schema import RegistryStatus
from ruthan import main
from service.registry.columns import Column
from service.registry.commands import registry

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
HEAD = "เลขสารบบอาหาร,ชื่อผลิตภัณฑ์,สถานะ\n"
DAY = (date.today() - timedelta(days=3)).isoformat()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RegistryStore:
    monkeypatch.setenv("RUTHAN_REGISTRY_SNAPSHOTS", str(tmp_path / "snapshots"))
    return RegistryStore()


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["registry", *arguments])
    assert result.exit_code == code, result.output
    return result


def register(tmp_path: Path, *rows: str, name: str = "register.csv") -> str:
    path = tmp_path / name
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="cp874")
    return str(path)


def test_from_a_file_to_an_assessment(store: RegistryStore, tmp_path: Path) -> None:
    path = register(
        tmp_path,
        "1011545650001,กาแฟดอยทดลอง,คงอยู่",
        "1011545650002,ชาเขียวทดลอง,พักใช้",
        "1011545650003,ปลาร้าบ่อทอง,คงอยู่",
    )
    said = run("import", path, "--as-of", DAY, "--by", "nok").output
    (snapshot,) = store.ids()
    assert f"{snapshot} is in use" in said
    assert "3 numbers" in said
    text = (
        "กาแฟดอยทดลอง อย. 10-1-15456-5-0001 ชา อย. 10-1-15456-5-0002 ยาหอม อย. 10-1-15456-5-0003"
        " อย. 10-1-15456-5-0009 ฆอ. 1/2567 ราคา 100 บาท"
    )
    answer = CliRunner().invoke(main, ["classify", "--json", "--bundle", str(TINY), "-"], input=text)
    checks = json.loads(answer.stdout)["licences"]
    assert [check["status"] for check in checks] == [
        "active",
        "suspended",
        "other_product",
        "not_found",
        "registry_not_loaded",
    ]
    assert "มีสถานะ “พักใช้”" in checks[1]["reason"]
    assert all(f"ข้อมูล ณ {DAY} อายุ 3 วัน" in check["reason"] for check in checks)
    old = CliRunner().invoke(
        main,
        ["classify", "--json", "--bundle", str(TINY), "-"],
        input=text,
        env={"RUTHAN_REGISTRY_MAX_AGE_DAYS": "2"},
    )
    assert all("ควรนำเข้าทะเบียนใหม่" in check["reason"] for check in json.loads(old.stdout)["licences"])


def test_a_doubtful_snapshot_is_not_put_in_use_by_itself(store: RegistryStore, tmp_path: Path) -> None:
    run("import", register(tmp_path, *(f"101154565000{n},กาแฟ,คงอยู่" for n in range(1, 6))), "--as-of", DAY)
    (first,) = store.ids()
    path = register(tmp_path, "1011545650001,กาแฟ,คงอยู่", "1,กาแฟ,คงอยู่")
    refused = run("import", path, "--as-of", DAY, code=1)
    (second,) = set(store.ids()) - {first}
    assert "1 of 2 rows could not be read and 4 of the 5 numbers in use are missing" in refused.output
    assert "register.csv, line 3" in refused.stderr
    assert store.state().current == first
    assert f"{first} → {second}" in run("use", second, "--by", "lek").output
    assert store.state().current == second
    listed = run("list").output
    assert f"→ {second}: 1 numbers, 3 days old" in listed
    assert f"  {first}: 5 numbers" in listed
    assert "from register.csv" in listed
    unknown = run("use", "2026-01-01+00000000", code=1)
    assert f"there are: {', '.join(store.ids())}" in unknown.output


def test_use_and_no_use_decide_whatever_the_doubts(store: RegistryStore, tmp_path: Path) -> None:
    run("import", register(tmp_path, "1011545650001,กาแฟ,คงอยู่"), "--as-of", DAY, "--no-use")
    assert store.state().current == ""
    run("import", register(tmp_path, "1011545650002,กาแฟ,คงอยู่", "x,ก,คงอยู่"), "--as-of", DAY, "--use")
    assert store.state().current != ""


def test_a_workbook_with_its_own_words(store: RegistryStore, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Newcode", "ชื่อ", "ผล"])
    sheet.append([1016400019767, "ครีม", "รับเรื่องแล้ว"])
    book.save(tmp_path / "r.xlsx")
    words = ["--columns", "newcode=number,ผล=status", "--kind", "cosmetic_notification"]
    path = str(tmp_path / "r.xlsx")
    refused = run("import", path, "--as-of", "1/11/2569", *words, code=1)
    assert "--status-words 'รับเรื่องแล้ว=active'" in refused.output
    run("import", path, "--as-of", "1/11/2569", *words, "--status-words", "รับเรื่องแล้ว=active")
    line = run("check", "เลขจดแจ้ง 1016400019767").output
    assert line.startswith("10-1-6400019767\tcosmetic_notification\tvalid\tactive\t")


def test_check_says_kind_shape_status_why_and_age(store: RegistryStore, tmp_path: Path) -> None:
    assert "\tregistry_not_loaded\t" in run("check", "10-1-15456-5-0001").output
    run("import", register(tmp_path, "1011545650001,กาแฟดอยทดลอง,คงอยู่"), "--as-of", DAY)
    lines = run("check", "10-1-15456-5-0001", "10-1-15456-5-0002", "99-1-15456-5-0001").output.splitlines()
    assert [line.split("\t")[1:4] for line in lines] == [
        ["food_serial", "valid", "active"],
        ["food_serial", "valid", "not_found"],
        ["food_serial", "invalid", "not_checked"],
    ]
    assert "กาแฟดอยทดลอง" in lines[0]
    assert "อายุ 3 วัน" in lines[0]
    assert "\tother_product\t" in run("check", "10-1-15456-5-0001", "--name", "ยาหม่องหอม").output
    assert "\tactive\t" in run("check", "10-1-15456-5-0001", "--name", "กาแฟดอยทดลอง").output
    assert "1 of 1 could not be read" in run("check", "กาแฟ", code=1).output


def test_the_document_names_each_command_column_and_status() -> None:
    text = (Path(__file__).parents[3] / "docs" / "registry.md").read_text(encoding="utf-8")
    assert registry.commands
    assert all(
        f"`ruthan registry {name} " in text or f"`ruthan registry {name}`" in text
        for name in registry.commands
    )
    assert all(f"| `{column}` |" in text for column in Column)
    assert all(
        f"| `{status}` |" in text for status in RegistryStatus if status is not RegistryStatus.NOT_CHECKED
    )


def test_mistakes_say_what_to_do(store: RegistryStore, tmp_path: Path) -> None:
    path = register(tmp_path, "1011545650001,กาแฟ,คงอยู่")
    for arguments, says in (
        (["--as-of", "พรุ่งนี้"], "YYYY-MM-DD"),
        (["--as-of", "2600-01-01"], "in the future"),
        (["--kind", "fud"], "food_serial"),
        (["--kind", "ambiguous"], "food_serial"),
    ):
        assert says in run("import", path, *arguments, code=2).output
    assert "HEADING=COLUMN" in run("import", path, "--columns", "a", code=1).output
    assert "give --as-of DATE" in run("import", path, code=1).output
    assert "without --add first" in run("import", path, "--as-of", DAY, "--add", code=1).output
    assert "ruthan registry import" in run("list").output
