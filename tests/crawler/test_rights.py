"""What a crawl leaves behind is read by its owner only, whatever the umask."""

import stat
import subprocess
from pathlib import Path

import pytest

from .loopback import command, surroundings
from .test_commands import AWKWARD, serving


@pytest.mark.slow
def test_all_that_a_crawl_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    with serving(dict(AWKWARD)) as shop:
        subprocess.run(
            command(
                shop.url, "--out", "out/crawl", "--job", "jobs/one", "--database", "sqlite:///kept/ruthan.db"
            ),
            cwd=tmp_path,
            env=surroundings(),
            capture_output=True,
            umask=0,
            check=False,
        )
    made = [path for path in tmp_path.rglob("*") if path.name != "__pycache__"]
    assert {"crawl.log", "listings.jsonl", "ruthan.db", "frontier.db"} <= {path.name for path in made}
    wanted = {True: 0o700, False: 0o600}
    wrong = {
        str(p): oct(p.stat().st_mode) for p in made if stat.S_IMODE(p.stat().st_mode) != wanted[p.is_dir()]
    }
    assert wrong == {}
