"""The worker's part, on every database: each line is answered in its place, and bad lines are reported."""

import json
import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from labels.schema import Assessment, Listing
from labels.taxonomy import Verdict
from service.batches.folder import BatchFolder
from service.batches.formats import Format
from service.batches.running import BatchRunner
from service.running import worker
from service.settings import Settings
from service.store import Store
from service.store.batches.chunks import ingest
from service.store.database.columns import now
from service.store.tables.api_tables import ApiKey
from service.store.tables.batch_tables import BatchState
from tests.helpers.stored import assessments_of
from tests.service.batches.runners import Choosy, Lines, State, finish

from .conftest import json_lines


def test_every_line_has_its_answer_in_its_place(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines, state: State
) -> None:
    records = [
        '{"id": "a", "text": "รักษาเบาหวาน"}',
        "{",
        "",
        '{"id": "c"}',
        '{"id": 7, "title": "ก", "description": "x\\u0000\\ud83d"}',
        '"text"',
        '{"id": "long", "text": "' + "x" * 200_001 + '"}',
        '{"text": "no id"}',
    ]
    batch = make("\n".join(records).encode())
    assert finish(BatchRunner(store, assessor, batch_settings)) == 2
    found = lines_of(batch)
    assert [(line["line"], line["id"], line["status"]) for line in found] == [
        (1, "a", "done"),
        (2, None, "rejected"),
        (4, "c", "rejected"),
        (5, "7", "done"),
        (6, None, "rejected"),
        (7, "long", "rejected"),
        (8, None, "rejected"),
    ]
    assert found[0]["assessment"]["verdict"] == Verdict.PROHIBITED
    assert [line["problem"]["code"] for line in found if "problem" in line] == ["not_json"] + [
        "bad_listing"
    ] * 4
    assert found[2]["problem"]["field"] == "text"
    assert all(
        any("\u0e00" <= c <= "\u0e7f" for c in line["problem"]["thai"]) and line["problem"]["english"]
        for line in found
        if line["status"] == "rejected"
    )
    row = state(batch)
    assert (row.state, row.received, row.done, row.rejected) == (BatchState.DONE, 7, 2, 5)
    assert row.started_at is not None
    assert row.finished_at is not None
    assert store.listings.counts() == {}
    assert not BatchFolder(batch_settings.batch.folder).upload(batch.name).exists()


