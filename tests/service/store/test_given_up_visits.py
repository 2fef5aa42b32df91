"""Migration 0052: visits whose evidence was given up, and the search index of SQLite."""

from labels.schema import Capture, Listing
from service.privacy.removal import give_up_evidence_of
from service.running.indexing import index_all
from service.store import open_store
from service.store.database.columns import now
from service.store.index.finding import QueueFilter
from service.store.listings.sightings import Absence
from service.store.migrate import current, head
from service.text.search_words import query_of
from tests.service.store.test_migrate import downgrade


def test_visits_know_after_the_migration_that_their_evidence_was_given_up(url: str) -> None:
    first, second, kept = (
        Capture(
            url="https://shop.example/1", status=200, captured_at=now(), sha256="0" * 64,
            warc_file="2026-11/a.warc.gz", warc_record_id=f"urn:uuid:{number}",
        )
        for number in range(3)
    )  # fmt: skip
    with open_store(url) as store:
        number = store.deposit(Listing(id="1", description="หมอน"), [first], "crawl", first).listing_id
        store.sightings.note_absence("1", "crawl", Absence("HTTP 404"), second)
        other = store.deposit(Listing(id="2", description="หมอน"), [kept], "crawl", kept).listing_id
        with store.database.writing() as session:
            give_up_evidence_of(session, [number], "test", now())
        index_all(store)
        store.deposit(Listing(id="2", description="ที่นอน"), source="crawl")
        downgrade(store.database, "0051")
    with open_store(url) as store:
        assert current(store.database) == head()
        assert [visit.removed_at is None for visit in store.sightings.of(number)] == [False, False]
        assert [visit.removed_at for visit in store.sightings.of(other)] == [None]
        rows = store.find.page(QueueFilter(search=query_of("หมอน"))).rows
        assert [row.external_id for row in rows] == ["1"]
