"""Evidence of visits without a capture: pages that say that a product is gone, and unchanged ones."""

import os
from datetime import timedelta
from typing import Any

import pytest

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.schema import Capture, Listing
from service.privacy.evidence import EvidenceFolder
from service.privacy.removal import delete_listings
from service.privacy.requests import erase, find
from service.privacy.rules import Action, parse_rules
from service.privacy.run import preview, run
from service.privacy.settling import settle
from service.privacy.wanted import wanted
from service.store.database.columns import now
from service.store.listings.sightings import Absence
from tests.helpers.warc import body_of
from tests.service.privacy.test_run import rule

SOUGHT = wanted("081-234-5678")
OLD = 1_500_000_000
"""A time of last change, in seconds, after which every rule deletes."""
EVIDENCE = parse_rules(rule("evidence", "evidence", "delete", since="captured_at"))


def gone_page(archive: Any, file: EvidenceFile, *names: str, days: int = 2000) -> Capture:
    """Record one page on which these listings are gone, with a contact of their seller."""
    body = "<p>สินค้านี้ถูกลบแล้ว สอบถาม โทร 081-234-5678</p>".encode()
    at = now() - timedelta(days=days)
    page = file.record(Exchange(url=f"https://shop.example/{names[0]}", status=404, body=body, at=at))
    for name in names:
        archive.store.sightings.note_absence(name, "crawl", Absence("HTTP 404"), page)
    return page


def is_there(archive: Any, page: Capture) -> bool:
    try:
        return "โทร".encode() in body_of(archive.evidence / page.warc_file, page.warc_record_id)
    except (LookupError, FileNotFoundError):
        return False


def age(archive: Any, page: Capture) -> None:
    os.utime(archive.evidence / page.warc_file, (OLD, OLD))


@pytest.mark.parametrize("action", Action)
def test_a_request_removes_pages_of_visits(archive: Any, action: Action) -> None:
    with archive.file() as file:
        archive.add("one", file=file)
        page = gone_page(archive, file, "one")
    archive.add("two", text="ดี")
    found = list(find(archive.store, SOUGHT))
    erase(archive.store, SOUGHT, found, archive.evidence, action=action, request="1")
    assert not is_there(archive, page)


def test_a_rule_that_redacts_removes_pages_of_visits(archive: Any) -> None:
    with archive.file() as file:
        archive.add("one", file=file)
        page = gone_page(archive, file, "one")
    run(archive.store, parse_rules(rule("all", "clear-listings", "redact")), archive.evidence)
    assert archive.state("one") == "redacted"
    assert not is_there(archive, page)


@pytest.mark.parametrize("action", Action)
def test_a_page_that_another_listing_needs_stays_until_that_one_goes(archive: Any, action: Action) -> None:
    archive.add("one")
    held = archive.add("held", text="ดี")
    archive.hold(held)
    archive.add("two", text="ดี", days=0)
    with archive.file() as file:
        page = gone_page(archive, file, "one", "held")
    found = [item for item in find(archive.store, SOUGHT) if not item.kept]
    erase(archive.store, SOUGHT, found, archive.evidence, action=action, request="1")
    assert archive.state("one") == ("gone" if action is Action.DELETE else "redacted")
    assert is_there(archive, page)
    with archive.store.database.writing() as session:
        delete_listings(session, [held], "test", now())
    settle(archive.store.database, EvidenceFolder(archive.evidence))
    assert not is_there(archive, page)


def test_a_capture_that_is_another_listings_visit_stays(archive: Any) -> None:
    with archive.file() as file:
        one = archive.add("one", file=file)
    (page,) = archive.store.listings.captures(one)
    seen = Capture(**{name: getattr(page, name) for name in Capture.model_fields})
    held = archive.add("held", text="ดี")
    archive.store.deposit(Listing(id="held", description="ดี"), [], "crawl", seen)
    archive.hold(held)
    archive.age(held, 3000)
    archive.add("two", text="ดี", days=0)
    run(archive.store, parse_rules(rule("all", "undecided-listings", "delete")), archive.evidence)
    assert archive.state("one") == "gone"
    assert is_there(archive, seen)


@pytest.mark.parametrize("fate", ["held", "prohibited", "free"])
def test_a_file_with_visits_only_stays_for_a_listing_that_is_protected(archive: Any, fate: str) -> None:
    number = archive.add("one", text="ดี", decision="prohibited" if fate == "prohibited" else None)
    if fate == "held":
        archive.hold(number)
    with archive.file() as file:
        page = gone_page(archive, file, "one")
    age(archive, page)
    said = preview(archive.store, EVIDENCE, archive.evidence)[0]
    report = run(archive.store, EVIDENCE, archive.evidence)
    assert said.files == report.rules[0].counts["files"] == (1 if fate == "free" else 0)
    assert is_there(archive, page) == (fate != "free")
    assert [visit.removed_at is None for visit in archive.store.sightings.of(number)] == [fate != "free"]


def test_old_visits_of_free_listings_go_from_a_file_that_others_need(archive: Any) -> None:
    archive.add("one", text="ดี")
    archive.hold(archive.add("held", text="ดี"))
    with archive.file() as file:
        free, needed = gone_page(archive, file, "one"), gone_page(archive, file, "held")
    age(archive, needed)
    run(archive.store, EVIDENCE, archive.evidence)
    assert (is_there(archive, free), is_there(archive, needed)) == (False, True)


def test_the_evidence_of_a_listing_goes_though_its_own_visit_has_the_record(archive: Any) -> None:
    with archive.file() as file:
        body = "<p>โทร</p>".encode()
        at = now() - timedelta(days=2000)
        page = file.record(Exchange(url="https://shop.example/1", status=200, body=body, at=at))
        archive.store.deposit(Listing(id="1", description="ดี"), [page], "crawl", page)
        archive.add("held", file=file)
        archive.hold(archive.ids["held"])
    run(archive.store, EVIDENCE, archive.evidence)
    assert not is_there(archive, page)


def test_a_visit_after_the_removal_has_evidence_again(archive: Any) -> None:
    number = archive.add("one")
    with archive.file() as file:
        gone_page(archive, file, "one")
        found = list(find(archive.store, SOUGHT))
        erase(archive.store, SOUGHT, found, archive.evidence, action=Action.REDACT, request="1")
        assert archive.store.sightings.of(number)[0].removed_at is not None
        later = gone_page(archive, file, "one", days=1)
    (visit,) = archive.store.sightings.of(number)
    assert (visit.removed_at, visit.warc_record_id) == (None, later.warc_record_id)
