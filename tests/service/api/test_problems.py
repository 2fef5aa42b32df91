import json
import logging
import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.schema import Assessment, Listing
from service.application import create_app
from service.batches.problems import MAX_RECORD_BYTES
from service.settings import Settings
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]


def test_an_unknown_path_under_v1_is_a_problem_document(client: TestClient) -> None:
    response = client.get("/v1/nothing")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert client.put("/v1/classify").status_code == 405


def test_a_locked_database(settings: Settings, assessor: Any, tmp_path: Path) -> None:
    with TestClient(create_app(settings.changed({"database.busy_timeout_seconds": 0.1}), assessor)) as client:
        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        other = sqlite3.connect(tmp_path / "ruthan.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        response = client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers={"X-API-Key": token})
        other.close()
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        assert "nothing was changed" in response.json()["detail"]
        assert str(tmp_path) not in response.text


class Broken:
    model_id = "broken"

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        raise RuntimeError(listings[0].text)


def test_a_fault_of_ours_gives_nothing_away(settings: Settings) -> None:
    with TestClient(create_app(settings, Broken()), raise_server_exceptions=False) as client:
        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        body = {"listings": [{"id": "1", "text": "secret words"}]}
        response = client.post("/v1/classify", json=body, headers={"X-API-Key": token})
        assert response.status_code == 500
        assert response.json()["type"] == "urn:ruthan:problem:internal"
        assert "secret words" not in response.text


def test_no_listing_text_in_the_log(client: TestClient, key: Key, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    headers = key()
    for record in ({"id": "1", "text": "คำลับเฉพาะ"}, {"id": None, "text": "คำลับเฉพาะ"}):
        client.post("/v1/listings", json=record, headers=headers)
        client.post("/v1/classify", json={"listings": [record]}, headers=headers)
    own = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore", "sqlalchemy"))]
    assert not [record for record in own if "คำลับเฉพาะ" in record.getMessage()]


def test_the_openapi_document_describes_every_route(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert {
        "/v1/classify",
        "/v1/listings",
        "/v1/listings/{listing_id}",
        "/healthz",
        "/readyz",
        "/metrics",
    } <= set(document["paths"])
    docs = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    for path in document["paths"]:
        if path.startswith(("/v1", "/healthz", "/readyz", "/metrics")):
            assert path in docs


def test_a_wrong_method_learns_every_right_one(client: TestClient, key: Key) -> None:
    for method, path, allow in (
        ("PUT", "/v1/listings", "GET, HEAD, POST"),
        ("GET", "/v1/classify", "POST"),
        ("PATCH", "/v1/webhooks", "GET, HEAD, POST"),
        ("GET", "/v1/webhooks/1", "DELETE, PATCH"),
    ):
        response = client.request(method, path, headers=key())
        assert (response.status_code, response.headers["allow"]) == (405, allow)
        assert response.json()["type"] == "urn:ruthan:problem:bad-method"
    assert client.put("/login").headers["allow"]


def test_a_body_that_is_not_called_json_is_refused(client: TestClient, key: Key) -> None:
    body = b'{"listings": [{"id": "1", "text": "x"}]}'
    for media_type, status in (
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("Application/JSON; charset=utf-8", 200),
        (None, 200),
    ):
        headers = key() | ({"Content-Type": media_type} if media_type else {})
        response = client.post("/v1/classify", content=body, headers=headers)
        assert response.status_code == status, media_type
        if status == 415:
            assert "Content-Type: application/json" in response.json()["detail"]


def test_what_json_cannot_give_back_is_refused(client: TestClient, key: Key) -> None:
    headers = key() | {"Content-Type": "application/json"}
    deep = b'{"id": "1", "text": "x", "deep": ' + b"[" * 300 + b"]" * 300 + b"}"
    response = client.post("/v1/listings", content=deep, headers=headers)
    assert (response.status_code, "too deeply" in response.json()["detail"]) == (400, True), response.text
    wide = b"1" + b"0" * 400
    for field, value in (
        ("price", b"1e999"),
        ("reach", b"9" * 309),
        ("reach", b"-1"),
        ("deep", b"[[" + wide + b"]]"),
    ):
        large = b'{"id": "1", "text": "x", "' + field.encode() + b'": ' + value + b"}"
        response = client.post("/v1/listings", content=large, headers=headers)
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    held = b'{"id": "1", "text": "x", "deep": ' + b"[" * 60 + b"]" * 60 + b', "wide": 1' + b"0" * 300 + b"}"
    number = client.post("/v1/listings", content=held, headers=headers).json()["listing_id"]
    assert client.get(f"/v1/listings/{number}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/v1/listings", "/openapi.json", "/login", "/console/static/console.css"]
)
def test_head_is_answered_wherever_get_is(client: TestClient, key: Key, path: str) -> None:
    full, head = client.get(path, headers=key()), client.head(path, headers=key())
    assert (head.status_code, head.content) == (full.status_code, b"") == (200, b"")
    assert head.headers["content-type"] == full.headers["content-type"]
    assert head.headers["content-length"] == full.headers["content-length"] != "0"
    assert "x-request-id" in head.headers


def test_a_head_is_counted_under_its_route(client: TestClient, key: Key) -> None:
    client.head("/v1/listings", headers=key())
    metrics = client.get("/metrics", headers=key()).text
    assert 'method="HEAD"' in metrics
    (line,) = [line for line in metrics.splitlines() if 'method="HEAD"' in line and "_total" in line]
    assert 'route="/v1/listings"' in line


def test_a_post_route_has_no_head(client: TestClient, key: Key) -> None:
    refused = client.request("PUT", "/v1/listings", headers=key())
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")
    assert client.head("/v1/classify", headers=key()).status_code == 405


@pytest.mark.parametrize("path", ["/v1/listings/", "/queue/", "/login/", "/v1/taxonomy/", "/console/static/"])
def test_no_address_leads_to_the_host_that_the_request_names(client: TestClient, key: Key, path: str) -> None:
    answer = client.get(path, headers=key() | {"Host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_unknown_parameters_are_refused_by_name(client: TestClient, key: Key) -> None:
    headers = key()
    for method, path in (
        ("GET", "/v1/listings?verdicts=clear&limit=5"),
        ("GET", "/v1/taxonomy?x/y=1"),
        ("GET", "/v1/batches?verdicts=1"),
        ("POST", "/v1/batches?ingets=true"),
        ("POST", "/v1/classify?verdicts=1"),
        ("GET", "/v1/takedowns?verdicts=1"),
        ("GET", "/healthz?verdicts=1"),
        ("GET", "/readyz?verdicts=1"),
        ("GET", "/metrics?verdicts=1"),
    ):
        refused = client.request(method, path, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:ruthan:problem:bad-query"), path
        (fault,) = refused.json()["errors"]
        assert fault["pointer"] in ("/query/verdicts", "/query/x~1y", "/query/ingets")
        assert "ไม่รู้จักพารามิเตอร์" in refused.json()["detail_th"]
    assert "use cursor, limit" in client.get("/v1/batches?x=1", headers=headers).json()["detail"]


@pytest.mark.parametrize(
    ("query", "pointer", "named"),
    [
        ("licence=x", "/query/licence", ("'revoked'", "'no_number'")),
        ("verdict=x", "/query/verdict", ("'clear'",)),
        ("verdict=x&verdict=y&verdict=clear", "/query/verdict", ("'clear'",)),
        ("limit=0", "/query/limit", ("1",)),
    ],
)
def test_each_refused_parameter_is_told_once(
    client: TestClient, key: Key, query: str, pointer: str, named: tuple[str, ...]
) -> None:
    problem = client.get(f"/v1/listings?{query}", headers=key()).json()
    (fault,) = problem["errors"]
    assert fault["pointer"] == pointer
    assert problem["detail"] == f"{pointer}: {fault['detail']}"
    for words in (fault["detail"], problem["detail_th"]):
        assert [words.count(each) for each in named] == [1] * len(named), words
    assert problem["detail_th"].count(pointer.rpartition("/")[2]) == 1
    assert "str-enum" not in problem["detail_th"]


def test_two_refused_parameters_are_two_faults(client: TestClient, key: Key) -> None:
    problem = client.get("/v1/listings?verdict=x&limit=0", headers=key()).json()
    assert {fault["pointer"] for fault in problem["errors"]} == {"/query/verdict", "/query/limit"}
    path = client.get("/v1/listings/x", headers=key()).json()
    assert [fault["pointer"] for fault in path["errors"]] == ["/path/listing_id"]


def test_the_choices_of_a_parameter_are_joined_in_thai(client: TestClient, key: Key) -> None:
    problem = client.get("/v1/listings?order=x", headers=key()).json()
    assert " or 'reach'" in problem["detail"]
    assert problem["detail_th"].endswith(" หรือ 'reach'")


@pytest.mark.parametrize("name", ["query", "path", "header"])
def test_a_field_named_like_a_part_of_a_request_is_named_in_thai(
    client: TestClient, key: Key, name: str
) -> None:
    body = {"reason": "x", name: 1}
    problem = client.post("/v1/listings/1/appeals", json=body, headers=key()).json()
    assert problem["errors"][0]["pointer"] == f"/{name}"
    assert problem["detail_th"] == f"ไม่รู้จักช่อง {name}"


def test_a_pointer_leads_to_the_fault_or_to_the_whole(client: TestClient, key: Key) -> None:
    for body, pointer in (
        ({"listings": [5]}, "/listings/0"),
        ({"listings": [{"id": "1", "text": "x", "a/b~c": 10**400}]}, "/listings/0/a~1b~0c"),
        ([], ""),
    ):
        path = "/v1/listings"
        answer = client.post(path, json=body, headers=key())
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


REASON = {"reason": "ไม่ใช่ยา"}
ONE_WEBHOOK = "/v1/webhooks/1"


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("/v1/listings/1/appeals", [], [""]),
        ("/v1/listings/1/appeals", {}, ["/reason"]),
        (
            "/v1/listings/1/appeals",
            {"reason": "", "x/y": 1, "appellant": "x"},
            ["/reason", "/appellant", "/x~1y"],
        ),
        ("/v1/listings/1/appeals", REASON | {"evidence": "ก" * 20_001}, ["/evidence"]),
        ("/v1/listings/1/appeals", REASON | {"a\ud800": 1}, [""]),
        ("/v1/keys", [], [""]),
        ("/v1/keys", {"name": 7, "a~b": 1}, ["/name", "/scopes", "/a~0b"]),
        ("/v1/keys", {"name": "x", "scopes": ["read", 7]}, ["/scopes/1"]),
        ("/v1/keys", {"name": "x", "scopes": "read"}, ["/scopes"]),
        ("/v1/keys", {"name": "x", "scopes": ["read"], "expires_at": "tomorrow"}, ["/expires_at"]),
        ("/v1/keys", {"name": "ก", "scopes": ["read"]}, ["/name"]),
        ("/v1/keys", {"name": "x", "scopes": ["all"]}, ["/scopes"]),
        ("/v1/complaints", [], [""]),
        ("/v1/webhooks", [], [""]),
        ("/v1/webhooks", {}, ["/url"]),
        ("/v1/webhooks", {"url": "https://shop.example/", "events": []}, ["/events"]),
        (ONE_WEBHOOK, [], [""]),
        (ONE_WEBHOOK, {}, ["/events"]),
        (ONE_WEBHOOK, {"events": ["notice.takedown"], "x/y\ud800": 1}, ["/x~1y\ufffd"]),
    ],
)
def test_every_refused_body_has_pointers_and_words_for_its_sender(
    client: TestClient, key: Key, path: str, body: Any, pointers: list[str]
) -> None:
    method = "PATCH" if path == ONE_WEBHOOK else "POST"
    headers = key(Scope.ADMIN) | {"Content-Type": "application/json"}
    answer = client.request(method, path, content=json.dumps(body), headers=headers)
    problem = answer.json()
    assert (answer.status_code, [fault["pointer"] for fault in problem["errors"]]) == (422, pointers)
    for words in (problem["detail"], *(fault["detail"] for fault in problem["errors"])):
        assert not re.search("_Wanted|Input should|Extra inputs|Field required|Value error", words)
    assert re.search("[ก-๙]", problem["detail_th"])


def test_a_record_has_the_bounds_of_a_line_of_a_batch(client: TestClient, key: Key) -> None:
    body = {"listings": [{"id": "1", "text": "x", "aside": "ก" * (MAX_RECORD_BYTES // 3)}]}
    for path in ("/v1/listings", "/v1/classify"):
        answer = client.post(path, json=body, headers=key())
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/listings/0")
        assert f"at most {MAX_RECORD_BYTES:,}" in answer.json()["detail"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_from_other_encodings(client: TestClient, key: Key, encoding: str) -> None:
    body = '{"listings": [{"id": "1", "text": "x"}]}'.encode(encoding)
    headers = key() | {"Content-Type": "application/json"}
    answer = client.post("/v1/classify", content=body, headers=headers)
    assert answer.status_code == 400
    assert "UTF-16" in answer.json()["detail"]
