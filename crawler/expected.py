"""Minimum yield of a plan's source, set by a person for each run."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from labels.letters import WESTERN_DIGITS
from labels.schema import Listing

Share = Annotated[str, StringConstraints(pattern=r"^(?:100|[1-9]?[0-9])%$")]
AtLeast = Annotated[int, Field(ge=1)] | Share
_NUMBER: Final = re.compile(
    r"\d{1,2}-\d-\d{5}-\d-\d{4}|\d{2}-\d-\d{8,10}|(?<!\d)\d{10,13}(?!\d)|\b[A-Z]{1,2}\s?\d{1,5}/\d{2}\b|"
    r"ฆ[อทพ]\.?\s?\d+/\d{2,4}"
)


class Expected(BaseModel):
    """Minimum number of listings, and of those with certain fields: a number, or a share such as ``80%``."""

    model_config = ConfigDict(extra="forbid")

    listings: int | None = Field(default=None, ge=1)
    numbers: AtLeast | None = Field(default=None, description="that show a licence number")
    pictures: AtLeast | None = None
    prices: AtLeast | None = None
    sellers: AtLeast | None = None


def holds(listing: Listing) -> set[str]:
    """Return which of the expected fields a listing has.

    Anything that looks like a licence number counts: the crawler does not check them.
    """
    found = {
        "numbers": bool(_NUMBER.search(listing.text.translate(WESTERN_DIGITS))),
        "pictures": bool(listing.images),
        "prices": bool(listing.price),
        "sellers": bool((listing.seller or "").strip()),
    }
    return {name for name, is_there in found.items() if is_there}


def unmet(expected: Expected, listings: int, counts: Mapping[str, int]) -> list[str]:
    """Describe which expectations a run did not meet."""
    problems = []
    if expected.listings is not None and listings < expected.listings:
        problems.append(f"{listings} listings, at least {expected.listings} are expected")
    for name in ("numbers", "pictures", "prices", "sellers"):
        wanted = getattr(expected, name)
        if wanted is None:
            continue
        least = -(-listings * int(wanted[:-1]) // 100) if isinstance(wanted, str) else wanted
        if counts.get(name, 0) < least:
            problems.append(f"{counts.get(name, 0)} listings with {name}, at least {wanted} are expected")
    return problems
