"""What the attacks share: a disk that fills up at once."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SIZE = 12 * 2**20


@dataclass
class SmallDisk:
    """A separate file system of :data:`SIZE` bytes."""

    folder: Path

    def fill(self, left: int) -> None:
        """Leave so many bytes free."""
        room = shutil.disk_usage(self.folder).free - left
        with (self.folder / "ballast").open("wb") as file:
            file.write(bytes(max(0, room)))

    def make_room(self) -> None:
        """Take away what filled it."""
        (self.folder / "ballast").unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
