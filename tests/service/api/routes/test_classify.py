import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from labels.schema import Assessment, Listing
from labels.taxonomy import Verdict
from service.application import create_app
from service.settings import Settings
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]


def test_assessments_in_input_order_with_offsets(client: TestClient, key: Key) -> None:
    listings = [
        {"id": "b", "title": "น้ำผลไม้", "description": "รักษาเบาหวาน ได้"},
        {"id": "a", "text": "รักษาเบาหวาน"},
        {"id": "c", "title": None, "description": None, "ร้าน": "อื่น"},
        {"id": 7, "text": None},
    ]
    response = client.post("/v1/classify", json={"listings": listings}, headers=key(Scope.CLASSIFY))
    assert response.status_code == 200
    found = response.json()["assessments"]
    assert [item["id"] for item in found] == ["b", "a", "c", "7"]
    keys = "id verdict risk product_class offer claims licences contacts findings model"
    assert set(found[0]) >= set(keys.split())
    text = "น้ำผลไม้\nรักษาเบาหวาน ได้"
    claim = found[0]["claims"][0]
    assert set(claim) == {"start", "end", "label", "probability", "text", "law"}
    assert text[claim["start"] : claim["end"]] == claim["text"]
    assert found[0]["verdict"] == Verdict.PROHIBITED
    assert found[2]["verdict"] == Verdict.CLEAR


def test_nothing_is_kept(client: TestClient, key: Key) -> None:
    headers = key()
    client.post("/v1/classify", json={"listings": [{"id": "1", "text": "ก"}]}, headers=headers)
    assert client.get("/v1/listings", headers=headers).json() == {"listings": [], "next_cursor": None}


def test_one_hundred_yes_one_hundred_and_one_no(client: TestClient, key: Key) -> None:
    headers = key()
    listings = [{"id": str(i), "text": "ก"} for i in range(101)]
    assert client.post("/v1/classify", json={"listings": listings[:100]}, headers=headers).status_code == 200
    response = client.post("/v1/classify", json={"listings": listings}, headers=headers)
    assert response.status_code == 413
    assert "at most 100" in response.json()["detail"]


def test_text_of_the_longest_length_yes_one_more_no(client: TestClient, key: Key) -> None:
    headers = key()
    for length, status in ((200_000, 200), (200_001, 422)):
        body = {"listings": [{"id": "1", "text": "ก" * length}]}
        response = client.post("/v1/classify", json=body, headers=headers)
        assert response.status_code == status
    assert "at most 200,000" in response.json()["detail"]
    assert response.json()["errors"][0]["pointer"] == "/listings/0/text"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "empty"),
        (b"\xa1\xb2", 400, "not valid UTF-8 at byte 0"),
        (
            b'{"listings": [{"id": "1", "text": "' + "ยา".encode("tis-620") + b'"}]}',
            400,
            "at byte 35",
        ),
        (b'{"listings": [', 400, "not JSON"),
        (b'{"listings": [{"id": "1", "text": NaN}]}', 400, "NaN"),
        (b"[" * 100_000, 400, ""),
        (b"1" * 5000, 400, ""),
        (b"[]", 422, '"listings"'),
        (b"null", 422, '"listings"'),
        (b'{"listings": {}}', 422, '"listings"'),
        (b'{"listings": []}', 422, "empty"),
        (b'{"listings": [null]}', 422, "must be an object"),
        (b'{"listings": [{"text": "x"}]}', 422, 'no "id"'),
        (b'{"listings": [{"id": true, "text": "x"}]}', 422, '"id" must be'),
        (b'{"listings": [{"id": "1"}]}', 422, "no text"),
        (b'{"listings": [{"id": "1", "text": 5}]}', 422, "in quotes"),
    ],
)
def test_bad_bodies_say_what_to_do(client: TestClient, key: Key, body: bytes, status: int, says: str) -> None:
    response = client.post("/v1/classify", content=body, headers=key())
    problem = response.json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert says in problem["detail"]
    assert problem["status"] == status
    assert problem["type"].startswith("urn:ruthan:problem:")
    assert problem["title"].isascii()
    assert not problem["title_th"].isascii()


def test_every_faulty_listing_is_named(client: TestClient, key: Key) -> None:
    listings = [{"id": "1", "text": "ก"}, {"id": "2"}, {"id": "", "text": "ก"}]
    problem = client.post("/v1/classify", json={"listings": listings}, headers=key()).json()
    assert [fault["pointer"] for fault in problem["errors"]] == ["/listings/1/text", "/listings/2/id"]


def test_half_an_emoji_does_not_stop_the_rest(client: TestClient, key: Key, assessor: Any) -> None:
    body = b'{"listings": [{"id": "1", "text": "\\ud83d"}, {"id": "2", "text": "\xe0\xb8\x81"}]}'
    assert client.post("/v1/classify", content=body, headers=key()).status_code == 200
    assert assessor.read == ["1", "2"]


def test_a_byte_order_mark_is_accepted(client: TestClient, key: Key) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"listings": [{"id": "1", "text": "x"}]}).encode()
    assert client.post("/v1/classify", content=body, headers=key()).status_code == 200


