import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.running import worker
from service.running.indexing import index_all
from service.store import Store
from service.store.database.cursors import pack
from service.store.tables.api_tables import Scope

JSON = {"Content-Type": "application/json"}

Key = Callable[..., dict[str, str]]


def test_one_listing_is_handed_in_and_read_back(
    client: TestClient, key: Key, api_store: Store, assessor
) -> None:
    headers = key()
    record = {"id": "x1", "title": "ก", "description": "รักษาเบาหวาน", "price": 590, "เพิ่ม": [1]}
    response = client.post("/v1/listings", json=record, headers=headers)
    assert response.status_code == 202
    number = response.json()["listing_id"]
    assert response.json() == {"id": "x1", "listing_id": number, "status": "new"}
    assert response.headers["location"] == f"/v1/listings/{number}"

    found = client.get(response.headers["location"], headers=headers).json()
    assert (found["id"], found["text"], found["price"], found["extra"]) == (
        "x1", "ก\nรักษาเบาหวาน", "590", {"เพิ่ม": [1]},
    )  # fmt: skip
    assert (found["verdict"], found["assessment"], found["captures"]) == (None, None, [])
    assert found["first_seen"].endswith(("Z", "+00:00"))

    api_store.assessments.record(
        number, assessor.assess(Listing(id="x1", title="ก", description="รักษาเบาหวาน"))
    )
    found = client.get(f"/v1/listings/{number}", headers=headers).json()
    assert found["verdict"] == found["assessment"]["verdict"] == Verdict.PROHIBITED
    claim = found["assessment"]["claims"][0]
    assert found["text"][claim["start"] : claim["end"]] == claim["text"]


def test_the_answer_has_the_id_under_which_a_listing_is_stored(client: TestClient, key: Key) -> None:
    headers = key()
    for given, status in (("a\0b", "new"), ("a\ufffdb", "unchanged"), ("a\ud83db", "unchanged")):
        body = json.dumps({"id": given, "text": "ก"})
        answer = client.post("/v1/listings", content=body, headers=headers | JSON).json()
        assert (answer["id"], answer["status"]) == ("a\ufffdb", status)
        assert (
            client.get(f"/v1/listings/{answer['listing_id']}", headers=headers).json()["id"] == answer["id"]
        )


def test_handing_in_again(client: TestClient, key: Key) -> None:
    headers = key(Scope.INGEST)
    texts = ["ก", "ก", "ข"]
    answers = [
        client.post("/v1/listings", json={"id": "1", "text": t}, headers=headers).json() for t in texts
    ]
    assert [a["status"] for a in answers] == ["new", "unchanged", "changed"]
    assert len({a["listing_id"] for a in answers}) == 1
    other = client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers=key(Scope.INGEST)).json()
    assert other["status"] == "new"  # ids belong to the key that hands them in


def test_a_batch_is_answered_in_order_and_a_fault_stops_all_of_it(client: TestClient, key: Key) -> None:
    headers = key()
    batch = {"listings": [{"id": "2", "text": "ก"}, {"id": "1", "text": "ข"}]}
    answer = client.post("/v1/listings", json=batch, headers=headers)
    assert answer.status_code == 202
    assert [item["id"] for item in answer.json()["listings"]] == ["2", "1"]
    bad = {"listings": [{"id": "3", "text": "ก"}, {"id": "4"}]}
    assert client.post("/v1/listings", json=bad, headers=headers).status_code == 422
    refused: tuple[object, ...] = (False, 1, None, "ก", {})
    for none in refused:
        answer = client.post("/v1/listings", json={"listings": none}, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/listings"), answer.text
    assert len(client.get("/v1/listings", headers=headers).json()["listings"]) == 2


def test_idempotency_key(client: TestClient, key: Key, api_store: Store) -> None:
    headers = key() | {"Idempotency-Key": "one"}
    first = client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers=headers)
    again = client.post("/v1/listings", json={"text": "ก", "id": "1"}, headers=headers)
    assert (first.json(), "idempotency-replayed" in first.headers) == (again.json(), False)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["status"] == "new"
    other = client.post("/v1/listings", json={"id": "2", "text": "ก"}, headers=headers)
    assert other.status_code == 422
    assert "new key" in other.json()["detail"]
    assert api_store.listings.counts() == {None: 1}


