"""A listing is a โฆษณา: ประกาศ is a notification of the law, or the office's own public warning."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.every import every

ROOT = Path(__file__).parents[3]
FOLDERS = ("service", "inference", "labels", "docs")
ENDINGS = {".py", ".toml", ".html", ".js", ".md", ".txt"}
NOT_OURS = ("inference/bundles/", "labels/real/", "labels/law/law.toml", "docs/law.md", "docs/annotation")
"""Released bundles, sellers' words, and names of notifications."""

OF_WARNINGS = re.compile(r"alert|/public_|docs/(?:console|morning)")
"""Texts about public warnings, where the word alone means one."""

NOTIFICATION = re.compile(
    r"ประกาศ(?!เตือน"
    # A notification of an office, or what a minister has notified.
    r"|กระทรวง|สำนักงาน|คณะกรรมการ|ห้าม| ?กสทช| ?สพธอ|ในราชกิจจานุเบกษา| \{\{ by\.published)"
    r"(?<!โรคที่ห้ามโฆษณาตามประกาศ)(?<!มิได้อยู่ในประกาศ)(?<!ยังไม่พบกำหนดในประกาศ)"
)
IMPORTED = "service/complaints/columns.py"
"""Names of columns in others' files."""


def lines(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if NOTIFICATION.search(line):
            yield f"{number}: {line.strip()}"


def test_no_text_calls_a_listing_by_the_word_for_a_notification() -> None:
    paths = [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in ENDINGS and not any(part in path.as_posix() for part in NOT_OURS)
    ]
    assert len(paths) > 500

    def check(path: Path) -> None:
        name = path.relative_to(ROOT).as_posix()
        if not OF_WARNINGS.search(name) and name != IMPORTED:
            assert list(lines(path)) == []

    every(zip([*paths, ROOT / "README.md"]), check)
