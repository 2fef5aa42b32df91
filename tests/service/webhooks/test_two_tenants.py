"""Two tenants, from keys to appeals, look for traces of each other at every step."""

import threading
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from labels.taxonomy import Verdict
from service.client import Ruthan, RuthanError, verify_event
from service.running import worker
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import EventType, Scope
from service.webhooks.courier import Courier
from tests.helpers.stored import record_review

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
ALL: Any = [kind.value for kind in EventType if kind is not EventType.TEST]
SCOPES = [Scope.CLASSIFY, Scope.INGEST, Scope.READ, Scope.KEYS]
LISTS = {
    "/v1/listings": "listings",
    "/v1/takedowns": "notices",
    "/v1/appeals": "appeals",
    "/v1/webhooks": "webhooks",
    "/v1/keys": "keys",
    "/v1/batches": "batches",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.changed({"webhook.allow_loopback": True})


@dataclass
class Tenant:
    """A platform with everything that the API has returned to it."""

    mark: str
    url: str
    token: str
    client: Ruthan
    hook: int
    secret: str
    listing: int
    batch: str
    key: int
    appeal: int = 0

    def paths(self) -> list[str]:
        """Return the paths of its resources."""
        found = [
            f"/v1/listings/{self.listing}",
            f"/v1/webhooks/{self.hook}/deliveries",
            f"/v1/batches/{self.batch}",
        ]
        return found + ([f"/v1/appeals/{self.appeal}"] if self.appeal else [])

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, headers={"X-API-Key": self.token})


def join(url: str, store: Store, mark: str, hook_url: str) -> Tenant:
    """Set up a tenant, from its key to its submissions; both tenants give their listings the same id."""
    token = store.api_keys.create(mark, SCOPES).token
    client = Ruthan(url, token)
    hook = client.create_webhook(f"{hook_url}&to={mark}", ALL)
    (kept,) = client.hand_in([{"id": "sku-1", "title": f"แคปซูล {mark}", "description": "รักษาเบาหวาน"}])
    assert kept.status == "new"
    batch = client.submit_batch([{"id": mark, "text": mark}])
    reader = client.create_key("reader", ["read"])
    return Tenant(
        mark, url, token, client, hook.webhook_id, hook.secret, kept.listing_id, batch.id, reader.key_id
    )


def look(tenant: Tenant, other: Tenant, counts: dict[str, int]) -> None:
    """Search everything that the tenant may read for traces of the other."""
    for path, name in LISTS.items():
        answer = tenant.get(path)
        assert other.mark not in answer.text, path
        assert len(answer.json()[name]) == counts.get(name, 0), (path, answer.text)
    for path in tenant.paths():
        answer = tenant.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert other.mark not in answer.text, path
    for path in other.paths():
        assert tenant.get(path).status_code == 404, path
    foreign = [
        lambda: tenant.client.file_appeal(other.listing, "ขออุทธรณ์"),
        lambda: tenant.client.test_webhook(other.hook),
        lambda: tenant.client.retry_webhook(other.hook),
        lambda: tenant.client.remove_webhook(other.hook),
        lambda: tenant.client.delete_batch(other.batch),
        lambda: tenant.client.rotate_key(other.key),
        lambda: tenant.client.revoke_key(other.key),
    ]
    for ask in foreign:
        with pytest.raises(RuthanError) as caught:
            ask()
        assert caught.value.status == 404


@pytest.mark.attack
def test_two_tenants_go_their_whole_path_and_never_meet(
    served: tuple[str, Store], settings: Settings, assessor: Any, endpoint: Any
) -> None:
    url, store = served
    ours, theirs = (join(url, store, mark, endpoint.url) for mark in ("ourmark", "theirmark"))
    counts = {"listings": 1, "webhooks": 1, "keys": 2, "batches": 1}

    def both_look() -> None:
        look(ours, theirs, counts)
        look(theirs, ours, counts)

    def deliver() -> None:
        Courier(store, settings).run(threading.Event(), once=True)

    def decide(name: str, tenant: Tenant, decision: str) -> None:
        reviewer = store.users.find(name) or store.users.create(name, "a long password")
        assessment = store.listing(tenant.listing).assessment_id  # type: ignore[union-attr]
        confirmed = (0,) if decision == PROHIBITED else ()
        record_review(store, assessment, reviewer.id, decision, confirmed=confirmed)  # type: ignore[arg-type]

    both_look()
    worker.run(store, assessor, once=True)
    for tenant in (ours, theirs):
        decide("nok", tenant, PROHIBITED)
    deliver()
    counts["notices"] = 1
    both_look()
    store.users.create("lek", "a long password")
    for tenant, decision in ((ours, CLEAR), (theirs, PROHIBITED)):
        tenant.appeal = tenant.client.file_appeal(tenant.listing, f"อุทธรณ์ของ {tenant.mark}").appeal_id
        decide("lek", tenant, decision)
    deliver()
    counts |= {"notices": 2, "appeals": 1}
    both_look()
    for tenant, other, outcome in ((ours, theirs, "reversed"), (theirs, ours, "upheld")):
        assert tenant.client.appeal(tenant.appeal).outcome == outcome
        mine = [item for item in endpoint.received if item.path.endswith(f"&to={tenant.mark}")]
        assert other.mark.encode() not in b"".join(item.body for item in mine)
        events = [verify_event(item.headers, item.body, tenant.secret) for item in mine]
        last = "notice.reinstated" if outcome == "reversed" else "notice.takedown"
        assert [event.type for event in events] == [
            "notice.takedown",
            "assessment.ready",
            last,
            "appeal.answered",
        ]
        assert events[-1].data.appeal_id == tenant.appeal  # type: ignore[union-attr]
        log = tenant.client.webhook_deliveries(tenant.hook)
        assert len(log.deliveries) == len(events)
        assert {one.event_id for one in log.deliveries} == {item.headers["webhook-id"] for item in mine}
        tenant.client.close()