def test_pages_and_filters(client: TestClient, key: Key, api_store: Store, assessor: Any) -> None:
    headers = key()
    for i in range(5):
        listing = Listing(id=str(i), description="รักษาเบาหวาน" if i % 2 else "ก")
        number = api_store.deposit(listing, source="crawl").listing_id
        api_store.assessments.record(number, assessor.assess(listing))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/v1/listings", params={"limit": 2, "cursor": cursor}, headers=headers).json()
        seen += [item["id"] for item in page["listings"]]
        cursor = page["next_cursor"]
    assert seen == ["0", "1", "2", "3", "4"]

    def ids(**params: object) -> list[str]:
        page = client.get("/v1/listings", params=params, headers=headers).json()  # type: ignore[arg-type]
        return [item["id"] for item in page["listings"]]

    assert ids(verdict=Verdict.PROHIBITED.value) == ["1", "3"]
    assert ids(verdict=[Verdict.PROHIBITED.value, Verdict.CLEAR.value]) == seen
    assert ids(order="risk", limit=2) == ["3", "1"]
    assert ids(source="elsewhere") == []


def test_search_and_filters(client: TestClient, key: Key, api_store: Store, assessor: Any) -> None:
    headers = key(Scope.READ_ALL)
    texts = {
        "plain": "รักษาเบาหวาน",
        "tricked": "ร.ั.ก.ษ.า เบาหวาน",
        "soap": "สบู่หอม",
        "unread": "รักษาเบาหวาน สบู่",
    }
    for name, description in texts.items():
        listing = Listing(id=name, description=description, seller="ร้านตัวอย่าง", platform=Platform.LINE)
        number = api_store.deposit(listing, source="crawl").listing_id
        if name != "unread":
            api_store.assessments.record(number, assessor.assess(listing))
    index_all(api_store)

    def ids(**params: object) -> list[str]:
        answer = client.get("/v1/listings", params=params, headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["listings"]]

    assert ids(query="รักษาเบาหวาน") == ["plain", "tricked", "unread"]
    assert ids(query='"รักษาเบาหวาน" -สบู่') == ["plain", "tricked"]
    assert ids(query="รักษาเบาหวาน", verdict=Verdict.PROHIBITED.value) == ["plain"]
    assert ids(label=ClaimLabel.DISEASE.value, order="newest") == ["plain"]
    assert ids(licence="no_number", order="risk") == ["plain", "soap", "tricked"]
    assert ids(state="waiting", order="newest") == ["soap", "tricked", "plain"]
    assert ids(state="decided") == []
    assert ids(seller="ร้านตัวอย่าง", platform="line", product_class=ProductClass.COSMETIC.value) == []
    assert ids(since="2020-01-01T00:00:00Z", before="2020-01-02T00:00:00Z") == []
    for text in ('"', "' OR 1", "NEAR(a", "*", "\0", "a\0b", "🙂", "parts:x"):
        ids(query=text, seller=text, source=text)
    pages, cursor = [], ""
    while cursor is not None:
        params: dict[str, str | int] = {"query": "เบาหวาน", "limit": 1, "order": "newest", "cursor": cursor}
        page = client.get("/v1/listings", params=params, headers=headers).json()
        pages += [item["id"] for item in page["listings"]]
        cursor = page["next_cursor"]
    assert pages == ["unread", "tricked", "plain"]
    for params in ({"since": "2020-01-01"}, {"label": "x"}, {"query": "ก" * 201}, {"licence": "x"}):
        assert client.get("/v1/listings", params=params, headers=headers).status_code == 422
    assert client.get("/v1/listings?query=x", headers=key(Scope.INGEST)).status_code == 403


def test_bad_parameters_and_unknown_numbers(client: TestClient, key: Key) -> None:
    headers = key()
    for params in ({"limit": 0}, {"limit": 201}, {"verdict": "evil"}, {"cursor": "x"}, {"order": "x"}):
        response = client.get("/v1/listings", params=params, headers=headers)  # type: ignore[arg-type]
        assert response.status_code == 422, params
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["errors"][0]["pointer"].startswith(f"/query/{next(iter(params))}")
    for number in ("1", "0", "99999999999999999999"):
        response = client.get(f"/v1/listings/{number}", headers=headers)
        assert response.status_code == 404
        assert response.json()["type"] == "urn:ruthan:problem:not-found"


@pytest.mark.parametrize("forged", [(1.0, 10**30), (10**400, 1), (True, 1), (0.5, -1), (0.5, None)])
@pytest.mark.parametrize("order", ["deposited", "risk"])
def test_a_forged_cursor_is_refused(client: TestClient, key: Key, order: str, forged: Any) -> None:
    params = {"cursor": pack(order, *forged), "order": order}
    response = client.get("/v1/listings", params=params, headers=key())
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/query/cursor")


