import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from inference.pictures.missing import what_is_missing
from labels.schema import Listing
from labels.taxonomy import Verdict, verdict_term
from service.demo import run as demo
from service.store import open_store
from service.store.index.finding import QueueFilter
from tests.helpers.stored import find_listing


def leave_a_demo(folder: Path) -> None:
    """Leave what an earlier demo leaves: a database with a listing and the account, and what was crawled."""
    url = f"sqlite:///{folder / 'ruthan.db'}"
    with open_store(url) as store:
        store.users.create(demo.LOGIN, "ความลับ-ยาว-พอ", "ผู้ตรวจทดลอง")
        store.deposit(Listing(id="old", description="ของเดิม"), source="crawl")
    (folder / "secret").write_text("x")
    for name in ("evidence", "pictures"):
        (folder / "crawl" / name).mkdir(parents=True)
    (folder / "crawl" / "listings.jsonl").write_text('{"id": "old"}\n')


@pytest.mark.slow(20)
def test_from_the_shop_to_the_login_page_with_everything_real(tmp_path: Path) -> None:
    """Runs ``make run`` where an earlier run has left its files."""
    folder = tmp_path / "demo"
    folder.mkdir()
    leave_a_demo(folder)
    result = subprocess.run(
        [sys.executable, "-m", "ruthan", "demo", "--exit-after-report", "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert re.search(r"console is open at http://127\.0\.0\.1:\d+/", result.stdout)
    assert re.search(r"Log in as demo with the password \S{16}", result.stdout)
    found = result.stdout.partition("3. Reading")[2].partition("4. The review console")[0]
    assert 4 <= len(found.strip().splitlines()) <= 10, "a summary"
    with open_store(f"sqlite:///{folder / 'ruthan.db'}") as store:
        counts = store.listings.counts()
        assert sum(counts.values()) >= 25
        assert counts.get(Verdict.PROHIBITED, 0) > 0
        assert None not in counts
        flagged = store.listings.page(verdict=Verdict.PROHIBITED).rows[0]
        assert store.listings.captures(flagged.id), "a flagged listing has evidence"
        (banner,) = store.find.page(QueueFilter(seller="สวนหม่อนริมธาร"), limit=2).rows
        if what_is_missing() is None:
            assert banner.verdict == Verdict.PROHIBITED, "its words stand in the picture"
        assert find_listing(store, "old", "crawl") is None
    assert "Pictures are" in result.stdout
    assert verdict_term(Verdict.PROHIBITED).thai in result.stdout.replace("\n", "")


def test_an_earlier_demo_goes_and_anything_else_stays(tmp_path: Path) -> None:
    for name in ("ruthan.db", "ruthan.db-wal", "secret", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "crawl").mkdir()
    settings = demo._fresh(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert settings.database.url == f"sqlite:///{tmp_path / 'ruthan.db'}"
    assert settings.registry.file is not None
    assert settings.registry.file.is_file()


def test_the_sample_shop_is_open_and_then_shut() -> None:
    with demo._sample_shop() as address:
        host, port = address.removeprefix("http://").strip("/").split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
    with pytest.raises(OSError):
        socket.create_connection((host, int(port)), timeout=5)
