"""Which pages a visit takes from the schedule, and which a plan's stop list holds back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.due import due_pages
from crawler.options import CrawlOptions
from crawler.spiders.due import address_of
from labels.schema import Capture, Listing
from service.store import open_store
from service.store.listings.recrawl import DuePage

MET: list[dict[str, str]] = [
    {"url": "https://own.example/a"},
    {"url": "https://www.own.example/b"},
    {"url": "https://shop.example/blog/c"},
    {"url": "https://shop.example/d", "seller": "@our-page"},
    {"url": "https://shop.example/e", "seller_url": "https://own.example/seller"},
    {"url": "https://shop.example/blogs/f", "seller": "@our-page-2"},
    {"url": "https://not-own.example/g"},
    {"url": "https://shop.example/h"},
]
STOP = ["own.example", "https://shop.example/blog", "our-page"]


@pytest.mark.costly
def test_the_stop_list_crowds_out_nothing(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ruthan.db'}"
    long_ago = datetime.now(UTC) - timedelta(days=60)
    with open_store(database) as store:
        for number, fields in enumerate(MET):
            seen = Capture(
                url=fields["url"], status=200, captured_at=long_ago, sha256="a" * 64, warc_file="a.warc.gz",
                warc_record_id=f"<urn:uuid:{number}>", content_type="text/html",
            )  # fmt: skip
            listing = Listing.model_validate({"id": str(number), "description": "ยาหม่อง", **fields})
            store.deposit(listing, [seen], "crawl", seen)
    options = CrawlOptions(max_pages=2)
    free, held = due_pages(database, options, STOP)
    assert [page.external_id for page in free] == ["5", "6"]
    assert [(page.external_id, entry) for page, entry in held][:5] == [
        ("0", STOP[0]), ("1", STOP[0]), ("2", STOP[1]), ("3", STOP[2]), ("4", STOP[0]),
    ]  # fmt: skip
    everything, none = due_pages(database, options)
    assert [page.external_id for page in everything] == ["0", "1"]
    assert none == []


def test_an_address_that_is_no_text_is_as_good_as_none() -> None:
    stored: Any = 7
    page = DuePage(1, "1", "crawl", MET[0]["url"], datetime.now(UTC), fetched_url=stored)
    assert address_of(page) == MET[0]["url"]
