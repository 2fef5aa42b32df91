"""The listings that a preview offers, and which of them its form submits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import FormData

from service.console.core.fields import field, number_in
from service.store.campaigns.repository import Member
from service.store.index.entries import CaseState

_CHOSEN = re.compile(r"([0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})")


@dataclass(frozen=True)
class Offered:
    """The listings that a preview offered, as its form submits them."""

    chosen: tuple[tuple[int, int, int], ...] = ()
    offered: frozenset[int] = frozenset()
    after_member: int = 0

    @property
    def declined(self) -> tuple[int, ...]:
        """The listings that the reviewer deselected."""
        return tuple(sorted(self.offered - {listing_id for listing_id, _, _ in self.chosen}))

    def ticked(self, members: Iterable[Member]) -> set[int]:
        """Return which listings to tick: as they were, and those not offered before unless unsure."""
        known = self.offered | {listing_id for listing_id, _, _ in self.chosen}
        new = {member.listing.id for member in members if member.state is not CaseState.UNSURE} - known
        return new | (known - set(self.declined))


NOTHING_OFFERED = Offered()


def read_offered(form: FormData) -> Offered:
    """Parse the listings of a preview's form; invalid values are ignored."""
    chosen = [
        (int(match[1]), int(match[2]), int(match[3]))
        for value in form.getlist("listing")
        if isinstance(value, str) and (match := _CHOSEN.fullmatch(value))
    ]
    offered = [number_in(value) for value in field(form, "offered").split(",")]
    return Offered(
        tuple(dict.fromkeys(chosen)),
        frozenset(number for number in offered if number is not None),
        number_in(field(form, "after")) or 0,
    )
