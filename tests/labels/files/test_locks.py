import subprocess
import sys
from pathlib import Path

import pytest

from labels.files.locks import LockHeld, alone, try_lock

ROOT = Path(__file__).parents[3]


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def other(lock_file: Path):
    """Another process that holds the lock."""
    code = (
        "import sys; from pathlib import Path; from labels.files.locks import alone\n"
        "with alone(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock_file)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_one_process_at_a_time(lock_file: Path, other) -> None:
    with pytest.raises(LockHeld, match=str(lock_file)), alone(lock_file, seconds=0):
        pytest.fail("two at once")
    with lock_file.open("rb") as file:
        assert not try_lock(file)


def test_the_lock_of_a_killed_process_is_free(lock_file: Path, other) -> None:
    other.kill()
    other.wait()
    with alone(lock_file, seconds=30):
        pass
