import math
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from inference.classifier import Classifier
from inference.model.cooperative import Turns
from labels.dataset.shipped import Split, load_split
from labels.schema import Assessment, Listing
from service.inference_pool.assessor import AssessorHolder, SharedAssessor
from service.inference_pool.pool import ALWAYS_READ, CHARACTERS_A_WINDOW, InferencePool, PoolClosed, PoolFull

WINDOWS = 3


class Windows:
    """Reads listings of three windows each and records whose it read; can wait before each window."""

    model_id = "windows"

    def __init__(self, answer: Callable[[Listing], Assessment]) -> None:
        self.answer = answer
        self.order: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def classify(self, listings: Any) -> list[Assessment]:
        raise AssertionError("the pool reads by windows")

    def turns(self, listing: Listing) -> Turns[Assessment]:
        for window in range(WINDOWS):
            if window:
                yield
            with self._lock:
                self.order.append(listing.id)
                self.inside += 1
                self.most = max(self.most, self.inside)
            assert self.go.wait(20)
            time.sleep(0.002)
            with self._lock:
                self.inside -= 1
        if "broken" in listing.id:
            raise RuntimeError("cannot be read")
        return self.answer(listing)


@pytest.fixture
def windows(assessor: Any) -> Windows:
    return Windows(assessor.assess)


def some(name: str, count: int) -> list[Listing]:
    return [Listing(id=f"{name}{n}", description="ก") for n in range(count)]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_hundred_listings_hold_up_a_lone_one_by_the_listing_in_hand(windows: Windows) -> None:
    pool = InferencePool(1)
    windows.go.clear()
    many = pool.submit(windows, some("many", 100))
    until(lambda: windows.inside == 1)
    lone = [pool.submit(windows, some(name, 1)) for name in ("a", "b")]
    windows.go.set()
    for future in lone:
        future.result(20)
    read = ["many0"] * WINDOWS + ["a0"] * WINDOWS + ["b0"] * WINDOWS
    assert windows.order[: len(read)] == read
    assert not many.done()
    assert [found.id for found in many.result(20)] == [f"many{n}" for n in range(100)]
    assert len(windows.order) == 102 * WINDOWS
    pool.close()


def test_a_request_of_many_gets_its_share_however_many_come_after_it(windows: Windows) -> None:
    pool = InferencePool(1)
    windows.go.clear()
    many = pool.submit(windows, some("many", 4))
    others = [pool.submit(windows, some(f"{n}.", 1)) for n in range(3)]
    windows.go.set()
    for n in range(3, 60):
        others.pop(0).result(20)
        others.append(pool.submit(windows, some(f"{n}.", 1)))
    assert many.done()
    pool.close()


def test_several_lanes_read_several_listings_of_one_request_at_once(windows: Windows) -> None:
    pool = InferencePool(3)
    assert [found.id for found in pool.submit(windows, some("x", 20)).result(20)] == [
        f"x{n}" for n in range(20)
    ]
    assert windows.most == 3
    assert sorted(windows.order) == sorted([f"x{n}" for n in range(20)] * WINDOWS)
    pool.close()


def test_a_listing_that_fails_fails_its_request_and_no_other(windows: Windows) -> None:
    pool = InferencePool(2)
    futures = [pool.submit(windows, some(name, 5)) for name in ("a", "broken", "b")]
    with pytest.raises(RuntimeError, match="cannot be read"):
        futures[1].result(20)
    assert len(futures[0].result(20)) == len(futures[2].result(20)) == 5
    until(lambda: pool.held == (0, 0))
    assert len(pool.submit(windows, some("c", 1)).result(20)) == 1
    pool.close()


def test_who_is_refused_learns_when_to_come_back_and_the_worker_is_not_refused(windows: Windows) -> None:
    pool = InferencePool(1, requests=2, listings=10)
    windows.go.clear()
    first = pool.submit(windows, some("more than fits", 11))
    with pytest.raises(PoolFull) as full:
        pool.submit(windows, some("a", 1))
    assert 1 <= full.value.retry_after <= 60
    assert pool.held == (1, 11)
    worker = pool.submit(windows, some("worker", 50), bounded=False)
    windows.go.set()
    assert len(first.result(20)) == 11
    # The worker's listings do not count towards the limit of requests.
    assert len(pool.submit(windows, some("b", 10)).result(20)) == 10
    assert len(worker.result(20)) == 50
    pool.close()


