"""SIGTERM under load: accepted requests are answered, later ones are refused, and nothing breaks."""

import signal
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest

from inference.model.bundle_store import default_bundle
from service.store import Store

pytestmark = [pytest.mark.slow(12), pytest.mark.parametrize("url", ["sqlite"], indirect=True)]


@dataclass
class Seen:
    """What became of the requests."""

    answers: list[int] = field(default_factory=list)
    read: int = 0
    sent_away: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def load(url: str, token: str, number: int, seen: Seen) -> None:
    """Sends requests until one is refused because the process ends, as a load balancer would."""
    texts = [{"id": str(n), "text": "แคปซูลตัวอย่าง รักษาเบาหวาน " * 20} for n in range(2)]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        for turn in range(10_000):
            path, body = "/v1/classify", dict[str, Any](listings=texts)
            if number % 2:
                path, body = "/v1/listings", {"id": f"{number}-{turn}", "text": "ก"}
            try:
                answer = client.post(path, json=body)
            except httpx.TransportError as error:
                seen.broken.append(repr(error))
                return
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) >= 1
                seen.sent_away.append(answer.json()["type"])
                return
            assert answer.status_code in (200, 202), answer.text
            if number % 2:
                seen.answers.append(answer.json()["listing_id"])
            else:
                assert len(answer.json()["assessments"]) == len(texts)
                seen.read += 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_under_load_loses_nothing(
    house: Any, crowd: Any, store: Store, until: Any, workers: str
) -> None:
    process = house.serve(
        "--workers", workers, RUTHAN_SERVER_DRAIN_SECONDS="8", RUTHAN_MODEL_BUNDLE=str(default_bundle())
    )
    seen = [Seen() for _ in range(8)]
    threads = [
        threading.Thread(target=load, args=(house.url, crowd.token, n, seen[n])) for n in range(len(seen))
    ]
    for thread in threads:
        thread.start()
    until(lambda: sum(len(found.answers) for found in seen) > 10 and all(found.read for found in seen[::2]))
    process.send_signal(signal.SIGTERM)
    said: list[int] = []
    while process.poll() is None:
        said.append(house.ready())
        time.sleep(0.1)
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert process.wait(60) == (0 if workers == "2" else -signal.SIGTERM)
    assert [found.broken for found in seen] == [[]] * 8
    assert {kind for found in seen for kind in found.sent_away} == {"urn:ruthan:problem:shutting-down"}
    # First not ready, and only then not listening.
    changes = [status for status, before in zip(said, [200, *said], strict=False) if status != before]
    assert changes == [503, 0]
    handed_in = [number for found in seen for number in found.answers]
    assert len(handed_in) > 5
    assert sum(store.listings.counts().values()) == len(set(handed_in)) == len(handed_in)


def test_what_the_model_has_in_hand_is_answered_though_nobody_listens_any_more(
    house: Any, crowd: Any, until: Any
) -> None:
    process = house.serve(RUTHAN_SERVER_DRAIN_SECONDS="0", RUTHAN_MODEL_BUNDLE=str(default_bundle()))
    answers: list[httpx.Response] = []
    numbers = count()

    def ask() -> None:
        # Each its own text: what was read before is answered from memory.
        texts = [
            {"id": str(n), "text": f"{next(numbers)} " + "แคปซูลตัวอย่าง รักษาเบาหวาน " * 60} for n in range(12)
        ]
        headers = {"Authorization": f"Bearer {crowd.token}"}
        answers.append(
            httpx.post(f"{house.url}/v1/classify", json={"listings": texts}, headers=headers, timeout=120)
        )

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    with httpx.Client(base_url=house.url) as client:
        until(lambda: "ruthan_classify_waiting 2.0" in client.get("/metrics").text)
    process.send_signal(signal.SIGTERM)
    until(lambda: house.ready() == 0)
    assert answers == [], "the model is still at it"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{house.url}/readyz")
    for thread in threads:
        thread.join(120)
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    assert [len(answer.json()["assessments"]) for answer in answers] == [12, 12]
    assert process.wait(60) == -signal.SIGTERM
