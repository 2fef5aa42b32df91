from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.application import create_app
from service.settings import Settings
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]


def test_from_elsewhere_an_admins_key_is_needed(client: TestClient, key: Key) -> None:
    assert client.get("/metrics").status_code == 401
    refused = client.get("/metrics", headers=key(Scope.READ))
    assert (refused.status_code, "admin" in refused.json()["detail"]) == (403, True)
    assert client.get("/metrics", headers=key(Scope.ADMIN)).status_code == 200


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 401)])
def test_this_machine_reads_them_without(settings: Settings, assessor: Any, host: str, status: int) -> None:
    with TestClient(create_app(settings, assessor), client=(host, 5000)) as client:
        assert client.get("/metrics").status_code == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_is_not_this_machine(settings: Settings, assessor: Any, header: str) -> None:
    with TestClient(create_app(settings, assessor), client=("127.0.0.1", 5000)) as client:
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401


def test_they_can_be_opened(settings: Settings, assessor: Any) -> None:
    opened = settings.changed({"server.metrics": "open"})
    with TestClient(create_app(opened, assessor)) as client:
        response = client.get("/metrics")
        assert response.headers["content-type"].startswith("text/plain")
        assert "ruthan_classify_waiting 0.0" in response.text


def test_they_count_what_the_api_did_and_no_path_makes_a_label(client: TestClient, key: Key) -> None:
    headers = key()
    body = {"listings": [{"id": "1", "text": "รักษาเบาหวาน"}, {"id": "2", "text": "ก"}]}
    assert client.post("/v1/classify", json=body, headers=headers).status_code == 200
    for number in range(20):
        client.get(f"/nothing/{number}")
        client.get(f"/v1/listings/{number}", headers=headers)
        client.request(f"BREW{number}", "/healthz")
    text = client.get("/metrics", headers=headers).text
    assert 'ruthan_requests_total{method="POST",route="/v1/classify",status="200"} 1.0' in text
    assert 'ruthan_requests_total{method="GET",route="unmatched",status="404"} 20.0' in text
    assert 'route="/v1/listings/{listing_id}",status="404"} 20.0' in text
    assert 'ruthan_requests_total{method="other",route="/healthz",status="405"} 20.0' in text
    assert 'ruthan_classified_total{verdict="prohibited"} 1.0' in text
    assert "ruthan_classify_listings_count 1.0" in text
    assert "/nothing/" not in text
    assert "BREW" not in text