def test_a_table_is_read_by_its_header_in_every_chunk(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    rows = [f'{n},"แถว\n{n}",{"รักษาเบาหวาน" if n % 2 else ""}\n' for n in range(12)]
    batch = make(("id,title,description\n" + "".join(rows)).encode("utf-8-sig"), Format.CSV)
    finish(BatchRunner(store, assessor, batch_settings))
    found = lines_of(batch)
    assert [line["id"] for line in found] == [str(n) for n in range(12)]
    assert [line["line"] for line in found] == [2 + 2 * n for n in range(12)]
    assert [len(line["assessment"]["claims"]) for line in found] == [n % 2 for n in range(12)]


def test_listings_are_handed_in_with_their_assessments_once(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    content = json_lines(7, bad=(3,)) + '\n{"id": "n1", "text": "ข้อความใหม่"}'.encode()
    runner = BatchRunner(store, assessor, batch_settings)
    first, second = make(content, ingest=True), make(content, ingest=True)
    finish(runner)
    statuses = [line.get("deposit") for line in lines_of(first)]
    assert statuses == ["new", "new", None, "new", "new", "new", "new", "changed"]
    assert {line.get("deposit") for line in lines_of(second)} <= {"changed", "unchanged", None}
    numbers = {line["id"]: line["listing_id"] for line in lines_of(first) if "listing_id" in line}
    assert len(numbers) == 6
    assert store.unassessed(assessor.model_id) == []
    row = store.listing(numbers["n1"])
    assert row is not None
    assert (row.source, row.text, row.verdict) == ("api:shop", "ข้อความใหม่", Verdict.CLEAR)
    assert len(assessments_of(store, numbers["n2"])) == 1
    assert len(assessments_of(store, numbers["n1"])) == 2


def test_a_line_that_cannot_be_read_keeps_the_id_it_shows(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    torn = make(b'{"id": "a", "text": "x"\n{"text": "x", "id": 7,\n{"id": "x\n')
    table = make(b"text,id\nx,n1,more\nx\n", Format.CSV)
    finish(BatchRunner(store, assessor, batch_settings))
    assert [line["id"] for line in lines_of(torn)] == ["a", "7", None]
    assert [line["id"] for line in lines_of(table)] == ["n1", None]


def test_a_number_that_no_database_holds_costs_its_own_line(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    odd = ["-1", "9" * 309, "1e999", "-1e999", "1e13", "[[1e999]]", '{"a": 1' + "0" * 400 + "}"]
    records = [f'{{"id": "n{n}", "text": "ก", "reach": {value}}}' for n, value in enumerate(odd)]
    batch = make("\n".join(['{"id": "sound", "text": "ก"}', *records]).encode(), ingest=True)
    finish(BatchRunner(store, assessor, batch_settings))
    found = lines_of(batch)
    assert [(line["id"], line["status"]) for line in found] == [
        ("sound", "done"),
        *((f"n{n}", "rejected") for n in range(len(odd))),
    ]
    assert {line["problem"]["field"] for line in found[1:]} == {"reach"}


def test_a_listing_that_the_store_cannot_hold_costs_no_other(
    store: Store,
    assessor: Any,
    batch_settings: Settings,
    make: Any,
    lines_of: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(session: Any, listing: Listing, *rest: Any) -> Any:
        if listing.id == "n2":
            session.execute(text("INSERT INTO capture (id) VALUES (1)"))
        return ingest(session, listing, *rest)

    monkeypatch.setattr("service.batches.running.ingest", failing)
    batch = make(json_lines(5), ingest=True)
    assert finish(BatchRunner(store, assessor, batch_settings)) == 1
    found = lines_of(batch)
    assert [line.get("deposit") for line in found] == ["new", None, "new", "new", "new"]
    assert found[1]["problem"]["code"] == "not_kept"


def test_a_line_that_the_model_cannot_read_is_told(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines, caplog: Any
) -> None:
    batch = make(json_lines(4))
    finish(BatchRunner(store, Choosy(assessor.classify), batch_settings))
    assert [line["status"] for line in lines_of(batch)] == ["done", "rejected", "done", "done"]
    assert lines_of(batch)[1]["problem"]["code"] == "not_assessed"
    assert f"batch {batch.name}: line 2 cannot be assessed (ValueError)" in caplog.text
    assert "คำลับเฉพาะ" not in caplog.text


def test_a_line_that_cannot_be_read_leaves_the_answers_of_its_group_in_their_places(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, lines_of: Lines
) -> None:
    """Lines without a listing stand before and between those that go to the model together."""
    batch = make(json_lines(5, bad=(1, 3)))
    finish(BatchRunner(store, Choosy(assessor.classify), batch_settings))
    found = [(line["id"], line.get("problem", {}).get("code")) for line in lines_of(batch)]
    assert found == [
        ("bad", "not_json"),
        ("n2", "not_assessed"),
        ("bad", "not_json"),
        ("n4", None),
        ("n5", None),
    ]
    assert sorted(assessor.read) == ["n4", "n5"]


def test_batches_have_their_turns(store: Store, assessor: Any, batch_settings: Settings, make: Any) -> None:
    big, small = make(json_lines(50)), make(json_lines(5))
    runner = BatchRunner(store, assessor, batch_settings)
    stop = threading.Event()
    runner.step(stop)
    runner.step(stop)
    assert store.batches.find(small.name, None).state == BatchState.DONE  # type: ignore[union-attr]
    assert store.batches.find(big.name, None).done == 5  # type: ignore[union-attr]


def test_batches_and_listings_do_not_wait_for_each_other(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, state: State
) -> None:
    batch = make(json_lines(10, prefix="b"))
    for n in range(4):
        store.deposit(Listing(id=f"l{n}", description="ก"))
    runner = BatchRunner(store, assessor, batch_settings)
    report = worker.run(store, assessor, once=True, batch=2, aside=runner.step)
    assert (report.assessed, runner.report.done, state(batch).state) == (4, 10, BatchState.DONE)
    assert assessor.read[:10] == ["l0", "l1", "b1", "b2", "b3", "b4", "b5", "l2", "l3", "b6"]


def test_nothing_is_done_for_a_revoked_key_or_a_removed_batch(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, api_key: ApiKey
) -> None:
    removed = make(json_lines(5))
    claimed = store.batch_chunks.claim("one", now(), now() + timedelta(hours=1))
    assert claimed is not None
    assert store.batches.remove(removed, "key:shop")
    assert not store.batches.remove(removed, "key:shop")
    assert not store.batch_chunks.finish(claimed, now(), lambda _: pytest.fail("it was removed"))
    make(json_lines(5))
    store.api_keys.revoke(api_key.name)
    assert finish(BatchRunner(store, assessor, batch_settings)) == 0
    assert assessor.read == []


def test_no_text_in_the_log(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make((json.dumps({"id": "1", "text": "คำลับเฉพาะ"}, ensure_ascii=False) + '\n{"คำลับเฉพาะ').encode())
    finish(BatchRunner(store, assessor, batch_settings))
    own = [record for record in caplog.records if record.name.startswith("service")]
    assert not [record for record in own if "คำลับเฉพาะ" in record.getMessage()]


def test_a_result_folder_is_for_its_owner_only(
    store: Store, assessor: Any, batch_settings: Settings, make: Any
) -> None:
    make(json_lines(3))
    finish(BatchRunner(store, assessor, batch_settings))
    paths: list[Path] = [batch_settings.batch.folder, *batch_settings.batch.folder.rglob("*")]
    assert len(paths) == 3
    assert not [path for path in paths if path.stat().st_mode & 0o077]


def test_what_a_platform_hands_in_by_a_batch_is_for_sale_unless_it_is_a_post(
    store: Store, assessor: Any, batch_settings: Settings, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: dict[str, bool] = {}
    classify = assessor.classify

    def noted(listings: Sequence[Listing]) -> list[Assessment]:
        read.update((listing.id, listing.is_offer_by_record) for listing in listings)
        return list(classify(listings))

    monkeypatch.setattr(assessor, "classify", noted)
    handed_in = [{"id": "bare", "text": "ก"}, {"id": "post", "text": "ก", "platform": "facebook"}]
    make("\n".join(map(json.dumps, handed_in)).encode(), ingest=True)
    make(b'{"id": "assessed only", "text": "x"}')
    finish(BatchRunner(store, assessor, batch_settings))
    assert read == {"bare": True, "post": False, "assessed only": False}
    kept = {row.external_id: row.shape().is_offer_by_record for row in store.listings.page(limit=9).rows}
    assert kept == {"bare": True, "post": False}
