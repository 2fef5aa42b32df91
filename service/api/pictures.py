"""Pictures within a request's JSON: base64 in ``images`` of a listing."""

import binascii
import threading
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import anyio

from inference.pictures.assess import GivenPicture, read_pictures
from inference.pictures.reader import PictureReader
from service.api.pointers import pointer_to
from service.api.problems import BAD_LISTING, TOO_BUSY, TOO_LARGE, Problem
from service.settings import Settings

_SHAPE = 'a picture is {"data": "…"}, the bytes of its file in base64'


def taken_apart(body: Any, settings: Settings) -> tuple[Any, list[list[bytes]]]:
    """Return a body without its pictures, and the pictures of each listing.

    The body is one listing or ``{"listings": [...]}``. URLs among ``images`` stay in the body. Raises a
    :class:`Problem` for what is no base64, and for too many pictures.
    """
    several = isinstance(body, dict) and isinstance(body.get("listings"), list)
    records = body["listings"] if several else [body]
    parts = [_taken(record, ("listings", number) if several else ()) for number, record in enumerate(records)]
    count = sum(len(pictures) for _, pictures in parts)
    if count > settings.max_pictures:
        detail = f"{count} pictures in one request: send at most {settings.max_pictures} at a time"
        raise Problem(TOO_LARGE, detail)
    bare = [record for record, _ in parts]
    return ({**body, "listings": bare} if several else bare[0]), [pictures for _, pictures in parts]


async def read_all(
    reader: PictureReader, pictures: Sequence[Sequence[bytes]], seconds: float
) -> list[list[GivenPicture]]:
    """Read the pictures of each listing; raises a 503 :class:`Problem` after ``seconds``."""
    late = threading.Event()
    if not any(pictures):
        return [[] for _ in pictures]

    def read() -> list[list[GivenPicture]]:
        found = []
        for one in pictures:
            given: list[GivenPicture] = []
            for content in one:
                if late.is_set():
                    return []
                given += read_pictures(reader, [("", content)])
            found.append(given)
        return found

    with anyio.move_on_after(seconds):
        return await anyio.to_thread.run_sync(read, abandon_on_cancel=True)
    late.set()
    raise Problem(
        TOO_BUSY, f"the pictures were not read within {seconds:g} s: send fewer at once, or to /v1/listings"
    )


def _taken(record: Any, steps: tuple[str | int, ...]) -> tuple[Any, list[bytes]]:
    images = record.get("images") if isinstance(record, dict) else None
    if not isinstance(images, list) or not any(isinstance(image, dict) for image in images):
        return record, []
    urls, pictures = [], []
    for number, image in enumerate(images):
        if not isinstance(image, dict):
            urls.append(image)
            continue
        data = image.get("data")
        try:
            content = b64decode(data, validate=True) if isinstance(data, str) else b""
        except (binascii.Error, ValueError):
            content = b""
        if not content:
            pointer = pointer_to(*steps, "images", number, "data")
            raise Problem(BAD_LISTING, _SHAPE, [{"pointer": pointer, "detail": _SHAPE}])
        pictures.append(content)
    return {**record, "images": urls}, pictures
