"""Archives are bounded before and while they are unpacked, and their names are only looked up."""

import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from inference.pictures.errors import PictureError
from service.batches import archive as module
from service.batches.archive import Archive
from service.batches.formats import Format
from service.batches.problems import BadFile, FileTooLarge
from tests.helpers.every import every
from tests.service.batches.archives import archive, entry

TABLE = ("listings.csv", "id,text,images\n1,ก,a.png\n")
MOST = 40_000_000


def opened(content: bytes, most: int = MOST) -> Archive:
    return Archive(io.BytesIO(content), most)


def names(content: bytes, wanted: Sequence[str]) -> list[bytes | str]:
    """What each name finds: the bytes, or the code of the problem."""
    files, found = opened(content), list[bytes | str]()
    for name in wanted:
        try:
            found.append(files.content(name))
        except PictureError as error:
            found.append(error.code)
    return found


def test_the_file_of_listings_is_found_wherever_it_lies(tmp_path: Path) -> None:
    content = archive(
        ("shop/", b""), ("shop/LISTINGS.CSV", "id,text\n"), ("shop/images/a.png", b"a"), ("notes.txt", b"")
    )
    files = opened(content)
    assert (files.format, files.is_workbook) == (Format.CSV, False)
    files.extract_table(tmp_path / "table")
    assert (tmp_path / "table").read_bytes() == b"id,text\n"
    assert (opened(archive(("a.xlsx", b""))).format, opened(archive(("a.xlsx", b""))).is_workbook) == (
        Format.JSONL,
        True,
    )


def test_pictures_are_named_relative_to_the_file_or_to_the_only_folder_beside_it() -> None:
    one = archive(
        ("x/l.csv", ""), ("x/images/a.png", b"a"), ("x/images/b/a.png", b"b"), ("__MACOSX/x/._l.csv", b"")
    )
    assert names(
        one, ["images/a.png", "a.png", "b/a.png", "./a.png", "b\\a.png", "x/images/a.png", "c.png"]
    ) == [
        b"a",
        b"a",
        b"b",
        b"a",
        b"b",
        "picture_not_in_folder",
        "picture_not_in_folder",
    ]
    two = archive(TABLE, ("front/a.png", b"a"), ("back/a.png", b"b"), ("c.png", b"c"))
    assert names(two, ["front/a.png", "back/a.png", "c.png", "a.png"]) == [
        b"a",
        b"b",
        b"c",
        "picture_not_in_folder",
    ]


def test_thai_names_are_found_whatever_encoding_the_archive_has() -> None:
    content = archive(TABLE, ("ภาพ/ครีม.png", b"a"))
    assert names(content, ["ภาพ/ครีม.png", "ครีม.png"]) == [b"a", b"a"]
    for encoding in ("utf-8", "cp874"):
        name = "ครีม.png".encode(encoding)
        stand_in = b"x" * len(name)
        # Python marks such names as UTF-8; other programs write them bare.
        bare = archive(TABLE, (stand_in.decode(), b"a")).replace(stand_in, name)
        assert names(bare, ["ครีม.png"]) == [b"a"], encoding


def test_an_archive_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path) -> None:
    whole = archive(TABLE, ("a.png", b"a" * 5000))
    link = entry("a.png", create_system=3, external_attr=(stat.S_IFLNK | 0o777) << 16)
    pipe = entry("a.png", create_system=3, external_attr=(stat.S_IFIFO | 0o777) << 16)
    locked = bytearray(whole)
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[whole.rfind(mark) + at] |= 1
    cases = {
        "no ZIP": (b"id,text\n", "complete"),
        "empty": (b"", "complete"),
        "cut short": (whole[:-10], "complete"),
        "without a directory": (whole.replace(b"PK\1\2", b"PK\1\1"), "complete"),
        "no listings": (archive(("a.png", b"a")), "exactly one"),
        "two files": (archive(TABLE, ("b.jsonl", b"")), "exactly one"),
        "a link": (archive(TABLE, (link, b"/etc/passwd")), "link"),
        "a pipe": (archive(TABLE, (pipe, b"")), "link"),
        "upwards": (archive(TABLE, ("../a.png", b"a")), "leads out"),
        "upwards on Windows": (archive(TABLE, ("x\\..\\..\\a.png", b"a")), "leads out"),
        "absolute": (archive(TABLE, ("/etc/a.png", b"a")), "leads out"),
        "a drive": (archive(TABLE, ("C:/a.png", b"a")), "leads out"),
        "encrypted": (bytes(locked), "encrypted"),
        "LZMA": (archive(TABLE, ("a.png", b"a"), method=zipfile.ZIP_LZMA), "Deflate"),
    }
    with pytest.warns(UserWarning, match="Duplicate name"):
        cases["twice"] = archive(TABLE, ("a.png", b"a"), ("a.png", b"b")), "same name"

    def check(_case: str, content: bytes, said: str) -> None:
        with pytest.raises(BadFile, match=said) as refused:
            opened(content)
        assert any("\u0e00" <= c <= "\u0e7f" for c in refused.value.thai)

    every([(case, *given) for case, given in cases.items()], check)
    without_beginning = opened(whole[60:])
    with pytest.raises(BadFile, match="complete"):
        without_beginning.extract_table(tmp_path / "table")


def test_a_bomb_is_refused_by_what_it_declares_and_cut_off_where_it_lies() -> None:
    bomb = archive(TABLE, ("a.png", b"\0" * MOST))
    assert len(bomb) < MOST / 100
    with pytest.raises(FileTooLarge):
        opened(bomb)
    # The directory says that the picture has five bytes.
    lying = bytearray(bomb)
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        place = bomb.rfind(mark) + at
        lying[place : place + 4] = struct.pack("<I", 5)
    files = opened(bytes(lying))
    tracemalloc.start()
    try:
        with pytest.raises(PictureError, match="damaged"):
            files.content("a.png")
        assert tracemalloc.get_traced_memory()[1] < MOST / 20
    finally:
        tracemalloc.stop()


def test_too_many_entries_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    many = archive(TABLE, *((f"{n}.png", b"") for n in range(20)))
    monkeypatch.setattr(module, "MAX_ENTRIES", 21)
    assert names(many, ["7.png"]) == [b""]
    monkeypatch.setattr(module, "MAX_ENTRIES", 20)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    end = many.rfind(b"PK\5\6")
    fewer = many[: end + 8] + struct.pack("<2H", 1, 1) + many[end + 12 :]
    commented = many[: end + 20] + struct.pack("<H", 30) + b"PK\5\6" + b" " * 26
    large = many[:end] + b"PK\6\7" + bytes(16) + many[end:]
    huge = many[: end + 12] + struct.pack("<I", module.MAX_DIRECTORY + 1) + many[end + 16 :]
    for content in (many, fewer, large, huge):
        with pytest.raises(FileTooLarge, match="ZIP64"):
            opened(content)
    with pytest.raises(BadFile):
        opened(commented)


def test_a_picture_that_is_too_large_or_damaged_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(TABLE, ("a.png", b"a" * 100), ("b.png", b"picture"), method=zipfile.ZIP_STORED)
    damaged = content.replace(b"picture", b"pictuse")
    monkeypatch.setattr(module, "MAX_BYTES", 50)
    assert names(damaged, ["a.png", "b.png"]) == ["picture_too_large", "picture_damaged"]
    assert names(content, ["b.png"]) == [b"picture"]
