"""What doctor, metrics and settings say of time stamps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError
from sqlalchemy import update

from service.doctor import Finding, Status, trusted_time
from service.inference_pool.assessor import AssessorHolder
from service.running.metrics import Metrics
from service.settings import Settings
from service.store import Store
from service.store.audit.actions import AuditAction
from service.store.trusted_time.tables import TimeStamp
from service.trusted_time.stamper import Stamper


def told(settings: Settings) -> Finding:
    (found,) = trusted_time.stamps(settings)
    assert bool(found.remedy_thai) == bool(found.remedy_english) == (found.status is not Status.OK)
    return found


@pytest.fixture
def turn(store: Store, stamping: Settings) -> Callable[..., None]:
    def once(off: timedelta = timedelta(0)) -> None:
        store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
        Stamper(store, stamping, clock=lambda: datetime.now(UTC) + off).once()

    return once


def test_the_doctor_tells_how_stamping_fares(store: Store, stamping: Settings, tsa: Any, turn: Any) -> None:
    assert told(stamping.changed({"timestamp.authorities": ()})).status is Status.OK
    tsa.answers.append(503)
    turn()
    assert (told(stamping).status, "1 wait" in told(stamping).english) == (Status.OK, True)
    with store.database.writing() as session:
        session.execute(update(TimeStamp).values(created_at=datetime.now(UTC) - timedelta(days=2)))
    late = told(stamping)
    assert (late.status, "status 503" in late.english) == (Status.WARNING, True)
    turn(timedelta(hours=4))
    clock = told(stamping)
    assert (clock.status, "4 hours ahead of office" in clock.english) == (Status.PROBLEM, True)


def test_a_root_that_cannot_be_read_is_a_problem(stamping: Settings, tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        root = tmp_path / "root.pem"
        if content is not None:
            root.write_text(content)
        lost = stamping.timestamp.authorities[0].model_copy(update={"root": root})
        found = told(stamping.changed({"timestamp.authorities": (lost,)}))
        assert (found.status, str(root) in found.remedy_english) == (Status.PROBLEM, True)


def test_the_metrics_tell_what_waits_and_how_far_the_clock_is_off(store: Store, tsa: Any, turn: Any) -> None:
    turn(timedelta(hours=1))
    tsa.answers.append(503)
    turn()
    metrics = Metrics(store, AssessorHolder(lambda: None), ["office"])  # type: ignore[arg-type,return-value]
    text = metrics.exposition().decode()
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels == {"authority": "office"}
    }
    assert found["ruthan_time_stamps_waiting"] == 1
    assert 3590 < found["ruthan_time_stamp_clock_offset_seconds"] < 3660
    assert abs(found["ruthan_time_stamp_newest_seconds"] - datetime.now(UTC).timestamp()) < 600


@pytest.mark.parametrize(
    "value",
    [
        '[{"name": "a", "url": "ftp://tsa.example/", "root": "r.pem"}]',
        '[{"name": "a", "url": "https://", "root": "r.pem"}]',
        '[{"name": "a", "url": "https://who:what@tsa.example/", "root": "r.pem"}]',
        '[{"name": "a b", "root": "r.pem"}]',
        '[{"name": "a", "root": "r.pem"}, {"name": "a", "root": "s.pem"}]',
        '[{"name": "a", "root": "r.pem", "rot": "s.pem"}]',
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RUTHAN_TIMESTAMP_AUTHORITIES", value)
    with pytest.raises(ValidationError):
        Settings()
