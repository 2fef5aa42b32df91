"""What the page of a campaign tells after a bulk decision, its undo or its end.

The address names the bulk decision. It may be a colleague's, or one from before an undo, so the store is
asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.console.core.fields import number_in
from service.store import Store
from service.store.campaigns.bulks import BulkSummary
from service.store.tables.core_tables import Reviewer


@dataclass(frozen=True)
class Told:
    """What was done and still holds.

    Attributes:
        decided: the number of the reader's own bulk decision, if it was not undone.
        undone: on how many listings the reader's undo is the last word; ``None`` if nothing was undone.
        kept: on how many it is not.
        ended: the bulk decision that no longer spreads.
    """

    decided: int | None
    undone: int | None
    kept: int
    ended: BulkSummary | None


def told_by(store: Store, bulks: Sequence[BulkSummary], reviewer: Reviewer, query: Mapping[str, str]) -> Told:
    """Return what the address tells this reader of a campaign with these bulk decisions."""
    named = {name: number_in(query.get(name, "")) for name in ("decided", "undone", "ended")}

    def of(name: str) -> BulkSummary | None:
        return next((item for item in bulks if item.bulk.id == named[name]), None)

    decided, undone, ended = of("decided"), of("undone"), of("ended")
    if decided is not None and (decided.bulk.reviewer_id != reviewer.id or decided.bulk.undone_at):
        decided = None
    listings = store.bulks.undone([undone.bulk.id], reviewer.id) if undone is not None else {}
    last = sum(listings.values())
    return Told(
        decided=decided.bulk.id if decided is not None else None,
        undone=last if listings else None,
        kept=len(listings) - last,
        ended=ended if ended is not None and ended.bulk.ended_at and not ended.bulk.undone_at else None,
    )
