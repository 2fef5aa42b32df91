"""Converts a listing's pictures from the store to the form that is assessed."""

from collections.abc import Sequence

from inference.pictures.assess import GivenPicture
from inference.pictures.errors import CODES, PictureError, ReaderMissing
from inference.pictures.messages import restored
from inference.pictures.reader import MAX_BYTES, SECONDS, ReadPicture
from service.store.pictures.keys import pictures_key
from service.store.pictures.repository import ShownPicture
from service.store.pictures.tables import Picture


def given_of(shown: Sequence[ShownPicture], lacks: str | None = None) -> list[GivenPicture]:
    """Return the pictures of a listing as they were read.

    ``lacks`` names what this machine lacks for reading pictures; pending ones then count as unread.
    """
    return [_given(item.picture, lacks) for item in shown]


def key_of(shown: Sequence[ShownPicture]) -> str:
    """Return the key of these pictures (``service.store.pictures.keys``)."""
    return pictures_key((item.picture.sha256, item.picture.engine) for item in shown)


def _given(picture: Picture, lacks: str | None) -> GivenPicture:
    if picture.reading is not None:
        lines = tuple(restored(line) for line in picture.reading)
        read = ReadPicture(picture.sha256, lines, picture.engine or "")
        return GivenPicture(sha256=picture.sha256, read=read)
    if picture.failure is not None:
        return GivenPicture(sha256=picture.sha256, error=error_of(picture, picture.failure))
    return GivenPicture(sha256=picture.sha256, error=None if lacks is None else ReaderMissing(lacks))


def error_of(picture: Picture, code: str) -> PictureError:
    """The error whose code was stored for a picture, with its message."""
    # The values in the messages follow from the picture and the reader's limits.
    return PictureError(
        code if code in CODES else "picture_failed",
        width=picture.width,
        height=picture.height,
        size=picture.bytes,
        limit=MAX_BYTES,
        seconds=SECONDS,
        what="",
    )
