"""A crawl on a file system that fills up stops with a one-line message, loses nothing, and can be resumed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.evidence.verification import verify_folder
from crawler.extensions.disk import is_full
from service.store import open_store

from .loopback import Handler, Site, running, start
from .test_commands import html, links, product

pytestmark = [pytest.mark.slow, pytest.mark.attack]
PAGES = [f"/product/{n}" for n in range(120)]
SIZE = 3_000_000
SECONDS = 120


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no mount command: {error}")
    if mounted.returncode:
        pytest.skip(f"mounting a small file system is not permitted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def shop(handler: Handler) -> None:
    if handler.path == "/":
        handler.send(html("<h1>ร้าน</h1>" + links(*PAGES)).body)
    elif handler.path in PAGES:
        # Incompressible text: each page takes some 40 kB of evidence.
        handler.send(product(f"ชา {handler.path}", f"<!--{os.urandom(20_000).hex()}-->").body)
    else:
        handler.send(b"", 404)


def crawl(folder: Path, site: Site, *args: str, free: int) -> tuple[int, str]:
    env = {"RUTHAN_CRAWL_MIN_FREE": str(free), "RUTHAN_CRAWL_CONCURRENCY": "2"}
    process = start(folder, site.url, *args, **env)
    output, errors = process.communicate(timeout=SECONDS)
    return process.wait(), output + errors


def kept(folder: Path, site: Site) -> set[str]:
    with open_store(f"sqlite:///{folder / 'var' / 'ruthan.db'}") as store:
        rows = store.listings.page(limit=500).rows
        found = {(row.url or "").removeprefix(site.url) for row in rows}
        assert all(store.listings.captures(row.id) for row in rows)  # none without its evidence
        report = verify_folder(folder / "var" / "evidence", store.captures)
        assert report.sound, report.findings
    return found


@pytest.mark.parametrize("free", [0, 500_000])
def test_a_job_stops_and_goes_on_when_there_is_room(small: Path, free: int) -> None:
    with running(shop) as site:
        status, told = crawl(small, site, "--job", "job", free=free)
        asked = len(site.asked)
        assert status == 1, told
        assert told.count("the disk is full") == 1, told
        assert "--job job) resumes" in told
        assert "Traceback" not in told
        log = small / "var" / "crawl.log"
        assert len(log.read_text(encoding="utf-8").splitlines()) < 300
        assert 0 < asked < len(PAGES)
        subprocess.run(["mount", "-o", "remount,size=60m", str(small)], check=True)
        status, told = crawl(small, site, "--job", "job", free=free)
        assert status == 0, told
        assert kept(small, site) == set(PAGES)
        # The requests in progress and the start page are fetched again.
        assert len([x for x in site.paths() if x in PAGES]) <= len(PAGES) + 40


def test_without_a_job_it_stops_too_and_what_is_in_the_store_stays(small: Path) -> None:
    with running(shop) as site:
        status, told = crawl(small, site, free=0)
        assert status == 1
        assert told.count("the disk is full") == 1, told
        assert "run the command again" in told
        assert len(told.splitlines()) < 20
        assert len(site.asked) < len(PAGES)
        subprocess.run(["mount", "-o", "remount,size=60m", str(small)], check=True)
        assert kept(small, site)
        status, told = crawl(small, site, free=0)
        assert status == 0, told
        assert kept(small, site) == set(PAGES)


def test_a_disk_that_is_full_at_the_start_is_asked_nothing(small: Path) -> None:
    with running(shop) as site:
        status, told = crawl(small, site, "--job", "job", free=SIZE * 2)
        assert status == 1
        assert told.count("the disk is full") == 1, told
        assert [x for x in site.paths() if x in PAGES] == []


def test_errors_that_say_that_there_is_no_room_are_known() -> None:
    assert is_full(OSError(28, "No space left on device"))
    assert not is_full(OSError(13, "Permission denied"))
    assert not is_full(None)
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = OSError(122, "Disk quota exceeded")
    assert is_full(wrapped)
