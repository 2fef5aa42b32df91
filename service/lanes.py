"""Lanes to the model: threads that read for everybody who waits, one window of each in turn.

Whoever waits stands in one ring.  A lane takes the first, reads one window of one of its listings, and puts
it behind the others, so that a hundred listings hold up a lone one by a window each time and not by a hundred
listings.  The model still reads one window at a time (docs/decisions/0001): an answer does not depend on
what else was in the ring.
"""

import math
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from inference.turns import Turns
from labels.schema import Assessment, Listing


@runtime_checkable
class Reader(Protocol):
    """What the lanes need of a model."""

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """The assessment of one listing, with a rest between its windows; callable from several threads."""


class LanesFull(RuntimeError):
    """Too much waits already; ``retry_after`` is in how many seconds there may be room."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LanesClosed(RuntimeError):
    """Nothing is read any more: the process is ending."""


class Watch(Protocol):
    """Who is told what happens in the lanes; called from their threads."""

    def lanes_hold(self, requests: int, listings: int) -> None:
        """So many requests are not answered yet, with so many listings that are not read to their end."""

    def lane_turn(self, sharing: int) -> None:
        """A window was read while so many requests shared the lanes."""

    def lane_waited(self, seconds: float) -> None:
        """A request waited so long for its first window."""


@dataclass
class _Work:
    number: int
    turns: Turns[Assessment]
    seconds: float = 0.0


@dataclass(eq=False)
class _Request:
    reader: Reader
    listings: Sequence[Listing]
    bounded: bool
    future: "Future[list[Assessment]]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)
    started: int = 0
    """How many of the listings a lane has begun."""
    resting: deque[_Work] = field(default_factory=deque)
    answers: dict[int, Assessment] = field(default_factory=dict)
    in_ring: bool = False

    @property
    def has_turns(self) -> bool:
        return bool(self.resting) or self.started < len(self.listings)

    def next_turn(self) -> _Work:
        """The listing that was begun first, else the next one."""
        if self.resting:
            return self.resting.popleft()
        number = self.started
        self.started += 1
        return _Work(number, self.reader.turns(self.listings[number]))


class Lanes:
    """A bounded ring of requests before ``count`` threads.

    Args:
        count: how many windows may be read at once.
        requests, listings: how much may wait; none is refused while nothing waits.
    """

    def __init__(self, count: int = 1, requests: int = 256, listings: int = 2000) -> None:
        self.count = count
        self._most_requests, self._most_listings = requests, listings
        self._watch: Watch | None = None
        self._changed = threading.Condition()
        self._ring: deque[_Request] = deque()
        self._requests: set[_Request] = set()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._seconds_a_listing = 0.0

    def watch(self, watch: Watch) -> None:
        """Tell ``watch`` from now on."""
        self._watch = watch

    @property
    def held(self) -> tuple[int, int]:
        """Requests that are not answered yet, and their listings that are not read to their end."""
        with self._changed:
            return self._held()

    def submit(
        self, reader: Reader, listings: Sequence[Listing], bounded: bool = True
    ) -> "Future[list[Assessment]]":
        """Stand in the ring; the future brings one assessment a listing, in their order.

        A future that is cancelled leaves the ring.  Raises :class:`LanesFull`, except with ``bounded`` off,
        and :class:`LanesClosed`.
        """
        request = _Request(reader, listings, bounded)
        with self._changed:
            if self._closed:
                raise LanesClosed("the service is being stopped")
            if bounded:
                self._refuse_what_is_too_much(len(listings))
            if not listings:
                request.future.set_result([])
                return request.future
            self._requests.add(request)
            self._stand_in(request)
            while len(self._threads) < self.count:
                thread = threading.Thread(
                    target=self._run, name=f"ruthan-lane-{len(self._threads) + 1}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
            self._tell()
        return request.future

    def close(self) -> None:
        """End the threads after the window in hand; what is not answered gets :class:`LanesClosed`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            left, self._requests = self._requests, set()
            self._ring.clear()
        for request in left:
            _fail(request, LanesClosed("the service was stopped before this was read"))
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
            raise LanesFull(
                f"{len(bounded)} requests with {waiting} listings wait for the model, and no more may",
                min(max(seconds, 1), 60),
            )

    def _stand_in(self, request: _Request) -> None:
        if request.has_turns and not request.in_ring:
            request.in_ring = True
            self._ring.append(request)
            self._changed.notify()

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            request, work = taken
            begin = time.monotonic()
            try:
                next(work.turns)
            except StopIteration as end:
                self._answered(request, work.number, end.value)
                self._pace(work.seconds + time.monotonic() - begin)
            except Exception as error:
                self._failed(request, error)
            else:
                work.seconds += time.monotonic() - begin
                with self._changed:
                    request.resting.appendleft(work)
                    if request in self._requests:
                        self._stand_in(request)

    def _take(self) -> tuple[_Request, _Work] | None:
        with self._changed:
            while True:
                while not self._ring and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return None
                request = self._ring.popleft()
                request.in_ring = False
                if request.future.cancelled():
                    self._requests.discard(request)
                    self._tell()
                    continue
                sharing = len(self._ring) + 1
                if self._watch is not None:
                    if not request.started:
                        self._watch.lane_waited(time.monotonic() - request.since)
                    self._watch.lane_turn(sharing)
                work = request.next_turn()
                self._stand_in(request)
                return request, work

    def _answered(self, request: _Request, number: int, answer: Assessment) -> None:
        with self._changed:
            request.answers[number] = answer
            done = len(request.answers) == len(request.listings)
            if done:
                self._requests.discard(request)
            self._tell()
        if done:
            with suppress(InvalidStateError):  # cancelled meanwhile
                request.future.set_result([request.answers[n] for n in range(len(request.listings))])

    def _failed(self, request: _Request, error: Exception) -> None:
        with self._changed:
            self._requests.discard(request)
            if request.in_ring:
                self._ring.remove(request)
                request.in_ring = False
            self._tell()
        _fail(request, error)

    def _pace(self, seconds: float) -> None:
        old = self._seconds_a_listing
        self._seconds_a_listing = seconds if not old else 0.95 * old + 0.05 * seconds

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch.lanes_hold(*self._held())


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fail(request: _Request, error: Exception) -> None:
    with suppress(InvalidStateError):
        request.future.set_exception(error)
