import asyncio
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from crawler.evidence.recorder import EvidenceRecorder
from crawler.evidence.writer import Exchange
from crawler.pipeline.deposit import Collected, DepositPipeline
from crawler.pipeline.depositor import GIVE_UP_AFTER, Depositor, redeposit
from crawler.pipeline.spool import LineFile, Spooled, read_spool
from labels.schema import Capture, Listing
from service.store import Arrival, open_store
from tests.helpers.stored import find_listing

CAPTURE = Capture(
    url="https://shop.example/p", status=200, captured_at=datetime(2026, 11, 24, tzinfo=UTC), sha256="0" * 64,
    warc_file="2026-11/a.warc.gz", warc_record_id="<urn:uuid:1>",
)  # fmt: skip


def record(name: str) -> Spooled:
    return Spooled(listing=Listing(id=name, title="ชา", description="หอม"), captures=[CAPTURE])


class Grumpy:
    """A store that refuses given ids."""

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)
        self.asked: list[str] = []

    def deposit_all(self, arrivals: Sequence[Arrival]) -> object:
        self.asked += [arrival.listing.id for arrival in arrivals]
        if self.refused.intersection(arrival.listing.id for arrival in arrivals):
            raise RuntimeError("database is locked")
        return None

    def close(self) -> None:
        pass


def test_what_the_store_refuses_is_spooled_with_its_captures(tmp_path: Path) -> None:
    depositor = Depositor(lambda: Grumpy("b"), LineFile(tmp_path / "spool-1.jsonl"))
    assert [depositor.deposit(record(x)) for x in "abc"] == [True, False, True]
    assert depositor.reason == "database is locked"
    assert [found for _, found in read_spool(tmp_path / "spool-1.jsonl")] == [record("b")]


def test_a_store_that_keeps_refusing_is_not_asked_for_ever(tmp_path: Path) -> None:
    store = Grumpy(*"abcdefgh")
    depositor = Depositor(lambda: store, LineFile(tmp_path / "spool-1.jsonl"))
    assert not any(depositor.deposit(record(x)) for x in "abcdefgh")
    assert len(store.asked) == GIVE_UP_AFTER
    assert len(list(read_spool(tmp_path / "spool-1.jsonl"))) == 8


def test_one_that_the_store_refuses_costs_those_beside_it_nothing(tmp_path: Path) -> None:
    store = Grumpy("b")
    depositor = Depositor(lambda: store, LineFile(tmp_path / "spool-1.jsonl"))
    assert depositor.deposit_all([record(x) for x in "abc"]) == [True, False, True]
    assert store.asked == [*"abc", *"abc"]  # together, then one by one
    assert [found for _, found in read_spool(tmp_path / "spool-1.jsonl")] == [record("b")]


def test_a_spool_that_fails_too_is_told_for_each_that_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    depositor = Depositor(lambda: Grumpy("b"), LineFile(tmp_path / "file" / "spool-1.jsonl"))
    kept = depositor.deposit_all([record(x) for x in "abc"])
    assert (kept[0], kept[2]) == (True, True)
    assert isinstance(kept[1], OSError)


def test_redeposit_keeps_what_is_left_and_removes_an_empty_spool(tmp_path: Path) -> None:
    spool = tmp_path / "spool-1.jsonl"
    lines = LineFile(spool)
    for name in "abc":
        lines.add(record(name))
    taken, problems = redeposit(spool, Grumpy("b"))
    assert taken == 2
    assert "line 2: b: database is locked" in problems[0]
    assert [found for _, found in read_spool(spool)] == [record("b")]
    assert redeposit(spool, Grumpy()) == (1, [])
    assert not spool.exists()


def test_a_damaged_line_is_reported_and_the_file_left_alone(tmp_path: Path) -> None:
    spool = tmp_path / "spool-1.jsonl"
    spool.write_text(record("a").model_dump_json() + '\n{"torn": \n', encoding="utf-8")
    taken, problems = redeposit(spool, Grumpy())
    assert taken == 1
    assert problems[0].startswith("line 2: not a listing")
    assert spool.exists()


def test_a_torn_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    path.write_text('{"id": "tor', encoding="utf-8")
    LineFile(path).add(record("a").listing)
    assert [json.loads(x)["id"] for x in path.read_text(encoding="utf-8").splitlines()[1:]] == ["a"]


def test_the_real_store_takes_listing_and_captures(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    depositor = Depositor(lambda: open_store(url), LineFile(tmp_path / "spool-1.jsonl"))
    assert depositor.deposit(record("a"))
    assert depositor.deposit(record("a"))
    depositor.close()
    with open_store(url) as store:
        found = find_listing(store, "a", "crawl")
        assert found is not None
        assert found.text == "ชา\nหอม"
        assert {x.warc_record_id for x in store.listings.captures(found.id)} == {"<urn:uuid:1>"}


@pytest.mark.parametrize("refused", ["", "a"])
def test_the_evidence_is_on_the_disk_before_its_listing_is_deposited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    crawler = get_crawler(
        settings_dict={
            "RUTHAN_EVIDENCE_DIR": str(tmp_path / "evidence"),
            "RUTHAN_SPOOL_DIR": str(tmp_path),
            "RUTHAN_CRAWL_CLOCK": "system",
        }
    )
    recorder = EvidenceRecorder(crawler)
    monkeypatch.setattr(crawler, "get_downloader_middleware", lambda wanted: recorder)
    pipeline = DepositPipeline(crawler)
    store = Grumpy(refused)
    pipeline.depositor = Depositor(lambda: store, pipeline.depositor.spool)
    done: list[str] = []
    deposit_all, fsync = store.deposit_all, os.fsync

    def noted_deposit(arrivals: Sequence[Arrival]) -> object:
        done.append("deposit")
        return deposit_all(arrivals)

    def noted_fsync(number: int) -> None:
        path = Path(f"/proc/self/fd/{number}").readlink()
        if path.is_file():  # and not the folder of a new name
            done.append(path.name.partition("-")[0])
        fsync(number)

    monkeypatch.setattr(store, "deposit_all", noted_deposit)
    monkeypatch.setattr(os, "fsync", noted_fsync)
    page = Exchange("https://shop.example/p", 200, b"<p>x</p>", datetime(2026, 11, 24, tzinfo=UTC))

    async def deposit() -> None:
        await pipeline.process_item(Collected(Listing(id="a", title="ชา", description="หอม"), page))
        await pipeline.close_spider()

    asyncio.run(deposit())
    recorder.file.close()
    assert done == ["crawl", "deposit", *(["spool"] if refused else [])]
