import logging
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.privacy.daily import DailyRetention, daily_rules
from service.privacy.rules import RulesError, load_rules
from service.privacy.run import last_run
from service.running.background import beside
from service.settings import Settings
from service.store.database.columns import now


def test_it_is_off_unless_the_settings_say_so(tmp_path: Path) -> None:
    assert daily_rules(Settings()) == ()
    assert daily_rules(Settings.of({"retention.daily": True})) == load_rules()
    with pytest.raises(RulesError):
        daily_rules(Settings.of({"retention.daily": True, "retention.rules": tmp_path / "none.toml"}))


def test_once_a_day(archive: Any) -> None:
    archive.add("old")
    archive.add("fresh", days=0)
    later = [timedelta(0)]
    daily = DailyRetention(archive.store, load_rules(), archive.evidence, lambda: now() + later[0])
    stop = threading.Event()
    assert daily.once(stop)
    assert archive.state("old") == "gone"
    assert not daily.once(stop)
    later[0] = timedelta(hours=25)
    assert daily.once(stop)
    assert archive.store.audit.newest(1)[0].actor == "worker"


def test_one_that_was_broken_off_is_taken_up_at_once(archive: Any) -> None:
    archive.add("old")
    archive.add("fresh", days=0)
    stop = threading.Event()
    stop.set()
    daily = DailyRetention(archive.store, load_rules(), archive.evidence)
    assert daily.once(stop)
    assert archive.state("old") == "whole"
    assert daily.once(threading.Event())
    assert archive.state("old") == "gone"


def test_it_runs_beside_the_worker_and_ends_with_it(archive: Any, caplog: pytest.LogCaptureFixture) -> None:
    archive.add("old")
    archive.add("fresh", days=0)
    caplog.set_level(logging.INFO, "service.privacy.daily")
    stop = threading.Event()
    with beside(DailyRetention(archive.store, load_rules(), archive.evidence).run, stop, "retention"):
        while (run := last_run(archive.store)) is None or run.finished_at is None:
            stop.wait(0.02)
    assert stop.is_set()
    assert archive.state("old") == "gone"
    assert "undecided: 1 listings" in caplog.text
