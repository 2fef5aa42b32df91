"""Each kind of problem is found where it was planted, and nowhere else."""

import json
from pathlib import Path
from typing import Any

import pytest

from labels.dataset.check import Report, check_files, is_raw
from labels.dataset.everyday import everyday_path
from labels.dataset.independent import independent_path
from labels.dataset.shipped import Split, split_path
from labels.taxonomy import ClaimLabel

TEXT = "ครีมตราเรือใบทอง ขาวถาวรใน 7 วัน หลอดละ 99 บาท"
CLAIM = ClaimLabel.BODY_STRUCTURE.value
ABSOLUTE = ClaimLabel.ABSOLUTE.value
OTHERS = [
    "ขายจักรยานพับได้มือสอง สภาพดี ล้อยี่สิบนิ้ว นัดรับสถานี",
    "กระทะเหล็กหล่อด้ามไม้ ใช้กับเตาแม่เหล็กไฟฟ้าได้ทุกรุ่น",
    "เสื้อกันฝนเด็กลายกบ มีหมวกในตัว ซักเครื่องได้ แห้งไว",
    "หม้อหุงข้าวดิจิทัลหนึ่งลิตร รับประกันศูนย์สามปีเต็ม",
]


def row(n: int, text: str, *spans: tuple[int, int, str], **more: Any) -> dict[str, Any]:
    marked = [{"start": start, "end": end, "label": label} for start, end, label in spans]
    base = {"id": f"r-{n}", "platform": "line", "product_class": "cosmetic", "offer": True, "text": text}
    return base | {"spans": marked} | more


def file(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def found(report: Report) -> list[tuple[str, int]]:
    return [(problem.path.name, problem.line) for problem in report.problems]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "not JSON"),
        (row(1, TEXT, (17, 99, CLAIM)), "ends after the text"),
        (row(1, TEXT, (16, 24, CLAIM)), f"{CLAIM} [16, 24) begins or ends with white space: leave"),
        (row(1, TEXT, (17, 25, CLAIM), (20, 32, CLAIM)), f"{CLAIM} [20, 32) overlaps {CLAIM} [17, 25): make"),
        (row(1, TEXT, (17, 24, CLAIM), (17, 24, CLAIM)), "overlaps"),
        (row(1, TEXT + "ๆ" * 130, (0, 121, CLAIM)), "has 121 characters, over 120: keep"),
        (row(1, "  ครีมขาวมาก  "), "text of 10 characters, under 15: give"),
        (row(1, TEXT + " [[ลดราคา"), "markup left over, [[ at character"),
        (row(1, TEXT + " ลดราคา]]"), "markup left over, ]] at character"),
        (row(2, TEXT), "the same id as r-2 ("),
        (row(1, OTHERS[0].replace(" ", "\n")), "the same text as r-2 ("),
    ],
)
def test_a_planted_problem_is_the_only_one(tmp_path: Path, bad: dict[str, Any] | str, message: str) -> None:
    good = row(3, OTHERS[1], (0, 5, CLAIM), (5, 9, CLAIM), (0, 9, ABSOLUTE))
    path = file(tmp_path / "train.jsonl", row(2, OTHERS[0]), "", bad, good)
    (problem,) = check_files([path]).problems
    assert message in problem.what
    assert str(problem) == f"{path}:3: {problem.what}"


def test_one_bad_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = file(
        tmp_path / "train.jsonl",
        "nonsense",
        row(1, "สั้น", (0, 4, CLAIM), platform="agora", product_class="weed"),
        row(2, "สั้น ", (0, 5, CLAIM)),
    )
    report = check_files([path, tmp_path / "gone.jsonl"])
    names = [
        ("train.jsonl", 1),
        ("train.jsonl", 2),
        ("train.jsonl", 2),
        ("train.jsonl", 3),
        ("train.jsonl", 3),
    ]
    assert found(report) == [*names, ("gone.jsonl", 0)]
    assert report.records == 1
    assert str(report.problems[-1]).startswith(f"{tmp_path / 'gone.jsonl'}: no such file")


def test_leakage_between_splits(tmp_path: Path) -> None:
    train = file(tmp_path / "train.jsonl", row(1, OTHERS[0], group="g"), row(2, OTHERS[1]), row(5, OTHERS[3]))
    test = file(
        tmp_path / "test.jsonl",
        row(3, OTHERS[2], group="g"),
        row(4, OTHERS[1] + " 500 บาท"),
        row(6, OTHERS[2] + " 90 บาท", group="h"),
    )
    report = check_files([train, test, train])
    assert found(report) == [("test.jsonl", 1), ("test.jsonl", 2)]
    group, near = (problem.what for problem in report.problems)
    assert group == f"group 'g' is split, r-1 ({train}:1): move it to one split"
    assert near == f"near-duplicate of r-2 ({train}:2): move both to one split, or remove one"
    assert report.records == 6


def test_ids_and_texts_are_unique_across_files(tmp_path: Path) -> None:
    train = file(tmp_path / "train.jsonl", row(1, OTHERS[0]))
    test = file(tmp_path / "test.jsonl", row(1, OTHERS[1]), row(2, OTHERS[0] + "\n"))
    whats = [problem.what for problem in check_files([train, test]).problems]
    assert [what.split(" (")[0] for what in whats if "near" not in what] == [
        "the same id as r-1",
        "the same text as r-1",
    ]


def raw(n: int, text: str, **more: Any) -> dict[str, Any]:
    made = row(n, text, **more)
    del made["spans"]
    return made


def test_raw_files_are_recognized_and_may_share_a_group(tmp_path: Path) -> None:
    marked = TEXT.replace("ขาวถาวร", f"[[{CLAIM}|ขาวถาวร]]")
    first = file(
        tmp_path / "one.jsonl", raw(1, marked, group="g"), raw(2, f"[[{CLAIM}|ขาว"), raw(3, OTHERS[0])
    )
    second = file(tmp_path / "two.jsonl", raw(4, f"{OTHERS[1]} [[{ABSOLUTE}| เห็นผลทันที]]", group="g"))
    report = check_files([first, second])
    assert found(report) == [("one.jsonl", 2), ("two.jsonl", 1)]
    assert "close every [[label|text]]" in report.problems[0].what
    assert "white space" in report.problems[1].what


def test_what_is_raw(tmp_path: Path) -> None:
    assert not is_raw(split_path(Split.TEST))
    plain = file(tmp_path / "plain.jsonl", raw(1, TEXT))
    assert not is_raw(plain)
    assert is_raw(file(tmp_path / "raw.jsonl", raw(1, TEXT), raw(2, f"[[{CLAIM}|ขาวถาวร]] {TEXT}")))
    left_over = file(
        tmp_path / "split.jsonl", row(1, TEXT, (17, 24, CLAIM)), row(2, f"[[{CLAIM}|ขาว]] {TEXT}")
    )
    assert not is_raw(left_over)
    assert found(check_files([left_over])) == [("split.jsonl", 2)]
    forced = check_files([plain, left_over], raw=True).problems
    assert ["spans as offsets in a raw file" in problem.what for problem in forced] == [True]


@pytest.mark.slow(7)
def test_the_shipped_dataset_passes() -> None:
    report = check_files([*(split_path(part) for part in Split), everyday_path(), independent_path()])
    assert report == Report(records=12336 + 2604 + 268, problems=())
