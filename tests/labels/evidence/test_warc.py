"""Records are found by their offset in the file, for every kind of file."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.evidence.warc import Damage, Record, read_warc, read_warc_bytes


def written(folder: Path) -> Path:
    with EvidenceFile(folder) as file:
        for body in (b"one", b"two"):
            headers = [("Content-Encoding", "gzip"), ("Content-Type", "text/html")]
            file.record(
                Exchange(
                    "https://shop.example/",
                    200,
                    gzip.compress(body),
                    datetime(2026, 1, 1, tzinfo=UTC),
                    response_headers=headers,
                )
            )
    assert file.path is not None
    return file.path


def records(path: Path) -> list[Record]:
    return [found for found in read_warc(path) if isinstance(found, Record)]


def test_a_record_says_where_its_bytes_are(tmp_path: Path) -> None:
    packed = written(tmp_path)
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    assert [r.id for r in records(packed)] == [r.id for r in records(plain)]
    for path in (packed, plain):
        data = path.read_bytes()
        for record in records(path):
            (same,) = read_warc_bytes(
                data[record.start : record.start + record.length] + b"\r\n\r\n" * (path is plain)
            )
            assert isinstance(same, Record)
            assert (same.id, same.body, same.status) == (record.id, record.body, record.status)
    assert [r.content for r in records(plain) if r.kind == "response"] == [b"one", b"two"]


def test_records_that_share_a_gzip_member_have_no_bytes_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "shared.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(written(tmp_path).read_bytes())))
    assert {r.length for r in records(path)} == {0}
    assert len(records(path)) == 5


def test_only_a_cut_record_or_zeros_at_the_end_are_torn(tmp_path: Path) -> None:
    whole = written(tmp_path).read_bytes()
    for tail, torn in ((whole[:60], True), (b"\0" * 500, True), (b"not packed", False)):
        *_, last = read_warc_bytes(whole + tail)
        assert isinstance(last, Damage)
        assert last.torn is torn
