import gzip
import os
import stat
import zlib
from hashlib import sha256
from pathlib import Path

import pytest

from service.batches.problems import BadFile, FileTooLarge
from service.batches.upload import Upload


def take(path: Path, content: bytes, gzipped: bool, most: int = 10**9, block: int = 1000) -> str:
    with Upload(path, gzipped, most) as upload:
        for start in range(0, len(content), block):
            upload.feed(content[start : start + block])
        return upload.finish()


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("block", [7, 10**6])
def test_what_was_sent_is_on_the_disk(tmp_path: Path, gzipped: bool, block: int) -> None:
    content = os.urandom(20_000) + b"x" * 5_000_000 * (block > 7)
    body = gzip.compress(content[:9000]) + gzip.compress(content[9000:]) if gzipped else content
    path = tmp_path / "upload"
    assert take(path, body, gzipped, block=block) == sha256(content).hexdigest()
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


DAMAGED = {
    "cut": gzip.compress(b"x" * 1000)[:-3],
    "plain": b"plain",
    "trailing": gzip.compress(b"x") + b"trailing",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_gzip(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match="not complete gzip data"):
        take(tmp_path / "upload", DAMAGED[name], gzipped=True)


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < 2**17
    with pytest.raises(FileTooLarge, match="larger than 5,000,000 bytes"):
        take(tmp_path / "upload", bomb, gzipped=True, most=5_000_000, block=2**20)
    assert (tmp_path / "upload").stat().st_size <= 5_000_000


def test_an_empty_body(tmp_path: Path) -> None:
    assert take(tmp_path / "a", b"", gzipped=True) == take(tmp_path / "b", b"", gzipped=False)
