"""Validation of the listings in request bodies; each error carries its pointer."""

import binascii
import json
from base64 import b64decode
from typing import Any

from inference.records import RecordError, listing_within
from labels.schema import Listing
from service.api.pointers import pointer_to
from service.api.problems import BAD_LISTING, TOO_LARGE, Problem
from service.batches.problems import MAX_RECORD_BYTES
from service.settings import Settings

_PICTURE = (
    'a picture is {"data": "…"}, the bytes of its file in base64 without a prefix such as'
    ' "data:image/png;base64,", or a URL'
)
_PICTURE_THAI = (
    'ภาพต้องส่งเป็น {"data": "…"} คือไบต์ของไฟล์ในรูป base64 โดยไม่มีส่วนนำ เช่น "data:image/png;base64," หรือเป็น URL'
)
_INLINE = "data:"
_SHAPE = 'send {"listings": [{"id": "1", "text": "…"}, …]}'
_SHAPE_THAI = f"โปรดส่ง {_SHAPE.removeprefix('send ')}"


def listings_of(body: Any, settings: Settings) -> list[Listing]:
    """Return the listings of ``{"listings": [...]}``; raises a :class:`Problem` that lists every error."""
    records = body.get("listings") if isinstance(body, dict) else None
    if not isinstance(records, list):
        detail = f'the body has no list "listings": {_SHAPE}'
        thai = f'ไม่มีรายการ (list) ในช่อง "listings" {_SHAPE_THAI}'
        raise Problem(BAD_LISTING, detail, [_fault(_SHAPE, "listings")], thai=thai)
    if not records:
        thai = f"ไม่มีโฆษณาในคำขอ {_SHAPE_THAI}"
        raise Problem(BAD_LISTING, f"the list is empty: {_SHAPE}", [_fault("empty", "listings")], thai=thai)
    if len(records) > settings.max.listings:
        detail = f"{len(records)} listings in one request: send at most {settings.max.listings} at a time"
        thai = f"คำขอนี้มี {len(records)} โฆษณา ส่งได้ครั้งละไม่เกิน {settings.max.listings} โฆษณา"
        raise Problem(TOO_LARGE, detail, thai=thai)
    listings: list[Listing] = []
    faults: list[dict[str, str]] = []
    thai_faults: list[str] = []
    for index, record in enumerate(records):
        try:
            listings.append(checked(record, settings))
        except RecordError as error:
            faults.append(_fault(str(error), "listings", index, *_steps(error)))
            thai_faults.append(error.thai)
    if faults:
        detail = f"{len(faults)} of {len(records)} listings cannot be used; none was: {faults[0]['detail']}"
        thai = f"ใช้ไม่ได้ {len(faults)} จาก {len(records)} โฆษณา จึงไม่ได้รับไว้ทั้งคำขอ: {thai_faults[0]}"
        raise Problem(BAD_LISTING, detail, faults, thai=thai)
    return listings


def listing_of(body: Any, settings: Settings) -> Listing:
    """Return the single listing of a request; raises a :class:`Problem`."""
    try:
        return checked(body, settings)
    except RecordError as error:
        faults = [_fault(str(error), *_steps(error))]
        raise Problem(BAD_LISTING, str(error), faults, thai=error.thai) from error


def checked(record: Any, settings: Settings) -> Listing:
    """Return a listing after checking all its texts, also those not assessed; raises ``RecordError``.

    The limits are those of a line of a batch.
    """
    listing = listing_within(record, settings.max.text_characters)
    size = len(json.dumps(record, ensure_ascii=False).encode(errors="surrogatepass"))
    if size > MAX_RECORD_BYTES:
        raise RecordError(
            f"the listing has {size:,} bytes: send at most {MAX_RECORD_BYTES:,}",
            thai=f"รายการนี้ยาว {size:,} ไบต์ ส่งได้ไม่เกิน {MAX_RECORD_BYTES:,} ไบต์",
        )
    return listing


def split_pictures(body: Any, settings: Settings) -> tuple[Any, list[list[bytes]]]:
    """Split a body into the rest and the pictures of each listing.

    The body is one listing or ``{"listings": [...]}``. URLs among ``images`` stay in the body. Raises a
    :class:`Problem` for invalid base64, for a ``data:`` address and for too many pictures.
    """
    several = isinstance(body, dict) and isinstance(body.get("listings"), list)
    records = body["listings"] if several else [body]
    parts = [_taken(record, ("listings", number) if several else ()) for number, record in enumerate(records)]
    count = sum(len(pictures) for _, pictures in parts)
    if count > settings.max.pictures:
        detail = f"{count} pictures in one request: send at most {settings.max.pictures} at a time"
        thai = f"คำขอนี้มี {count} ภาพ ส่งได้ครั้งละไม่เกิน {settings.max.pictures} ภาพ"
        raise Problem(TOO_LARGE, detail, thai=thai)
    bare = [record for record, _ in parts]
    return ({**body, "listings": bare} if several else bare[0]), [pictures for _, pictures in parts]


def _taken(record: Any, steps: tuple[str | int, ...]) -> tuple[Any, list[bytes]]:
    images = record.get("images") if isinstance(record, dict) else None
    if _is_inline(images):
        raise _no_picture(*steps, "images")
    if not isinstance(images, list):
        return record, []
    urls, pictures = [], []
    for number, image in enumerate(images):
        place = (*steps, "images", number)
        data, url = (image.get("data"), image.get("url")) if isinstance(image, dict) else (None, image)
        if data is None and (isinstance(url, str) or not isinstance(image, dict)):
            if _is_inline(url):
                raise _no_picture(*place, *(["url"] if isinstance(image, dict) else []))
            urls.append(url)
            continue
        try:
            # Many programs break base64 into lines.
            content = b64decode("".join(data.split()), validate=True) if isinstance(data, str) else b""
        except (binascii.Error, ValueError):
            content = b""
        if not content:
            raise _no_picture(*place, "data")
        pictures.append(content)
    return {**record, "images": urls}, pictures


def _is_inline(url: object) -> bool:
    """Whether an address holds the picture itself: taken for an address, it would never be read."""
    return isinstance(url, str) and url.lstrip()[: len(_INLINE)].lower() == _INLINE


def _no_picture(*steps: str | int) -> Problem:
    return Problem(BAD_LISTING, _PICTURE, [_fault(_PICTURE, *steps)], thai=_PICTURE_THAI)


def _steps(error: RecordError) -> list[str]:
    return [error.field] if error.field else []


def _fault(detail: str, *steps: str | int) -> dict[str, str]:
    return {"pointer": pointer_to(*steps), "detail": detail}
