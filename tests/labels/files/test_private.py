import stat
from pathlib import Path

import pytest

from labels.files.private import make_folder, open_bytes, open_text, touch


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
def test_every_folder_on_the_way_is_made_for_its_owner_only(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    assert {mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")} == {0o700}


@pytest.mark.usefixtures("open_umask")
def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(0o750)
    make_folder(tmp_path / "shared")
    assert mode(tmp_path / "shared") == 0o750


@pytest.mark.usefixtures("open_umask")
def test_files_are_made_for_their_owner_only(tmp_path: Path) -> None:
    with open_bytes(tmp_path / "bytes", "xb") as file:
        file.write(b"x")
    with open_text(tmp_path / "text", "a+") as text:
        text.write("ก\r\n")
    touch(tmp_path / "empty")
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
    assert (tmp_path / "text").read_bytes() == "ก\r\n".encode()


def test_touching_leaves_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    touch(tmp_path / "kept")
    assert (tmp_path / "kept").read_text() == "kept"
