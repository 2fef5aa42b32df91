"""What a candidate is called: other rules are another run."""

from hashlib import sha256
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.settings import Settings
from service.shadow.candidate import load_candidate

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


def test_the_shipped_policy_is_named_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (resources.files("inference") / "policy.toml").read_bytes()
    assert load_candidate(Settings(), TINY, None).policy == f"shipped ({sha256(content).hexdigest()[:8]})"
    (tmp_path / "policy.toml").write_bytes(content + b"# another release\n")
    monkeypatch.setattr("service.shadow.candidate.resources", SimpleNamespace(files=lambda _: tmp_path))
    other = sha256(content + b"# another release\n").hexdigest()
    assert load_candidate(Settings(), TINY, None).policy == f"shipped ({other[:8]})"
