"""Any number of listings is sent in requests that the service accepts."""

import io
import json
from base64 import b64encode
from typing import Any

from PIL import Image

from labels.schema import Listing
from service.client import Ruthan, calls
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope


def parts(listings: Any) -> list[list[dict[str, Any]]]:
    return [call.json["listings"] for call in calls.classify(listings) if call.json is not None]


def picture(shade: int) -> dict[str, str]:
    out = io.BytesIO()
    Image.new("L", (8, 8), shade).save(out, "PNG")
    return {"data": b64encode(out.getvalue()).decode()}


def test_a_request_holds_no_more_than_the_service_takes(settings: Settings) -> None:
    texts = [{"id": str(n), "text": "ก"} for n in range(230)]
    pictured = [{"id": str(n), "text": "", "images": ["a.jpg", {"data": "AAAA"}]} for n in range(30)]
    album = [{"id": str(n), "text": "", "images": [{"data": "AAAA"}] * 15} for n in range(3)]
    long = [Listing(id=str(n), description="ก" * 108_000) for n in range(100)]
    for listings, counts in (
        (texts, [100, 100, 30]),
        (pictured, [20, 10]),
        (album, [1, 1, 1]),
        (long, [48, 48, 4]),
        ([], []),
    ):
        found = parts(iter(listings))
        assert [len(part) for part in found] == counts
        assert [item["id"] for part in found for item in part] == [str(n) for n in range(len(listings))]
        for part in found:
            body = json.dumps({"listings": part}, ensure_ascii=False).encode()
            assert len(body) <= settings.max.body_bytes


def test_a_listing_beyond_the_limits_is_sent_alone_so_that_the_service_says_so() -> None:
    beyond = {"id": "b", "text": "", "images": [{"data": "AAAA"}] * 21}
    huge = {"id": "h", "text": "ก" * 6_000_000}
    assert parts([{"id": "1", "text": "ก"}, beyond, huge]) == [[{"id": "1", "text": "ก"}], [beyond], [huge]]


def test_half_an_emoji_is_sent_as_one_character() -> None:
    given: list[calls.Record] = [
        {"id": "1\udc00", "text": "ครีม\ud83dทา", "notes": [{"\ud83d": "\ud83d\ude00"}], "path": "\\ud83d"},
        Listing(id="2", description="ครีม\ud83d"),
    ]
    sent = [
        {"id": "1\ufffd", "text": "ครีม\ufffdทา", "notes": [{"\ufffd": "\ufffd\ufffd"}], "path": "\\ud83d"},
        {"id": "2", "description": "ครีม\ufffd"},
    ]
    assert parts(given) == [sent]
    assert list(calls.records_of(given)) == sent


def test_listings_with_pictures_are_handed_in_whatever_their_number(served: tuple[str, Store]) -> None:
    address, store = served
    token = store.api_keys.create("shop", [Scope.INGEST]).token
    listings = [{"id": str(n), "text": "ครีม\ud83d", "images": [picture(n)]} for n in range(30)]
    with Ruthan(address, token) as ruthan:
        found = ruthan.hand_in(listings)
    assert [(item.id, item.status) for item in found] == [(str(n), "new") for n in range(30)]