def test_texts_that_are_not_read_must_be_texts_too(client: TestClient, key: Key) -> None:
    for record, field in (
        ({"id": "1", "text": "ก", "title": 5}, "title"),
        ({"id": "1", "text": "ก", "description": []}, "description"),
        ({"id": "1", "title": "ก" * 200_001}, "title"),
    ):
        response = client.post("/v1/listings", json=record, headers=key())
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, f"/{field}")


def test_each_view_of_a_listing_is_an_entry_in_the_audit_trail(
    client: TestClient, key: Key, api_store: Store
) -> None:
    number = api_store.deposit(Listing(id="1", description="ก", seller="ร้านตัวอย่าง")).listing_id
    headers = key(Scope.READ_ALL)
    assert client.get(f"/v1/listings/{number}", headers=headers).status_code == 200
    assert client.get(f"/v1/listings/{number}", headers=headers).status_code == 200  # the same look
    assert client.get("/v1/listings/999", headers=headers).status_code == 404
    views = api_store.audit.newest(10, action="listing.view")
    assert [(entry.actor, entry.subject) for entry in views] == [("key:key 0", f"listing:{number}")]


def test_a_page_that_names_sellers_is_an_entry(client: TestClient, key: Key, api_store: Store) -> None:
    number = api_store.deposit(Listing(id="1", description="ก", seller="ร้านตัวอย่าง")).listing_id
    api_store.deposit(Listing(id="2", description="ข"))
    headers = key(Scope.READ_ALL)
    for _ in range(2):
        assert len(client.get("/v1/listings", headers=headers).json()["listings"]) == 2
    assert client.get("/v1/listings", params={"source": "elsewhere"}, headers=headers).status_code == 200
    (entry,) = api_store.audit.newest(10, action="listing.page")
    assert (entry.actor, entry.detail) == ("key:key 0", {"listings": [number]})


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, True),
        ({"price": 5}, True),
        ({"platform": "facebook"}, False),
        ({"platform": "marketplace"}, True),
    ],
)
def test_what_a_platform_hands_in_is_for_sale_unless_it_is_a_post(
    client: TestClient, key: Key, api_store: Store, fields: dict[str, Any], offered: bool
) -> None:
    record = {"id": "o1", "text": "วันนี้ฝนตก", **fields}
    number = client.post("/v1/listings", json=record, headers=key()).json()["listing_id"]
    row = api_store.listings.get(number)
    assert row is not None
    assert row.shape().is_offer_by_record is offered


def test_what_is_sent_empty_is_cleared(client: TestClient, key: Key) -> None:
    headers, url = key(), "https://shop.example/1"

    def send(**fields: Any) -> dict[str, Any]:
        answer = client.post("/v1/listings", json={"id": "c1", "text": "ก", **fields}, headers=headers)
        found = client.get(f"/v1/listings/{answer.json()['listing_id']}", headers=headers).json()
        return {name: found[name] for name in ("price", "url", "seller", "extra")}

    full = send(price=390, url=url, seller="ก", reach=9, platform="facebook")
    assert send(platform="facebook") == full
    cleared = send(price=None, url="", seller=None, platform="facebook")
    assert cleared == {"price": None, "url": None, "seller": None, "extra": {"reach": 9}}


def test_a_post_with_a_price_is_assessed_again(
    client: TestClient, key: Key, api_store: Store, assessor: Any
) -> None:
    headers, record = key(), {"id": "p1", "text": "ก", "platform": "facebook"}
    client.post("/v1/listings", json=record, headers=headers)
    worker.run(api_store, assessor, once=True)
    assert client.post("/v1/listings", json=record, headers=headers).json()["status"] == "unchanged"
    assert api_store.unassessed(assessor.model_id) == []
    client.post("/v1/listings", json=record | {"price": 390}, headers=headers)
    assert len(api_store.unassessed(assessor.model_id)) == 1
    worker.run(api_store, assessor, once=True)
    assert api_store.unassessed(assessor.model_id) == []


def test_a_compressed_body_is_refused_by_name(client: TestClient, key: Key) -> None:
    body = gzip.compress(b'{"id": "1", "text": "x"}')
    headers = key() | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = client.post("/v1/listings", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:ruthan:problem:bad-media-type")
    assert "/v1/batches" in answer.json()["detail"]
