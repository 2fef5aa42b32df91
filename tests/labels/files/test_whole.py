import stat
import subprocess
import sys
from pathlib import Path

import pytest

from labels.files.whole import whole_file, write_whole

ROOT = Path(__file__).parents[3]


@pytest.mark.usefixtures("open_umask")
def test_a_file_takes_its_name_at_the_end_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("old")
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    write_whole(path, b"for all", private=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert list(tmp_path.iterdir()) == [path]


def test_an_exception_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("old")
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_may_not_be_replaced_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_whole(path, b"first", replace=False)
    with pytest.raises(FileExistsError):
        write_whole(path, b"second", replace=False)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("old")
    code = (
        "import os, signal, sys; from pathlib import Path; from labels.files.whole import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert ended.returncode == -9
    assert path.read_text() == "old"