def test_a_large_body_is_refused_whatever_its_header_says(settings: Settings, assessor: Any) -> None:
    small = settings.changed({"max.body_bytes": 2000})
    with TestClient(create_app(small, assessor)) as client:
        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        headers = {"X-API-Key": token}
        body = json.dumps({"listings": [{"id": "1", "text": "x" * 3000}]}).encode()
        pieces = (body[i : i + 500] for i in range(0, len(body), 500))
        for content in (body, pieces):
            response = client.post("/v1/classify", content=content, headers=headers)
            assert response.status_code == 413
            assert "2,000 bytes" in response.json()["detail"]


def test_a_body_of_fifteen_megabytes_is_within_the_limit(client: TestClient, key: Key) -> None:
    listings = [{"id": str(i), "text": "ก" * 25_000} for i in range(100)]
    body = json.dumps({"listings": listings}).encode()  # escaped: six bytes a letter
    assert 15_000_000 < len(body) < 16 * 2**20
    assert client.post("/v1/classify", content=body, headers=key()).status_code == 200


class Held:
    """An assessor that answers on command."""

    def __init__(self, assessor: Any) -> None:
        self.model_id = "held"
        self.entered = threading.Semaphore(0)
        self.go = threading.Event()
        self._assessor = assessor

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        self.entered.release()
        assert self.go.wait(20)
        found: list[Assessment] = self._assessor.classify(listings)
        return found


def asking(client: TestClient) -> tuple[Callable[[], Response], list[int]]:
    """What sends a request for one listing, and the statuses of the answers so far."""
    token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
    statuses: list[int] = []

    def ask() -> Response:
        body = {"listings": [{"id": "1", "text": "x"}]}
        answer = client.post("/v1/classify", json=body, headers={"X-API-Key": token})
        statuses.append(answer.status_code)
        return answer

    return ask, statuses


@pytest.mark.parametrize("bound", [{"max.waiting_requests": 2}, {"max.waiting_listings": 2}])
def test_a_busy_model_blocks_nobody_else_and_its_queue_is_bounded(
    settings: Settings, assessor: Any, bound: dict[str, int]
) -> None:
    held = Held(assessor)
    with TestClient(create_app(settings.changed(bound | {"model.lanes": 1}), held)) as client:
        ask, statuses = asking(client)
        pool = client.app.state.holder.pool  # type: ignore[attr-defined]
        threads = [threading.Thread(target=ask) for _ in range(2)]
        threads[0].start()
        assert held.entered.acquire(timeout=10)
        threads[1].start()
        while pool.held != (2, 2):
            threading.Event().wait(0.01)
        assert client.get("/healthz").status_code == 200
        refused = ask()
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:ruthan:problem:too-busy"
        assert int(refused.headers["retry-after"]) >= 1
        assert statuses == [503]
        held.go.set()
        for thread in threads:
            thread.join(20)
        assert statuses == [503, 200, 200]


def test_who_waits_too_long_is_told_so_and_leaves_the_queue(settings: Settings, assessor: Any) -> None:
    held = Held(assessor)
    hasty = settings.changed({"server.answer_seconds": 0.3, "model.lanes": 1})
    with TestClient(create_app(hasty, held)) as client:
        ask, statuses = asking(client)
        pool = client.app.state.holder.pool  # type: ignore[attr-defined]
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert statuses == [503, 503]
        held.go.set()
        deadline = time.monotonic() + 20
        while pool.held != (0, 0):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        late = ask()
        assert late.status_code == 200
        assert len(assessor.read) == 2, "who left before its turn was not read"


def test_once_told_to_stop_nothing_new_is_begun(client: TestClient, key: Key) -> None:
    headers = key()
    assert client.get("/readyz").status_code == 200
    client.app.state.draining.set()  # type: ignore[attr-defined]
    body = {"listings": [{"id": "1", "text": "x"}]}
    for method, path in (("GET", "/readyz"), ("POST", "/v1/classify"), ("POST", "/v1/listings")):
        refused = client.request(method, path, json=body if method == "POST" else None, headers=headers)
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:ruthan:problem:shutting-down"
        assert refused.headers["connection"] == "close"
        assert int(refused.headers["retry-after"]) >= 1
    assert client.get("/healthz").status_code == 200


def test_a_listing_that_cannot_be_read_in_time_is_refused_with_the_bound(
    client: TestClient, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = client.app.state.holder.pool  # type: ignore[attr-defined]
    monkeypatch.setattr(pool, "reads_within", lambda seconds: 10_000 if seconds == 60 else None)
    body = {"listings": [{"id": "1", "text": "ก" * 10_000}, {"id": "2", "text": "ก" * 10_001}]}
    for path in ("/v1/classify", "/v1/check"):
        answer = client.post(path, json=body, headers=key())
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (413, "/listings/1")
        assert "at most 10,000 are read within 60 s" in answer.json()["detail"]
        assert "10,000 อักขระ" in answer.json()["detail_th"]
    body["listings"].pop()
    assert client.post("/v1/classify", json=body, headers=key()).status_code == 200
