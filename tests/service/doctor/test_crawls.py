import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.doctor import Status, crawls
from service.settings import Settings


def noted(path: Path, *runs: dict[str, object]) -> None:
    lines = [json.dumps(x) for x in runs]
    path.write_text("\n" + "\n".join([*lines, '{"source": "torn", "at": "20']), encoding="utf-8")


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def test_alarms_of_the_last_runs_and_silent_sources_are_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.jsonl"
    monkeypatch.setenv(crawls.RUNS, str(path))
    assert list(crawls.crawls(settings)) == []
    noted(path, {"source": "shop", "at": ago(0.1)})
    (sound,) = crawls.crawls(settings)
    assert sound.status is Status.OK
    noted(
        path,
        {"source": "shop", "at": ago(2), "warnings": ["shop returned nothing"]},
        {"source": "shop", "at": ago(1), "warnings": []},
        {"source": "forum", "at": ago(1), "warnings": ["forum was broken off: stuck"]},
        {"source": "quiet", "at": ago(5)},
        {"source": "taken out", "at": ago(90)},
    )
    found = list(crawls.crawls(settings))
    assert [x.status for x in found] == [Status.WARNING] * 2
    told = [str(x) for x in found]
    assert "forum was broken off: stuck" in told[0]
    assert "quiet has not run since" in told[1]
