"""The fields that a listing takes from an arrival, and those that it keeps."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from labels.other_text import OTHER_TEXT, without_other_text
from labels.schema import OFFERED
from labels.schema import Listing as ListingShape
from service.store.listings.sightings import is_same_price
from service.store.tables.core_tables import Listing

_SENT: Final = ("platform", "url", "price", "currency", "seller", "seller_url", "captured_at")
"""Fields that a sender may clear; pictures have rules of their own."""
_IMAGES: Final = "images"
_REACH: Final = "reach"
_OURS: Final = frozenset({OFFERED, OTHER_TEXT})
"""Fields of ``extra`` that say what only the newest arrival is."""


def take(row: Listing, shape: ListingShape, digest: str, sent: bool, shows_none: bool = False) -> None:
    """Take the fields of an arrival; one that a sender ``sent`` says what is empty, a page does not.

    With ``shows_none``, the sender stated that the listing shows no pictures: their addresses are cleared.
    """
    row.text_sha256, row.title, row.description = digest, shape.title, shape.description
    row.redacted_at = None  # seen again, so the full text is back
    cleared = {name for name in _SENT if sent and (getattr(shape, name) == "" or name in shape.extra)}
    if shows_none:
        cleared.add(_IMAGES)
    row.platform = shape.platform.value if shape.platform else row.platform
    for name in (*_SENT, _IMAGES):
        value = getattr(shape, name)
        if name == "price" and is_same_price(row.price, value):
            continue  # as it was first written
        if name in cleared:
            setattr(row, name, [] if name == _IMAGES else None)
        elif name != "platform" and (value or getattr(row, name) is None):
            setattr(row, name, value)
    if sent:
        row.extra = _extra_sent(row.extra or {}, shape, cleared)
        if row.platform and shape.platform is None:
            row.extra.pop(OFFERED, None)  # that is said of listings without a platform alone
    else:
        row.extra = shape.extra or without_other_text(row.extra or {})


def _extra_sent(before: Mapping[str, Any], shape: ListingShape, cleared: Collection[str]) -> dict[str, Any]:
    """Return the other fields of a listing after a sender sent it.

    New ones replace the earlier ones, except ``reach`` and refused values of known fields; without new ones,
    the earlier ones stay.
    """
    known = {*_SENT, _IMAGES}
    given = {
        name: value
        for name, value in shape.extra.items()
        if value is not None and not (name in known and value == "")
    }
    replaced = {name for name in known if getattr(shape, name)} | set(cleared) | shape.extra.keys() | _OURS
    lasting = known | {_REACH} if given.keys() - known - _OURS - {_REACH} else before.keys()
    kept = {name: value for name, value in before.items() if name in lasting and name not in replaced}
    return kept | given
