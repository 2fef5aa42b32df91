"""Taking records out of WARC files that the crawler wrote."""

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.schema import Capture
from service.privacy.evidence import EvidenceFolder, EvidenceInUse, EvidenceUnusable
from tests.helpers.warc import body_of, problems_of


def pages(folder: Path, *bodies: str) -> list[Capture]:
    with EvidenceFile(folder) as file:
        return [
            file.record(
                Exchange(
                    url=f"https://shop.example/{number}",
                    status=200,
                    body=body.encode(),
                    at=datetime(2026, 1, 1, tzinfo=UTC),
                )
            )
            for number, body in enumerate(bodies)
        ]


def test_a_record_goes_with_its_request_and_the_others_stay_whole(tmp_path: Path) -> None:
    first, second, third = pages(tmp_path, "หนึ่ง", "สอง" * 100_000, "สาม")
    path = tmp_path / first.warc_file
    os.utime(path, (1, 2))
    folder = EvidenceFolder(tmp_path)
    gone = folder.drop(second.warc_file, {second.warc_record_id, "urn:uuid:none"})
    assert gone == {second.warc_record_id}
    assert problems_of(path) == []
    assert body_of(path, first.warc_record_id) == "หนึ่ง".encode()
    assert body_of(path, third.warc_record_id) == "สาม".encode()
    with pytest.raises(LookupError):
        body_of(path, second.warc_record_id)
    assert path.stat().st_mtime == 2
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert b"shop.example/1" not in gzip.decompress(path.read_bytes())
    assert folder.drop(second.warc_file, {second.warc_record_id}) == frozenset()


def test_a_file_without_responses_is_removed(tmp_path: Path) -> None:
    (page,) = pages(tmp_path, "หนึ่ง")
    folder = EvidenceFolder(tmp_path)
    assert folder.drop(page.warc_file, {page.warc_record_id}) == {page.warc_record_id}
    assert list(folder.files()) == []
    assert folder.drop(page.warc_file, {page.warc_record_id}) == frozenset()
    assert folder.remove(page.warc_file) is False


def test_files_that_were_handed_in_stay_beside_one_that_goes(tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with EvidenceFile(tmp_path) as file:
        first, second = (
            file.record(Exchange(f"file:///{n}.csv", 200, n.encode(), at, is_file=True)) for n in ("a", "b")
        )
    EvidenceFolder(tmp_path).drop(first.warc_file, {first.warc_record_id})
    assert body_of(tmp_path / second.warc_file, second.warc_record_id) == b"b"
    assert problems_of(tmp_path / second.warc_file) == []


def test_a_torn_tail_goes_with_the_first_record_that_goes(tmp_path: Path) -> None:
    first, second = pages(tmp_path, "หนึ่ง", "สอง")
    path = tmp_path / first.warc_file
    with path.open("ab") as file:
        file.write(path.read_bytes()[:40])
    (problem,) = problems_of(path)
    assert problem.startswith("torn:")
    EvidenceFolder(tmp_path).drop(first.warc_file, {first.warc_record_id})
    assert problems_of(path) == []
    assert body_of(path, second.warc_record_id) == "สอง".encode()


def test_a_file_that_a_crawl_writes_to_is_passed_over(tmp_path: Path) -> None:
    with EvidenceFile(tmp_path) as file:
        exchange = Exchange(url="https://shop.example/", status=200, body=b"x", at=datetime.now(UTC))
        page = file.record(exchange)
        folder = EvidenceFolder(tmp_path)
        with pytest.raises(EvidenceInUse, match="again after the crawl"):
            folder.drop(page.warc_file, {page.warc_record_id})
        with pytest.raises(EvidenceInUse):
            folder.remove(page.warc_file)
        file.record(exchange)
    assert problems_of(tmp_path / page.warc_file) == []
    assert folder.drop(page.warc_file, {page.warc_record_id}) == {page.warc_record_id}


@pytest.mark.parametrize("name", ["../outside.warc.gz", "notes.txt", "link.warc.gz", "/etc/passwd"])
def test_nothing_outside_and_nothing_else_is_touched(tmp_path: Path, name: str) -> None:
    (page,) = pages(tmp_path / "evidence", "หนึ่ง")
    outside = tmp_path / "outside.warc.gz"
    outside.write_bytes((tmp_path / "evidence" / page.warc_file).read_bytes())
    (tmp_path / "evidence" / "link.warc.gz").symlink_to(outside)
    (tmp_path / "evidence" / "notes.txt").write_text("ของผู้ดูแลระบบ")
    folder = EvidenceFolder(tmp_path / "evidence")
    with pytest.raises(EvidenceUnusable, match="left as it is"):
        folder.drop(name, {page.warc_record_id})
    with pytest.raises(EvidenceUnusable):
        folder.remove(name)
    assert outside.exists()
    assert [found for found, _ in folder.files()] == [page.warc_file]


def test_a_file_that_is_not_compressed_by_record_is_left_as_it_is(tmp_path: Path) -> None:
    (page,) = pages(tmp_path, "หนึ่ง")
    path = tmp_path / page.warc_file
    plain = gzip.decompress(path.read_bytes())
    for content in (plain, gzip.compress(plain)):
        path.write_bytes(content)
        with pytest.raises(EvidenceUnusable, match="not compressed by record"):
            EvidenceFolder(tmp_path).drop(page.warc_file, {page.warc_record_id})
        assert path.read_bytes() == content


def test_a_damaged_file_is_left_as_it_is(tmp_path: Path) -> None:
    (page,) = pages(tmp_path, "หนึ่ง")
    path = tmp_path / page.warc_file
    path.write_bytes(path.read_bytes() + b"not packed")
    before = path.read_bytes()
    with pytest.raises(EvidenceUnusable, match="damaged"):
        EvidenceFolder(tmp_path).drop(page.warc_file, {page.warc_record_id})
    assert path.read_bytes() == before
