import stat
import struct
from hashlib import sha256
from pathlib import Path

import pytest

from service.store.pictures.files import NotAPicture, PictureFileChanged, PictureFiles, read_header

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 640, 480, 8, 2, 0, 0, 0)


def test_a_file_is_kept_once_under_its_hash_for_its_owner_only(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path / "pictures")
    digest = files.put(PNG)
    assert digest == files.put(PNG) == sha256(PNG).hexdigest()
    assert files.read(digest) == PNG
    kept = [path for path in files.folder.rglob("*") if path.is_file()]
    assert kept == [files.path(digest)]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    assert files.remove(digest)
    assert not files.remove(digest)


def test_a_changed_file_is_not_read(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    digest = files.put(PNG)
    files.path(digest).write_bytes(PNG + b" ")
    with pytest.raises(PictureFileChanged, match="restore it from a backup"):
        files.read(digest)
    assert files.put(PNG) == digest
    assert files.read(digest) == PNG, "the same picture handed in again replaces it"


def test_only_a_hash_names_a_file(tmp_path: Path) -> None:
    for name in ("../secret", "a" * 63, "A" * 64, ""):
        with pytest.raises(ValueError, match="not a SHA-256"):
            PictureFiles(tmp_path).read(name)


def test_type_and_size_are_those_of_the_header() -> None:
    assert read_header(PNG) == ("image/png", 640, 480)
    sides = (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
    webp = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + sides
    assert read_header(webp) == ("image/webp", 640, 480)


@pytest.mark.parametrize(
    "content", [b"", b"<svg></svg>", b"GIF8", PNG[:20], b"\xff\xd8\xff", b"RIFF1234WEBPVP8 "]
)
def test_other_files_and_damaged_headers_are_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_header(content)
