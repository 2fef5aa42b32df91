"""Fair scheduling of listings for the model: start-time fair queueing, with a listing as the packet.

A clock counts windows read, divided by the requests that shared them: it goes on by one while each of them
could have had one window.  A request's first listing is tagged with the clock as it comes, each further one
with its predecessor's tag and cost.  The lowest tag is read next, and a listing that was begun keeps its tag.
So single listings are read in the order in which they came, whatever their length; a request of a hundred
stands behind them with its second, and gets its share however many others come.

This is FQS (A. G. Greenberg and N. Madras, "How fair is fair queuing", J. ACM 39(3), 1992).  The clock of
SFQ (P. Goyal, H. Vin and H. Cheng, 1996), the tag of what is being read, would stand still as long as new
requests keep coming, and let whoever has a second listing starve.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

Request = TypeVar("Request")

PIECE = 8
"""Windows of a listing that are read in one go: nearly any advert, and a moment of a book, whose next piece
is tagged as if it were the request's next listing."""


@dataclass(eq=False)
class Place(Generic[Request]):
    """A listing's place in the order.

    Attributes:
        costs: about how many windows each listing of the request has.
        number: which of them this one is, from 0.
        start: its tag.
        read: windows of it that were read.
    """

    request: Request
    costs: Sequence[int]
    number: int
    start: float
    read: int = 0

    @property
    def tag(self) -> float:
        """The tag of the piece that is read next."""
        return self.start + self.read // PIECE * PIECE


class FairOrder(Generic[Request]):
    """The listings that wait for the model; not safe to use from several threads at once."""

    def __init__(self) -> None:
        self._clock = 0.0
        self._came = count()
        self._waiting: list[tuple[float, int, int, Place[Request]]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def enter(self, request: Request, costs: Sequence[int]) -> None:
        """A request comes, with at least one listing."""
        self._put(Place(request, costs, 0, self._clock))

    def take(self) -> Place[Request]:
        """Whose window is read next; it is out of the order until it rests.  There must be one."""
        place = heapq.heappop(self._waiting)[-1]
        if not place.read:
            # Idle lanes may have come to a tag that the clock has not reached.
            self._clock = max(self._clock, place.start)
            if place.number + 1 < len(place.costs):
                after = place.start + place.costs[place.number]
                self._put(Place(place.request, place.costs, place.number + 1, after))
        return place

    def rest(self, place: Place[Request], sharing: int) -> None:
        """A window of it was read while so many requests shared the model, and more are to be read."""
        place.read += 1
        if place.read <= place.costs[place.number]:
            self._clock += 1 / sharing
        self._put(place)

    def end(self, place: Place[Request], sharing: int) -> None:
        """It was read to its end, by which it has cost what its request's next listing is tagged with."""
        self._clock += max(0, place.costs[place.number] - place.read) / sharing

    def leave(self, request: Request) -> None:
        """Nothing of a request is to be read any more."""
        self._waiting = [entry for entry in self._waiting if entry[-1].request is not request]
        heapq.heapify(self._waiting)

    def _put(self, place: Place[Request]) -> None:
        # With the same tag, what was begun goes before what was not, and a first listing before a second.
        begun_first = -1 if place.read else place.number
        heapq.heappush(self._waiting, (place.tag, begun_first, next(self._came), place))
