"""The inference pool: threads that read for all waiting requests, one window at a time.

:mod:`service.inference_pool.fair_scheduler` chooses the next window: single listings in order of arrival, and
a request of a hundred listings delays a single one by at most the current listing.  The model reads one
window at a time (docs/decisions/0001), so an answer does not depend on other requests.
"""

import math
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from inference.model.cooperative import Turns
from labels.schema import Assessment, Listing
from service.inference_pool.fair_scheduler import FairScheduler, Place

CHARACTERS_A_WINDOW = 450
"""Characters per window of the shipped model, estimated (2 % too many windows on the test split)."""


ALWAYS_READ = 10_000
"""So many characters are always accepted, however slow the model seems."""
_WINDOWS_TO_TELL = 50


@runtime_checkable
class Reader(Protocol):
    """The interface of a model in the pool."""

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """Assess one listing, yielding between its windows; thread-safe."""


class PoolFull(RuntimeError):
    """The queue is full; ``retry_after`` says in how many seconds to try again."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PoolClosed(RuntimeError):
    """The process is shutting down."""


class Watch(Protocol):
    """Observer of the pool; called from its threads."""

    def pool_holds(self, requests: int, listings: int) -> None:
        """Report the number of unanswered requests and of their unfinished listings."""

    def lane_turn(self, sharing: int) -> None:
        """Report that a window was read, and how many requests shared the pool."""

    def lane_waited(self, seconds: float) -> None:
        """Report how long a request waited for its first window."""


@dataclass
class _Begun:
    turns: Turns[Assessment]
    seconds: float = 0.0


@dataclass(eq=False)
class _Request:
    reader: Reader
    listings: Sequence[Listing]
    bounded: bool
    future: "Future[list[Assessment]]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)
    begun: dict[int, _Begun] = field(default_factory=dict)
    answers: dict[int, Assessment] = field(default_factory=dict)

    def begin(self, number: int) -> _Begun:
        """Return the assessment in progress of a listing."""
        if number not in self.begun:
            self.begun[number] = _Begun(self.reader.turns(self.listings[number]))
        return self.begun[number]


class InferencePool:
    """A bounded queue of requests served by ``count`` threads.

    Args:
        count: how many windows may be read at once.
        requests, listings: limits of the queue; nothing is refused while it is empty.
    """

    def __init__(self, count: int = 1, requests: int = 256, listings: int = 2000) -> None:
        self.count = count
        self._most_requests, self._most_listings = requests, listings
        self._watch: Watch | None = None
        self._changed = threading.Condition()
        self._order: FairScheduler[_Request] = FairScheduler()
        self._requests: set[_Request] = set()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._seconds_a_listing = 0.0
        self._seconds_a_window = 0.0
        self._windows_read = 0

    def watch(self, watch: Watch) -> None:
        """Report to ``watch`` from now on."""
        self._watch = watch

    @property
    def held(self) -> tuple[int, int]:
        """Return the numbers of unanswered requests and of their unfinished listings."""
        with self._changed:
            return self._held()

    def reads_within(self, seconds: float) -> int | None:
        """Return how many characters of one listing can be read in so many seconds, at the recent speed.

        Never fewer than :data:`ALWAYS_READ`; ``None`` until there are enough measurements.
        """
        if self._windows_read < _WINDOWS_TO_TELL or not self._seconds_a_window:
            return None
        return max(ALWAYS_READ, int(seconds / self._seconds_a_window) * CHARACTERS_A_WINDOW)

    def submit(
        self, reader: Reader, listings: Sequence[Listing], bounded: bool = True
    ) -> "Future[list[Assessment]]":
        """Queue a request; the future returns one assessment per listing, in order.

        The rest of a cancelled request is skipped.  Raises :class:`PoolFull` if ``bounded``, and
        :class:`PoolClosed`.
        """
        request = _Request(reader, listings, bounded)
        costs = [_windows_about(listing) for listing in listings]
        with self._changed:
            if self._closed:
                raise PoolClosed("the service is being stopped")
            if bounded:
                self._refuse_what_is_too_much(len(listings))
            if not listings:
                request.future.set_result([])
                return request.future
            self._requests.add(request)
            self._order.enter(request, costs)
            self._changed.notify()
            while len(self._threads) < self.count:
                thread = threading.Thread(
                    target=self._run, name=f"ruthan-lane-{len(self._threads) + 1}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
            self._tell()
        return request.future

    def close(self) -> None:
        """Stop the threads after their current window; unanswered requests fail with :class:`PoolClosed`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            left, self._requests = self._requests, set()
        for request in left:
            _fail(request, PoolClosed("the service was stopped before this was assessed"))
        for thread in self._threads:
            thread.join()

    def _held(self) -> tuple[int, int]:
        return len(self._requests), sum(len(r.listings) - len(r.answers) for r in self._requests)

    def _refuse_what_is_too_much(self, listings: int) -> None:
        bounded = [request for request in self._requests if request.bounded]
        waiting = sum(len(request.listings) - len(request.answers) for request in bounded)
        if not bounded:
            return
        if len(bounded) >= self._most_requests or waiting + listings > self._most_listings:
            seconds = math.ceil(waiting * self._seconds_a_listing / self.count)
            raise PoolFull(
                f"{len(bounded)} requests with {waiting} listings are waiting for the model, the maximum",
                min(max(seconds, 1), 60),
            )

    def _run(self) -> None:
        while (place := self._take()) is not None:
            request, begun = place.request, place.request.begin(place.number)
            begin = time.monotonic()
            try:
                next(begun.turns)
            except StopIteration as end:
                self._answered(place, end.value)
                self._pace(begun.seconds + time.monotonic() - begin, request.listings[place.number])
            except Exception as error:
                self._failed(request, error)
            else:
                begun.seconds += time.monotonic() - begin
                with self._changed:
                    if request in self._requests:  # no notification: this lane asks for work immediately
                        self._order.rest(place, len(self._requests))

    def _take(self) -> Place[_Request] | None:
        with self._changed:
            while True:
                while not self._order and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return None
                place = self._order.take()
                request = place.request
                if request.future.cancelled():
                    self._leave(request)
                    continue
                if self._order:
                    self._changed.notify()
                if self._watch is not None:
                    if not place.number and not place.read:
                        self._watch.lane_waited(time.monotonic() - request.since)
                    self._watch.lane_turn(len(self._requests))
                return place

    def _answered(self, place: Place[_Request], answer: Assessment) -> None:
        request = place.request
        with self._changed:
            self._order.end(place, max(1, len(self._requests)))
            del request.begun[place.number]
            request.answers[place.number] = answer
            done = len(request.answers) == len(request.listings)
            if done:
                self._requests.discard(request)
            self._tell()
        if done:
            with suppress(InvalidStateError):  # cancelled meanwhile
                request.future.set_result([request.answers[n] for n in range(len(request.listings))])

    def _failed(self, request: _Request, error: Exception) -> None:
        with self._changed:
            self._leave(request)
        _fail(request, error)

    def _leave(self, request: _Request) -> None:
        self._requests.discard(request)
        self._order.leave(request)
        self._tell()

    def _pace(self, seconds: float, listing: Listing) -> None:
        windows = _windows_about(listing)
        self._seconds_a_listing = _lately(self._seconds_a_listing, seconds)
        self._seconds_a_window = _lately(self._seconds_a_window, seconds / windows)
        self._windows_read += windows

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch.pool_holds(*self._held())


def _lately(before: float, now: float) -> float:
    return now if not before else 0.95 * before + 0.05 * now


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _windows_about(listing: Listing) -> int:
    return 1 + len(listing.text) // CHARACTERS_A_WINDOW


def _fail(request: _Request, error: Exception) -> None:
    with suppress(InvalidStateError):
        request.future.set_exception(error)
