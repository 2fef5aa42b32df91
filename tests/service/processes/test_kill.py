"""SIGKILL under load, and two of everything on one database."""

import os
import re
import signal
from typing import Any

import httpx
import pytest

from service.store import Store
from tests.helpers.stored import assessments_of

pytestmark = [pytest.mark.slow(25), pytest.mark.attack]

IN_FULL = "RUTHAN_TEST_ROUNDS" in os.environ
ROUNDS = int(os.environ.get("RUTHAN_TEST_ROUNDS", "1"))
"""In each, both processes are killed under load and replaced; `make attack` sets them."""


def is_whole(store: Store, crowd: Any, model_id: str) -> None:
    """Check that everything acknowledged is stored, and nothing twice."""
    numbers = list(crowd.acknowledged.values())
    assert len(set(numbers)) == len(numbers)
    for name, number in crowd.acknowledged.items():
        row = store.listing(number)
        assert row is not None, name
        assert (row.external_id, row.version) == (name, 1)
        assert [found.model_id for found in assessments_of(store, number)] == [model_id], name
    # Whoever was stopped between two attempts may have left one that was never acknowledged.
    assert len(numbers) <= sum(store.listings.counts().values()) <= len(crowd.attempted)
    reviewed = {}
    for review, number in crowd.decided.items():
        (past,) = store.reviews.history(number)
        assert past.review.id == review
        reviewed[number] = review
    assert len(reviewed) == len(crowd.decided)
    assert store.audit.verify().broken_at is None


def goes_on(crowd: Any, until: Any, listings: int, decisions: int = 0) -> None:
    """Waits until the crowd has done some more."""
    handed_in, decided = len(crowd.acknowledged) + listings, len(crowd.decided) + decisions
    until(lambda: len(crowd.acknowledged) >= handed_in and len(crowd.decided) >= decided)


def all_are_assessed(store: Store, until: Any, model_id: str) -> None:
    """Wait for the backlog, however slow the machine is, as long as it shrinks."""
    left = store.listings.waiting(model_id)
    while left:
        until(lambda: store.listings.waiting(model_id) < left)  # noqa: B023
        left = store.listings.waiting(model_id)


def test_sigkill_of_the_api_and_of_the_worker_under_load(
    house: Any, crowd: Any, store: Store, until: Any, url: str
) -> None:
    if not IN_FULL and url.startswith("sqlite"):
        pytest.skip("one round on PostgreSQL is enough: make attack runs both")
    api, worker = house.serve(), house.start("worker")
    model_id = httpx.get(f"{house.url}/readyz").json()["model"]
    crowd.begin(clients=4, reviewers=2)
    for _ in range(ROUNDS):
        goes_on(crowd, until, listings=20, decisions=3)
        api.send_signal(signal.SIGKILL)
        assert api.wait(60) == -signal.SIGKILL
        api = house.serve()
        goes_on(crowd, until, listings=20, decisions=3)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(60) == -signal.SIGKILL
        worker = house.start("worker")
    crowd.end()
    assert crowd.broken > 0, "a kill under load breaks a request"
    all_are_assessed(store, until, model_id)
    is_whole(store, crowd, model_id)
    print(
        f"{2 * ROUNDS} kills: {len(crowd.acknowledged)} listings and {len(crowd.decided)} decisions acknowledged,"
        f" {crowd.broken} requests without an answer, 0 lost"
    )


@pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.needs_postgres)], indirect=True)
def test_two_workers_and_two_api_processes_share_the_work(
    house: Any, crowd: Any, store: Store, until: Any
) -> None:
    api = house.serve("--workers", "2")
    workers = [house.start("worker") for _ in range(2)]
    model_id = httpx.get(f"{house.url}/readyz").json()["model"]
    crowd.begin(clients=6)
    until(lambda: len(crowd.acknowledged) >= 100)
    crowd.end()
    all_are_assessed(store, until, model_id)
    assert crowd.broken == 0
    # Either process reports both.
    told = set()
    for _ in range(8):
        text = httpx.get(f"{house.url}/metrics").text
        found = re.search(r'ruthan_requests_total\{[^}]*route="/v1/listings",status="202"\} (\S+)', text)
        assert found is not None
        told.add(float(found[1]))
        assert "ruthan_classify_waiting 0.0" in text
    assert told == {float(len(crowd.acknowledged))}
    served = re.findall(r"Started server process \[(\d+)\]", house.log("serve").read_text())
    assert len(set(served)) == 2
    for process in [*workers, api]:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    is_whole(store, crowd, model_id)
    assessed = [int(n) for n in re.findall(r"assessed (\d+) listings", house.log("worker").read_text())]
    assert sum(assessed) == len(crowd.acknowledged), "nothing was read twice"
    assert min(assessed) > len(crowd.acknowledged) / 10, "both worked"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_serving_process_that_is_killed_is_replaced(house: Any, crowd: Any, until: Any) -> None:
    house.serve("--workers", "2")
    log = house.log("serve")
    until(lambda: log.read_text().count("Application startup complete") == 2)
    crowd.begin(clients=3)
    until(lambda: len(crowd.acknowledged) > 30)
    first = int(re.findall(r"Started server process \[(\d+)\]", log.read_text())[0])
    os.kill(first, signal.SIGKILL)
    until(lambda: log.read_text().count("Application startup complete") == 3)
    goes_on(crowd, until, listings=30)
    crowd.end()
    text = httpx.get(f"{house.url}/metrics").text
    found = re.search(r'ruthan_requests_total\{[^}]*route="/v1/listings",status="202"\} (\S+)', text)
    assert found is not None
    # What the killed process counted stays; a request whose answer was lost may have been counted.
    assert len(crowd.acknowledged) <= float(found[1]) <= len(crowd.acknowledged) + crowd.broken
    assert "ruthan_classify_waiting 0.0" in text
