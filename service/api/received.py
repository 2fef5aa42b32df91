"""Listings as they arrive: checked one by one, every fault named with its place."""

from typing import Any

from inference.records import RecordError, listing_within
from labels.schema import Listing
from service.api.problems import BAD_LISTING, TOO_LARGE, Problem
from service.settings import Settings

_SHAPE = 'send {"listings": [{"id": "1", "text": "…"}, …]}'


def listings_of(body: Any, settings: Settings) -> list[Listing]:
    """The listings of a request ``{"listings": [...]}``; raises a :class:`Problem` that lists every fault."""
    records = body.get("listings") if isinstance(body, dict) else None
    if not isinstance(records, list):
        raise Problem(
            BAD_LISTING, f'the body has no list "listings": {_SHAPE}', [_fault("/listings", _SHAPE)]
        )
    if not records:
        raise Problem(BAD_LISTING, f"the list is empty: {_SHAPE}", [_fault("/listings", "empty")])
    if len(records) > settings.max_listings:
        detail = f"{len(records)} listings in one request: send at most {settings.max_listings} at a time"
        raise Problem(TOO_LARGE, detail)
    listings: list[Listing] = []
    faults: list[dict[str, str]] = []
    for index, record in enumerate(records):
        try:
            listings.append(checked(record, settings))
        except RecordError as error:
            pointer = f"/listings/{index}" + (f"/{error.field}" if error.field else "")
            faults.append(_fault(pointer, str(error)))
    if faults:
        detail = f"{len(faults)} of {len(records)} listings cannot be used; none was: {faults[0]['detail']}"
        raise Problem(BAD_LISTING, detail, faults)
    return listings


def listing_of(body: Any, settings: Settings) -> Listing:
    """The one listing of a request; raises a :class:`Problem`."""
    try:
        return checked(body, settings)
    except RecordError as error:
        raise Problem(BAD_LISTING, str(error), [_fault(f"/{error.field}", str(error))]) from error


def checked(record: Any, settings: Settings) -> Listing:
    """One listing whose texts are texts within the limit, the unread ones too; raises ``RecordError``."""
    return listing_within(record, settings.max_text_characters)


def _fault(pointer: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail}
