"""Fair scheduling of listings for the model: start-time fair queueing, with a listing as the packet.

A virtual clock counts windows read, divided by the number of active requests: it advances by one while each
of them could have had one window.  A request's first listing is tagged with the clock on arrival, each
further one with its predecessor's tag plus cost.  The lowest tag is read next, and a started listing keeps
its start tag.  So single listings are read in order of arrival, whatever their length; a request of a hundred
queues behind them from its second listing on, and still gets its share however many others arrive.

This is FQS (A. G. Greenberg and N. Madras, "How fair is fair queuing", J. ACM 39(3), 1992).  The clock of SFQ
(P. Goyal, H. Vin and H. Cheng, 1996), the tag of the listing being read, would stop while new requests keep
arriving, and starve requests with a second listing.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

Request = TypeVar("Request")

PIECE = 8
"""Windows of a listing that are read in one piece: enough for nearly any advert.  The next piece of a longer
text is tagged like the request's next listing.
"""


@dataclass(eq=False)
class Place(Generic[Request]):
    """A listing's position in the schedule.

    Attributes:
        costs: estimated windows of each listing of the request.
        number: index of this listing in the request.
        start: its start tag.
        read: windows read so far.
    """

    request: Request
    costs: Sequence[int]
    number: int
    start: float
    read: int = 0

    @property
    def tag(self) -> float:
        """The tag of the next piece."""
        return self.start + self.read // PIECE * PIECE


class FairScheduler(Generic[Request]):
    """The queue of listings for the model, fair between requests; not thread-safe."""

    def __init__(self) -> None:
        self._clock = 0.0
        self._came = count()
        self._waiting: list[tuple[float, int, int, Place[Request]]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def enter(self, request: Request, costs: Sequence[int]) -> None:
        """Add a request with at least one listing."""
        self._put(Place(request, costs, 0, self._clock))

    def take(self) -> Place[Request]:
        """Remove and return the listing whose window is read next.  There must be one."""
        place = heapq.heappop(self._waiting)[-1]
        if not place.read:
            # Idle threads may have taken a tag that the clock has not reached.
            self._clock = max(self._clock, place.start)
            if place.number + 1 < len(place.costs):
                after = place.start + place.costs[place.number]
                self._put(Place(place.request, place.costs, place.number + 1, after))
        return place

    def rest(self, place: Place[Request], sharing: int) -> None:
        """Put a listing back after a window, with more to be read; ``sharing`` requests were active."""
        place.read += 1
        if place.read <= place.costs[place.number]:
            self._clock += 1 / sharing
        self._put(place)

    def end(self, place: Place[Request], sharing: int) -> None:
        """Finish a listing; its actual cost determines the tag of its request's next one."""
        self._clock += max(0, place.costs[place.number] - place.read) / sharing

    def leave(self, request: Request) -> None:
        """Remove a request."""
        self._waiting = [entry for entry in self._waiting if entry[-1].request is not request]
        heapq.heapify(self._waiting)

    def _put(self, place: Place[Request]) -> None:
        # On equal tags, started listings precede others, and first listings precede second ones.
        begun_first = -1 if place.read else place.number
        heapq.heappush(self._waiting, (place.tag, begun_first, next(self._came), place))
