import gzip
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.evidence.warc import Record, read_warc
from labels.schema import Capture
from tests.helpers.warc import body_of, problems_of

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def exchange(body: bytes = b"<p>x</p>", url: str = "https://shop.example/ก") -> Exchange:
    headers = [("Content-Type", "text/html"), ("X-Odd", "a\r\nInjected: b")]
    return Exchange(url, 200, body, AT, "OK", headers, [("User-Agent", "Ruthan/0")], ip_address="203.0.113.5")


def written(folder: Path, *bodies: bytes) -> tuple[Path, list[Capture]]:
    with EvidenceFile(folder, {"software": "Ruthan/0"}) as file:
        captures = [file.record(exchange(body)) for body in bodies]
    assert file.path is not None
    return file.path, captures


def test_a_capture_points_at_its_record(tmp_path: Path) -> None:
    path, (first, second) = written(tmp_path, b"one", b"two")
    assert tmp_path / first.warc_file == path
    assert first.sha256 == sha256(b"one").hexdigest()
    assert first.content_type == "text/html"
    assert first.captured_at == AT
    assert body_of(path, first.warc_record_id) == b"one"
    assert body_of(path, second.warc_record_id) == b"two"
    assert problems_of(path) == []
    with pytest.raises(LookupError):
        body_of(path, "<urn:none>")


def test_only_the_owner_may_read_the_evidence(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path, _ = written(tmp_path / "evidence", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(p.stat().st_mode) for p in (path.parent, tmp_path / "evidence")} == {0o700}


def test_the_file_holds_request_and_response_with_digest_and_date(tmp_path: Path) -> None:
    path, _ = written(tmp_path, b"one")
    with path.open("rb") as stream:
        records = [(r.rec_type, dict(r.rec_headers.headers), r.http_headers) for r in ArchiveIterator(stream)]
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "request"]
    _, response, http = records[1]
    assert response["WARC-Payload-Digest"] == f"sha256:{sha256(b'one').hexdigest()}"
    assert response["WARC-Date"] == "2026-11-24T10:00:00.000000Z"
    assert response["WARC-IP-Address"] == "203.0.113.5"
    assert http.get_header("Injected") is None
    assert records[2][1]["WARC-Concurrent-To"] == response["WARC-Record-ID"]


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b'{"q":1}')])
def test_a_request_has_its_method(tmp_path: Path, method: str, body: bytes) -> None:
    sent = replace(exchange(url="https://shop.example/p?id=5"), method=method, request_body=body)
    with EvidenceFile(tmp_path) as file:
        capture = file.record(sent)
        file.trace(sent, capture)
    assert file.path is not None
    assert gzip.decompress(file.path.read_bytes()).count(f"\r\n{method} /p?id=5 HTTP/1.1\r\n".encode()) == 2
    with file.path.open("rb") as stream:
        found = [
            (r.http_headers.protocol, r.http_headers.statusline, r.raw_stream.read())
            for r in ArchiveIterator(stream, verify_http=True)
            if r.rec_type == "request"
        ]
    assert found == [(method, "/p?id=5 HTTP/1.1", body)] * 2
    assert problems_of(file.path) == []


def test_headers_are_stored_byte_for_byte(tmp_path: Path) -> None:
    thai = "สุขภาพ, ภ".encode()  # its last byte is a space in Latin-1
    headers = [
        ("Content-Type", "text/html"),
        ("X-Title", thai.decode("latin-1")),
        ("X-Old", "caf\xe9"),
        ("X-Text", "สุขภาพ, ภ"),
    ]
    with EvidenceFile(tmp_path) as file:
        capture = file.record(replace(exchange(), response_headers=headers))
        file.trace(replace(exchange(), response_headers=headers), capture)
    assert file.path is not None
    stored = gzip.decompress(file.path.read_bytes())
    for line in (b"X-Title: " + thai, b"X-Old: caf\xe9", b"X-Text: " + thai):
        assert stored.count(b"\r\n" + line + b"\r\n") == 2
    found = next(x for x in read_warc(file.path) if isinstance(x, Record) and x.kind == "response")
    assert dict(found.headers)["X-Title"] == thai.decode("latin-1")
    assert dict(found.headers)["X-Old"] == "caf\xe9"
    assert problems_of(file.path) == []


def test_a_killed_run_leaves_whole_records(tmp_path: Path) -> None:
    path, (first, _) = written(tmp_path, b"one", b"two" * 500)
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(path.read_bytes()[:-40])
    assert body_of(torn, first.warc_record_id) == b"one"
    problems = problems_of(torn)
    assert len(problems) == 1
    assert "torn.warc.gz" in problems[0]


def test_a_changed_body_is_found(tmp_path: Path) -> None:
    path, (first,) = written(tmp_path, b"honest")
    changed = tmp_path / "changed.warc.gz"
    changed.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"honest", b"forged")))
    assert any("payload digest failed" in problem for problem in problems_of(changed))
    with pytest.raises(ValueError, match="digest"):
        body_of(changed, first.warc_record_id)


def test_a_flipped_byte_is_found(tmp_path: Path) -> None:
    path, _ = written(tmp_path, b"honest" * 100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(data)
    assert problems_of(broken)


def test_what_was_synced_or_closed_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(_inode_and_size(os.fstat(number))))
    with EvidenceFile(tmp_path) as file:
        file.record(exchange(b"one"))
        assert file.path is not None
        folders = [tmp_path, file.path.parent]  # in which a name is new
        assert [inode for inode, _ in synced] == [folder.stat().st_ino for folder in folders]
        synced.clear()
        file.sync()
        assert synced == [_inode_and_size(file.path.stat())]
        file.sync()  # nothing is new
        assert len(synced) == 1
        file.record(exchange(b"two"))
    assert synced[1:] == [_inode_and_size(file.path.stat())]


def _inode_and_size(found: os.stat_result) -> tuple[int, int]:
    return found.st_ino, found.st_size


def test_every_run_has_its_own_file(tmp_path: Path) -> None:
    assert written(tmp_path, b"a")[0] != written(tmp_path, b"a")[0]
