"""What the queue tells after rows were decided or withdrawn together.

An address names the reviews. It may be a colleague's, or one from before a withdrawal, so the store is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.console.queue.bulk import numbers_in_address
from service.store import Store
from service.store.tables.core_tables import WITHDRAWN, Reviewer


@dataclass(frozen=True)
class Told:
    """What the reader did and what still holds of it.

    Attributes:
        decided: the reader's own decisions in force, by number.
        left: the listings that were not decided with them.
        undone: how many of the reader's own withdrawals are still the last word on their listings.
        kept: how many of the reader's own decisions were not withdrawn.
    """

    decided: list[int]
    left: list[int]
    undone: int
    kept: int


def told_by(store: Store, reviewer: Reviewer, query: Mapping[str, str]) -> Told:
    """Return what the address of the queue tells this reader."""
    named = {name: numbers_in_address(query.get(name, "")) for name in ("decided", "left", "undone", "kept")}
    standing = store.reviews.own_in_force(named["decided"], reviewer.id)
    decided = [row.id for row in standing if row.decision != WITHDRAWN]
    undone = store.reviews.own_in_force(named["undone"], reviewer.id)
    kept = store.reviews.own(named["kept"], reviewer.id)
    return Told(
        decided=decided,
        # Rows that were left say nothing to somebody who made none of the decisions beside them.
        left=named["left"] if decided or not named["decided"] else [],
        undone=sum(row.decision == WITHDRAWN for row in undone),
        kept=sum(row.decision != WITHDRAWN for row in kept),
    )
