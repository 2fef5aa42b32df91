"""The path of a platform's engineer, from the first key to the rotated one, with everything real."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from labels.taxonomy import Verdict
from service.answers.listings import Deposited
from service.client import Ruthan, RuthanError
from service.decisions.notice import NoticeKind
from service.store import open_store
from tests.helpers.stored import record_review

TINY_BUNDLE = Path(__file__).parents[2] / "data" / "tiny_bundle"
"""Reads hundreds of listings at once; the shipped bundle checks the draft and assesses in the second test."""
LISTINGS = [
    {"id": f"sku-{n}", "title": f"แคปซูลตัวอย่าง รุ่น {n}", "description": "กล่องละ 390 บาท", "price": 390}
    for n in range(300)
]
DRAFT = {
    "id": "draft",
    "title": "ผลิตภัณฑ์เสริมอาหาร แคปซูลตัวอย่าง",
    "description": "รักษาเบาหวานให้หายขาด กล่องละ 390 บาท",
}
PATIENCE = 120.0
"""Seconds: a machine may have more to do than this test."""
TAKEN_DOWN = [f"sku-{n}" for n in range(0, 240, 10)]
REINSTATED = TAKEN_DOWN[:6]


def decide(database: str, external_ids: list[str], decision: Verdict) -> None:
    """A reviewer's decisions, in this order."""
    with open_store(database) as store:
        reviewer = store.users.find("nok") or store.users.create("nok", "a long password", "นก ผู้ตรวจ")
        rows = {row.external_id: row for row in store.listings.page(limit=500).rows}
        for name in external_ids:
            number = rows[name].assessment_id
            assert number is not None
            record_review(store, number, reviewer.id, decision.value)


def hand_in(ruthan: Ruthan, network: Any) -> list[Deposited]:
    """Submit all listings over a network that loses every second response: each is stored once."""
    handed_in = ruthan.hand_in(LISTINGS)
    assert [item.id for item in handed_in] == [listing["id"] for listing in LISTINGS]
    assert {item.status for item in handed_in} == {"new"}, "a repeated attempt got the answer of the first"
    assert len({item.listing_id for item in handed_in}) == len(LISTINGS)
    assert (network.asked, network.lost, network.replayed) == (6, 3, 3)
    return handed_in


@pytest.mark.slow(15)
def test_from_the_first_key_to_the_rotated_one(
    operator: Any, bad_network: Any, receiver: Any, wait_until: Any
) -> None:
    scopes = [word for scope in ("classify", "ingest", "read") for word in ("--scope", scope)]
    token = operator.run("api-key", "create", "shop", *scopes)
    server = operator.serve("--no-worker", RUTHAN_MODEL_BUNDLE=str(TINY_BUNDLE))
    operator.start("worker", RUTHAN_MODEL_BUNDLE=str(TINY_BUNDLE))
    wait_until(lambda: httpx.get(f"{server}/readyz", timeout=PATIENCE).status_code == 200)

    def call(method: str, path: str, key: str = token, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.request(method, server + path, headers=headers, timeout=PATIENCE, **more)

    made = call("POST", "/v1/webhooks", json={"url": receiver.url})
    assert made.status_code == 201, made.text
    receiver.secret = made.json()["secret"]

    with (
        bad_network(server, b"POST /v1/listings ") as network,
        Ruthan(network.url, token, sleep=lambda _: None) as ruthan,
    ):
        handed_in = hand_in(ruthan, network)
    with open_store(operator.database) as store:
        assert sum(store.listings.counts().values()) == len(LISTINGS)
        wait_until(lambda: None not in store.listings.counts())
        assert {row.version for row in store.listings.page(limit=500).rows} == {1}
    assert call("GET", f"/v1/listings/{handed_in[0].listing_id}").json()["assessment"] is not None

    decide(operator.database, TAKEN_DOWN, Verdict.PROHIBITED)
    decide(operator.database, REINSTATED, Verdict.CLEAR)
    expected = [(name, NoticeKind.TAKEDOWN) for name in TAKEN_DOWN]
    expected += [(name, NoticeKind.REINSTATED) for name in REINSTATED]
    wait_until(
        lambda: receiver.taken and receiver.taken[-1].external_id == REINSTATED[-1] and _last(receiver)
    )
    first_arrivals = list({notice.id: notice for notice in receiver.taken}.values())
    assert [(notice.external_id, notice.kind) for notice in first_arrivals] == expected
    assert len(receiver.taken) > len(first_arrivals), "some came twice, for their first answer was lost"
    assert receiver.refused == []

    new = operator.run("api-key", "rotate", "shop", "--grace", "24h")
    for key in (token, new):
        with Ruthan(server, key) as ruthan:
            feed = list(ruthan.takedowns(page=7))
            assert [(notice.external_id, notice.kind) for notice in feed] == expected
            assert feed == first_arrivals, "the feed and the webhook tell the same"
            assert list(ruthan.takedowns(after=feed[-1].cursor)) == []
    operator.run("api-key", "revoke", "shop", "--replaced")
    with Ruthan(server, token) as ruthan, pytest.raises(RuthanError) as caught:
        ruthan.classify([DRAFT])
    assert caught.value.problem["type"] == "urn:ruthan:problem:bad-key"
    with Ruthan(server, new) as ruthan:
        assert {item.status for item in ruthan.hand_in(LISTINGS[:3])} == {"unchanged"}
    assert call("GET", "/v1/webhooks", new).json()["webhooks"][0]["state"] == "active"


def _last(receiver: Any) -> bool:
    """Whether the newest delivery is the last one of all, a reinstatement."""
    return bool(receiver.taken[-1].kind is NoticeKind.REINSTATED)


@pytest.mark.slow
def test_the_shipped_model_checks_a_draft_and_assesses_what_is_handed_in(
    operator: Any, wait_until: Any
) -> None:
    token = operator.run(
        "api-key", "create", "shop", "--scope", "classify", "--scope", "ingest", "--scope", "read"
    )
    server = operator.serve()
    wait_until(lambda: httpx.get(f"{server}/readyz", timeout=PATIENCE).status_code == 200)
    headers = {"X-API-Key": token}
    answer = httpx.post(f"{server}/v1/check", json={"listings": [DRAFT]}, headers=headers, timeout=PATIENCE)
    (check,) = answer.json()["checks"]
    assert not check["publishable"]
    assert [advice["text"] for advice in check["advice"]]
    with Ruthan(server, token) as ruthan:
        assert ruthan.classify([DRAFT])[0].verdict is Verdict.PROHIBITED
        (handed_in,) = ruthan.hand_in([DRAFT])

    def read() -> Any:
        path = f"/v1/listings/{handed_in.listing_id}"
        return httpx.get(server + path, headers=headers, timeout=PATIENCE).json()

    wait_until(lambda: read()["assessment"])
    found = read()
    assert found["verdict"] == Verdict.PROHIBITED.value
    claim = found["assessment"]["claims"][0]
    assert found["text"][claim["start"] : claim["end"]] == claim["text"]
