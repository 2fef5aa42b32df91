"""Archives that differ from what was written are refused."""

import gzip
import io
import json
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from service.backup import BackupError
from service.backup.archive import ArchiveWriter, new_archive, unpack
from service.backup.errors import ArchiveDamaged
from service.backup.manifest import Content, Manifest


def manifest_of(writer: ArchiveWriter) -> Manifest:
    content = Content(schema_revision="1", audit_entries=0, audit_head="", rows={})
    return Manifest.model_validate(
        {
            "created": "2026-11-24T00:00:00Z",
            "ruthan": "1",
            "database": "sqlite",
            "content": content,
            "files": writer.files,
        }
    )


@pytest.fixture(params=["tar.gz", "tar.zst"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "tar.zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"a.{request.param}"
    with new_archive(path) as writer:
        for number in range(3):
            file = tmp_path / f"{number}"
            # Nothing repeats in it: of a repetition, a packer's changed byte may unpack to the same.
            file.write_bytes(random.Random(number).randbytes(100_000))
            writer.add(f"evidence/ก/{number}", file)
        writer.finish(manifest_of(writer))
    return path


def test_what_was_packed_is_unpacked(archive: Path, tmp_path: Path) -> None:
    manifest = unpack(archive, tmp_path / "out")
    assert sorted(manifest.files) == [f"evidence/ก/{number}" for number in range(3)]
    for number in range(3):
        assert (tmp_path / "out" / "evidence" / "ก" / str(number)).read_bytes() == (
            tmp_path / str(number)
        ).read_bytes()


def test_every_cut_is_noticed(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for part in (0, 3, len(whole) // 3, len(whole) * 2 // 3, len(whole) - 600):
        archive.write_bytes(whole[:part])
        with pytest.raises(ArchiveDamaged):
            unpack(archive, tmp_path / f"out{part}")


def test_changed_bytes_are_noticed(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for place in range(60, len(whole) - 60, max(1, len(whole) // 15)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        archive.write_bytes(damaged)
        with pytest.raises(ArchiveDamaged):
            unpack(archive, tmp_path / f"out{place}")


def test_something_else_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"PK\x03\x04 a zip", gzip.compress(b"no tar"))):
        (tmp_path / "x.tar.gz").write_bytes(content)
        with pytest.raises(ArchiveDamaged):
            unpack(tmp_path / "x.tar.gz", tmp_path / f"out{number}")


Forge = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(content), "/etc/passwd" if kind != tarfile.REGTYPE else ""
    return info, content


def repack(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(
    "forged",
    [
        member("../outside"),
        member("/tmp/outside"),
        member("evidence/../../outside"),
        member("evidence/./x"),
        member("evidence"),
        member("elsewhere/x"),
        member("evidence/link", b"", tarfile.SYMTYPE),
        member("evidence/link", b"", tarfile.LNKTYPE),
        member("evidence/folder", b"", tarfile.DIRTYPE),
        member("evidence/unlisted"),
    ],
    ids=lambda m: f"{m[0].name} {m[0].type.decode()}",
)
def test_a_member_that_leads_elsewhere_or_is_not_listed(
    tmp_path: Path, forged: tuple[tarfile.TarInfo, bytes]
) -> None:
    with new_archive(tmp_path / "a.tar.gz") as writer:
        writer.finish(manifest_of(writer))
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        content = tar.extractfile("manifest.json").read()  # type: ignore[union-attr]
    repack(tmp_path / "b.tar.gz", [forged, member("manifest.json", content)])
    with pytest.raises(ArchiveDamaged):
        unpack(tmp_path / "b.tar.gz", tmp_path / "in" / "out")
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "in" / "outside").exists()


def test_a_file_that_is_missing_twice_there_or_after_the_manifest(tmp_path: Path) -> None:
    file = tmp_path / "1"
    file.write_text("1")
    with new_archive(tmp_path / "a.tar.gz") as writer:
        writer.add("evidence/1", file)
        writer.finish(manifest_of(writer))
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        content = tar.extractfile("manifest.json").read()  # type: ignore[union-attr]
    one, last = member("evidence/1", b"1"), member("manifest.json", content)
    repack(tmp_path / "whole.tar.gz", [one, last])
    unpack(tmp_path / "whole.tar.gz", tmp_path / "whole")
    other = json.loads(content) | {"format": 2}
    forgeries = ([last], [one, one, last], [one, last, one], [one], [one, member("manifest.json", b"{}")])
    for number, members in enumerate(
        (*forgeries, [one, member("manifest.json", json.dumps(other).encode())])
    ):
        repack(tmp_path / "b.tar.gz", members)
        with pytest.raises(ArchiveDamaged):
            unpack(tmp_path / "b.tar.gz", tmp_path / f"out{number}")


def test_a_file_that_grows_is_taken_as_it_was_and_one_that_shrinks_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "growing"
    file.write_bytes(b"a" * 1000)
    with new_archive(tmp_path / "a.tar.gz") as writer:
        original = writer._tar.addfile

        def grow(info: tarfile.TarInfo, reader: object) -> None:
            with file.open("ab") as more:
                more.write(b"b" * 1000)
            original(info, reader)  # type: ignore[arg-type]

        monkeypatch.setattr(writer._tar, "addfile", grow)
        writer.add("evidence/growing", file)
        monkeypatch.setattr(writer._tar, "addfile", original)
        writer.finish(manifest_of(writer))
    unpack(tmp_path / "a.tar.gz", tmp_path / "out")
    assert (tmp_path / "out" / "evidence" / "growing").read_bytes() == b"a" * 1000

    def shrink(info: tarfile.TarInfo, reader: object) -> None:
        file.write_bytes(b"a")
        original(info, reader)  # type: ignore[arg-type]

    def pack() -> None:
        nonlocal original
        with new_archive(tmp_path / "b.tar.gz") as writer:
            original = writer._tar.addfile
            monkeypatch.setattr(writer._tar, "addfile", shrink)
            writer.add("evidence/growing", file)

    with pytest.raises(BackupError, match="shorter"):
        pack()
    assert not (tmp_path / "b.tar.gz").exists()
    assert not list(tmp_path.glob(".*"))