def test_what_is_cancelled_is_not_read_to_its_end(windows: Windows) -> None:
    pool = InferencePool(1)
    windows.go.clear()
    future = pool.submit(windows, some("x", 100))
    until(lambda: windows.inside == 1)
    assert future.cancel()
    windows.go.set()
    until(lambda: pool.held == (0, 0))
    assert len(windows.order) == 1
    assert len(pool.submit(windows, some("y", 1)).result(20)) == 1
    assert windows.order[1:] == ["y0"] * WINDOWS
    pool.close()


def test_closed_lanes_say_so_to_who_waits_and_to_who_comes(windows: Windows) -> None:
    pool = InferencePool(1)
    windows.go.clear()
    waiting = pool.submit(windows, some("x", 2))
    until(lambda: windows.inside == 1)
    closing = threading.Thread(target=pool.close)
    closing.start()
    with pytest.raises(PoolClosed):
        waiting.result(20)
    windows.go.set()
    closing.join(20)
    with pytest.raises(PoolClosed):
        pool.submit(windows, some("y", 1))


def test_no_listings_no_wait(windows: Windows) -> None:
    assert InferencePool(1).submit(windows, []).result(0) == []


class Noted:
    def __init__(self) -> None:
        self.held: list[tuple[int, int]] = []
        self.sharing: list[int] = []
        self.waits: list[float] = []

    def pool_holds(self, requests: int, listings: int) -> None:
        self.held.append((requests, listings))

    def lane_turn(self, sharing: int) -> None:
        self.sharing.append(sharing)

    def lane_waited(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_what_happens_is_told(windows: Windows) -> None:
    pool, noted = InferencePool(1), Noted()
    pool.watch(noted)
    windows.go.clear()
    futures = [pool.submit(windows, some(name, 2)) for name in ("a", "b")]
    time.sleep(0.05)
    windows.go.set()
    for future in futures:
        future.result(20)
    assert noted.held[:2] == [(1, 2), (2, 4)]
    assert noted.held[-1] == (0, 0)
    assert len(noted.sharing) == 4 * WINDOWS
    assert set(noted.sharing) == {1, 2}
    assert len(noted.waits) == 2
    assert noted.waits[1] >= 0.05
    pool.close()


def test_an_assessor_without_windows_is_read_by_listings(assessor: Any) -> None:
    holder = AssessorHolder(lambda: assessor, InferencePool(2))
    holder.load()
    found = holder.get().classify(some("x", 5))
    assert [item.id for item in found] == [f"x{n}" for n in range(5)]
    assert sorted(assessor.read) == [f"x{n}" for n in range(5)]
    holder.pool.close()


@pytest.mark.slow
def test_answers_do_not_depend_on_what_else_is_read() -> None:
    records = load_split(Split.TEST)[:12]
    listings = [Listing(id=r.id, description=r.text) for r in records]
    long = Listing(id="long", description=" ".join(r.text for r in records))
    classifier = Classifier()
    alone = {found.id: found for found in classifier.classify([*listings, long])}
    pool = InferencePool(3)
    shared = SharedAssessor(classifier, pool)
    futures = [shared.submit([long, listing, long]) for listing in listings]
    for future in futures:
        for found in future.result(120):
            expected = alone[found.id]
            assert math.isclose(found.risk, expected.risk, abs_tol=1e-3)
            assert found.verdict == expected.verdict
            assert [(c.start, c.end, c.label) for c in found.claims] == [
                (c.start, c.end, c.label) for c in expected.claims
            ]
    pool.close()


def test_what_can_be_read_in_time_is_told_by_what_was_measured() -> None:
    pool = InferencePool()
    assert pool.reads_within(60) is None, "nothing was measured"
    long = Listing(id="1", description="ก" * (60 * CHARACTERS_A_WINDOW - 1))
    pool._pace(60.0, long)
    assert pool.reads_within(60) == 60 * CHARACTERS_A_WINDOW
    for _ in range(200):
        pool._pace(600.0, long)
    assert pool.reads_within(60) == ALWAYS_READ
    pool.close()
