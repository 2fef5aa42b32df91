import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.evidence.commands import evidence
from crawler.evidence.verification import Fault, verify_folder
from crawler.evidence.writer import EvidenceFile, Exchange
from labels.evidence.warc import Damage, Record, read_warc
from labels.schema import Capture, Listing
from service.store import open_store

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PAGE = "<p>ยาหม่อง</p>".encode()


def exchange(number: int, body: bytes, **fields: object) -> Exchange:
    headers = [("Content-Type", "text/html; charset=utf-8")]
    values = {"response_headers": headers, **fields}
    return Exchange(f"https://shop.example/{number}", 200, body, AT, **values)  # type: ignore[arg-type]


@dataclass
class Kept:
    """An evidence folder with one file, and a store that relies on it."""

    root: Path
    file: Path
    captures: list[Capture]

    @property
    def folder(self) -> Path:
        return self.root / "evidence"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.root / 'ruthan.db'}"

    def faults(self) -> list[tuple[Fault, tuple[int, ...]]]:
        with open_store(self.url) as store:
            return [(x.fault, x.listings) for x in verify_folder(self.folder, store.captures).findings]

    def run(self, *args: str, code: int = 0) -> str:
        options = ["--database", self.url, "--evidence", str(self.folder)]
        result = CliRunner().invoke(evidence, [*args, *options])
        assert result.exit_code == code, result.output
        return result.output


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Copied by each test, since the migrations of a store take half a second."""
    made = Kept(tmp_path_factory.mktemp("kept"), Path(), [])
    with EvidenceFile(made.folder) as file, open_store(made.url) as store:
        for number in range(4):
            made.captures.append(file.record(exchange(number, PAGE + str(number).encode() * 500)))
            listing = Listing(id=f"p{number}", description="ยาหม่อง")
            store.deposit(listing, made.captures[-1:], source="crawl")
        assert file.path is not None
        made.file = file.path
    return made


@pytest.fixture
def kept(_template: Kept, tmp_path: Path) -> Kept:
    shutil.copytree(_template.root, tmp_path, dirs_exist_ok=True)
    return replace(_template, root=tmp_path, file=tmp_path / _template.file.relative_to(_template.root))


def test_whole_evidence_is_sound(kept: Kept) -> None:
    output = kept.run("verify")
    assert "1 files, 9 records, 4 as the store says, 0 findings: sound" in output


def members(path: Path) -> list[bytes]:
    """The file's gzip members, one a record."""
    parts = path.read_bytes().split(b"\x1f\x8b\x08")
    return [b"\x1f\x8b\x08" + part for part in parts[1:]]


