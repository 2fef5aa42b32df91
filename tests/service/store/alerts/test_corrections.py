from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text, update

from labels.taxonomy import ProductClass, Verdict
from service.store import Store, open_store
from service.store.alerts.repository import MAX_WHAT, AlertFilter, AlertRefused
from service.store.audit.trail import AuditFilter
from service.store.database.columns import now
from service.store.migrate import current, head
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Role

Decide = Callable[..., int]
TITLE, TEXT = "เตือนประชาชน", "ย่อหน้าแรก\n- ข้อแรก"


def publish(store: Store, review: int) -> AlertRow:
    lead = store.users.find("lek") or store.users.create("lek", "a long password", role=Role.LEAD)
    row = store.alerts.publish(review, lead.id, "ปต", ProductClass.FOOD_SUPPLEMENT, TITLE, TEXT)
    with store.database.writing() as session:
        began = now() - timedelta(days=2)
        session.execute(update(AlertRow).where(AlertRow.id == row.id).values(changed_at=began))
    return row


def correct(store: Store, alert: AlertRow, who: str = "lek", **more: Any) -> AlertRow:
    person = store.users.find(who)
    assert person is not None
    words: dict[str, Any] = {"title": TITLE, "text": "ย่อหน้าที่แก้", "what": " แก้ไขย่อหน้าแรก ", "seen": 0}
    return store.alert_corrections.correct(alert.id, person.id, **words | more)


def test_a_correction_replaces_the_words_and_keeps_the_earlier_ones(store: Store, decide: Decide) -> None:
    first = publish(store, decide(store, "1", Verdict.PROHIBITED))
    later = publish(store, decide(store, "2", Verdict.PROHIBITED))
    began = now()
    row = correct(store, first)
    assert (row.number, row.title, row.text) == (first.number, TITLE, "ย่อหน้าที่แก้")
    assert row.changed_at >= began > row.published_at
    correct(store, row, title="หัวข้อใหม่", what="แก้ไขหัวข้อ", seen=1)
    found = store.alert_corrections.of([first.id, later.id])
    assert [(one.title, one.text, one.what) for one in found.pop(first.id)] == [
        (TITLE, TEXT, "แก้ไขย่อหน้าแรก"),
        (TITLE, "ย่อหน้าที่แก้", "แก้ไขหัวข้อ"),
    ]
    assert found == {}
    # A feed begins with what changed last.
    assert [alert.id for alert in store.alerts.changes(AlertFilter())] == [first.id, later.id]
    entries = store.audit.search(AuditFilter(listing=row.listing_id, actions=["alert.*"]), 10)
    published, one, two = entries
    assert [(entry.actor, entry.action) for entry in (one, two)] == [("reviewer:lek", "alert.correct")] * 2
    assert published.detail["text_sha256"] == one.detail["before_sha256"] != one.detail["text_sha256"]
    assert one.detail["text_sha256"] == two.detail["before_sha256"]
    assert two.detail["what"] == "แก้ไขหัวข้อ"
    assert store.audit.verify().broken_at is None


def test_what_cannot_be_corrected(store: Store, decide: Decide) -> None:
    row = publish(store, decide(store, "1", Verdict.PROHIBITED))
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("only a lead", {"who": "nok"}),
        ("nothing to correct", {"text": TEXT}),
        ("corrected meanwhile", {"seen": 1}),
        ("give a description", {"what": " "}),
        ("shorten it", {"what": "ก" * (MAX_WHAT + 1)}),
        ("give a text", {"text": ""}),
    ]
    for reason, more in wrong:
        with pytest.raises(AlertRefused, match=reason):
            correct(store, row, **more)
    fallen = publish(store, decide(store, "2", Verdict.PROHIBITED))
    decide(store, "2", Verdict.CLEAR)
    with pytest.raises(AlertRefused, match="withdraw the alert"):
        correct(store, fallen)
    lead = store.users.find("lek")
    assert lead is not None
    store.alerts.withdraw(row.id, lead.id, "ถอน")
    with pytest.raises(AlertRefused, match="already withdrawn"):
        correct(store, row)
    assert store.alert_corrections.of([row.id, fallen.id]) == {}


def test_a_corrected_warning_goes_down_and_up_as_it_was_corrected(url: str, decide: Decide) -> None:
    with open_store(url) as store:
        row = correct(store, publish(store, decide(store, "1", Verdict.PROHIBITED)))
        config = Config()
        folder = resources.files("service.store").joinpath("migrations")
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        with store.database.connection() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0016")
        inspected = inspect(store.database.engine)
        assert "alert_correction" not in inspected.get_table_names()
        assert "ended_how" not in {column["name"] for column in inspected.get_columns("blind_task")}
        assert "ix_audit_subject_id" not in {index["name"] for index in inspected.get_indexes("audit")}
        with store.database.reading() as session:
            assert session.scalar(text("SELECT text FROM alert")) == "ย่อหน้าที่แก้"
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.alert_corrections.of([row.id]) == {}
        correct(store, row, text="แก้อีกครั้ง")
        assert store.audit.verify().broken_at is None
