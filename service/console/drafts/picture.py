"""A picture of a draft: read once, within bounds, and kept nowhere."""

import threading
from typing import Final

import anyio
from fastapi import Request

from inference.pictures.assess import GivenPicture, read_pictures
from inference.pictures.reader import PictureReader

MAX_PICTURE: Final = 8 * 2**20
"""Largest file in bytes."""

MAX_AT_ONCE: Final = 3
"""Pictures of this page being read or waiting at once; reading one takes a processor a second or more."""

_NAME: Final = "ที่ส่งมา"
"""Stands after "ภาพ" in the answer: the seller sent one picture."""

_in_hand = threading.BoundedSemaphore(MAX_AT_ONCE)


class ReadingBusy(Exception):
    """Too many pictures are being read, or the picture was not read in time."""


def reader_of(request: Request) -> PictureReader | None:
    """Return the reader of the application; ``None`` where pictures cannot be read."""
    reader: PictureReader | None = getattr(request.app.state, "pictures", None)
    return reader if reader is not None and reader.missing() is None else None


async def read_picture(reader: PictureReader, content: bytes, seconds: float) -> GivenPicture:
    """Read the file of a picture; raises :class:`ReadingBusy`."""

    def read() -> GivenPicture:
        # Taken where it is given back: a thread that never starts, because none is free, keeps no place.
        if not _in_hand.acquire(blocking=False):
            raise ReadingBusy
        try:
            (given,) = read_pictures(reader, [(_NAME, content)])
        finally:
            _in_hand.release()
        return given

    with anyio.move_on_after(seconds):
        return await anyio.to_thread.run_sync(read, abandon_on_cancel=True)
    raise ReadingBusy