def test_a_flipped_byte_costs_its_own_record_only(kept: Kept) -> None:
    data = bytearray(kept.file.read_bytes())
    whole = members(kept.file)
    start = sum(map(len, whole[:3]))  # warcinfo, response 0, request 0: then response 1
    data[start + len(whole[3]) // 2] ^= 0xFF
    kept.file.write_bytes(data)
    found = list(read_warc(kept.file))
    assert [type(x) for x in found].count(Damage) == 1
    assert [x.id for x in found if isinstance(x, Record) and x.kind == "response"] == [
        kept.captures[n].warc_record_id for n in (0, 2, 3)
    ]
    assert kept.faults() == [(Fault.DAMAGED, ()), (Fault.MISSING, (2,))]
    assert "NOT sound" in kept.run("verify", code=1)


def test_damaged_first_bytes_and_an_empty_file_cost_nothing_else(kept: Kept) -> None:
    data = bytearray(kept.file.read_bytes())
    data[0] ^= 0xFF
    kept.file.write_bytes(data)
    (kept.file.parent / "crawl-empty.warc.gz").touch()
    assert kept.faults() == [(Fault.DAMAGED, ())]


def test_a_torn_end_is_told_and_is_no_fault(kept: Kept) -> None:
    with EvidenceFile(kept.folder) as file:
        file.record(exchange(9, b"x" * 500))
    assert file.path is not None
    file.path.write_bytes(file.path.read_bytes()[:-40])
    assert kept.faults() == [(Fault.TORN, ())]
    assert "torn:" in kept.run("verify")


def rewritten(kept: Kept, change: Callable[[bytes], bytes]) -> None:
    """Return the file with its records altered by somebody who knows WARC, each compressed again."""
    packed = [gzip.compress(change(gzip.decompress(part))) for part in members(kept.file)]
    kept.file.write_bytes(b"".join(packed))


def test_a_changed_body_is_altered(kept: Kept) -> None:
    rewritten(kept, lambda plain: plain.replace(b"1" * 500, b"2" * 500))
    faults = kept.faults()
    assert {fault for fault, _ in faults} == {Fault.ALTERED}
    assert (Fault.ALTERED, (2,)) in faults


def test_a_forged_record_with_fresh_digests_is_altered(kept: Kept) -> None:
    """Whoever rewrites the record and all its digests is still caught by the store."""
    with EvidenceFile(kept.folder) as file:
        forged = file.record(exchange(0, b"forged"))
    assert file.path is not None
    real = kept.captures[0].warc_record_id.encode()
    packed = [
        gzip.compress(gzip.decompress(x).replace(forged.warc_record_id.encode(), real))
        for x in members(file.path)
    ]
    file.path.unlink()
    rest = members(kept.file)
    kept.file.write_bytes(rest[0] + b"".join(packed[1:]) + b"".join(rest[3:]))
    assert kept.faults() == [(Fault.ALTERED, (1,))]


def test_a_missing_file_names_who_relied_on_it(kept: Kept) -> None:
    kept.file.unlink()
    assert kept.faults() == [(Fault.MISSING, (1, 2, 3, 4))]
    document = json.loads(kept.run("verify", "--json", code=1))
    assert document["sound"] is False
    assert document["findings"][0]["fault"] == "missing"
    assert document["findings"][0]["listings"] == [1, 2, 3, 4]


def test_show_writes_the_page_and_nothing_over_another_file(kept: Kept, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    output = kept.run("show", "p2", "--out", str(target))
    assert target.read_bytes() == PAGE + b"2" * 500
    assert kept.captures[2].sha256 in output
    assert "already exists" in kept.run("show", "3", "--out", str(target), code=1)
    assert "there is no listing p77" in kept.run("show", "p77", code=1)
    assert "no screenshot of listing 3" in kept.run("show", "p2", "--screenshot", code=1)


def test_show_unpacks_and_keeps_raw(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    with EvidenceFile(tmp_path / "evidence") as file, open_store(url) as store:
        capture = file.record(exchange(1, packed, response_headers=headers))
        store.deposit(Listing(id="p", description="ยาหม่อง"), [capture], source="crawl")
    options = ["--database", url, "--evidence", str(tmp_path / "evidence")]
    for flags, body in (
        (["--out", str(tmp_path / "a")], PAGE),
        (["--raw", "--out", str(tmp_path / "b")], packed),
    ):
        assert CliRunner().invoke(evidence, ["show", "p", *flags, *options]).exit_code == 0
        assert Path(flags[-1]).read_bytes() == body


def test_show_writes_the_page_of_a_version_below_1(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with EvidenceFile(tmp_path / "evidence") as file, open_store(url) as store:
        for number, text in enumerate(("ยาหม่อง", "ยาดม", "ยาลม")):
            capture = file.record(exchange(number, PAGE + str(number).encode()))
            seen = capture.model_copy(update={"captured_at": capture.captured_at - timedelta(days=number)})
            store.deposit(Listing(id="p", description=text), [seen], "crawl", seen)
    options = ["--database", url, "--evidence", str(tmp_path / "evidence")]
    for version, number in (("1", 0), ("0", 1), ("-1", 2)):
        target = tmp_path / version
        found = CliRunner().invoke(
            evidence, ["show", "p", "--version", version, "--out", str(target), *options]
        )
        assert found.exit_code == 0, found.output
        assert target.read_bytes() == PAGE + str(number).encode()


def test_show_refuses_what_is_not_the_page_that_the_store_knows(kept: Kept, tmp_path: Path) -> None:
    rewritten(kept, lambda plain: plain.replace(b"1" * 500, b"2" * 500))
    assert "does not match its digest" in kept.run("show", "p1", "--out", str(tmp_path / "x"), code=1)
    assert not (tmp_path / "x").exists()
