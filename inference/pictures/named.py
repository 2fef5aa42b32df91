"""Pictures that a listing names as files, in a folder or an archive that comes with the listing."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from inference.pictures.assess import GivenPicture
from inference.pictures.errors import PictureError
from inference.pictures.reader import MAX_BYTES, PictureReader
from labels.schema import Listing

MOST: Final = 20
"""Maximum number of pictures of one listing that are read."""

_REMEMBERED: Final = 256
_SHOWN: Final = 200
"""Characters of a name that are shown in answers."""
_FIELD: Final = "images"
_NONE: Final = "none"
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://|//|data:", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[|\r\n]+")


class NamedFiles(Protocol):
    """The files that listings may name."""

    def content(self, name: str) -> bytes:
        """Return the bytes of a file; raises :class:`PictureError`."""


class PictureFolder:
    """The files below a folder, by their path relative to it."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()

    def content(self, name: str) -> bytes:
        """Return the bytes of a file below the folder; raises :class:`PictureError`.

        The names come with the listings, so none may lead out of the folder, not even by a link.
        """
        try:
            path = (self._root / name.replace("\\", "/")).resolve()
            if not path.is_relative_to(self._root) or not path.is_file():
                raise PictureError("picture_not_in_folder")
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise PictureError("picture_too_large", size=size, limit=MAX_BYTES)
            return path.read_bytes()
        except (ValueError, RuntimeError) as error:  # a NUL in the name, or links in a circle
            raise PictureError("picture_not_in_folder") from error
        except OSError as error:
            raise PictureError("picture_unopened", reason=error.strerror or str(error)) from error


def names_in(listing: Listing) -> list[str]:
    """Return the files that a listing names (:func:`names_under`)."""
    return names_under(_given(listing))


def names_under(images: object) -> list[str]:
    """Return the files that a record's ``images`` name, each once; web addresses are left out.

    In a table, they stand in one cell, on separate lines or separated by ``|``, or as a JSON list.
    """
    return [image for image in dict.fromkeys(_entries(images)) if not _ADDRESS.match(image)]


def shows_none(listing: Listing) -> bool:
    """Whether a listing states, by the word ``none`` alone under ``images``, that it shows no pictures.

    An empty list or cell says nothing: programs write it for pictures that they do not know.
    """
    return _stated(_given(listing)) == [_NONE]


def without_names(listing: Listing) -> Listing:
    """Return the listing with the web addresses alone under ``images``."""
    addresses = [image for image in dict.fromkeys(_entries(_given(listing))) if _ADDRESS.match(image)]
    cell = listing.extra.get(_FIELD)
    extra = {key: value for key, value in listing.extra.items() if key != _FIELD or not isinstance(cell, str)}
    return listing.model_copy(update={"images": addresses, "extra": extra})


class NamedPictures:
    """Reads the pictures that listings name.

    Args:
        reader: ``None`` leaves the pictures pending.
        files: the files that may be named.
        note: called with the name and the bytes of each file that is found.
    """

    def __init__(
        self,
        reader: PictureReader | None,
        files: NamedFiles,
        note: Callable[[str, bytes], object] = lambda name, content: None,
    ) -> None:
        self._reader, self._files, self._note = reader, files, note
        self._one = lru_cache(_REMEMBERED)(self._given)  # many listings of a shop show the same picture

    def of(self, listing: Listing) -> Iterator[GivenPicture]:
        """Read the pictures of a listing one by one; one that is missing or unreadable carries the reason.

        One entry stands for all beyond :data:`MOST`, whose names may be many thousands.
        """
        names = names_in(listing)
        for name in names[:MOST]:
            yield self._one(name)
        if left := names[MOST:]:
            error = PictureError("picture_one_too_many", limit=MOST, count=len(left))
            yield GivenPicture(left[0][:_SHOWN], error=error)

    def _given(self, name: str) -> GivenPicture:
        shown, digest = name[:_SHOWN], ""
        try:
            content = self._files.content(name)
            digest = sha256(content).hexdigest()
            self._note(name, content)
            read = None if self._reader is None else self._reader.read(content)
            return GivenPicture(shown, digest, read)
        except PictureError as error:
            return GivenPicture(shown, digest, error=error)


def _given(listing: Listing) -> object:
    return listing.images or listing.extra.get(_FIELD)  # a cell is a text among the fields that are lists


def _entries(images: object) -> list[str]:
    stated = _stated(images)
    return [] if stated == [_NONE] else stated


def _stated(images: object) -> list[str]:
    if isinstance(images, list) and all(isinstance(image, str) for image in images):
        return [name for image in images if (name := image.strip())]
    return _of_cell(images) if isinstance(images, str) else []


def _of_cell(cell: str) -> list[str]:
    if cell.lstrip().startswith("["):
        with suppress(ValueError, RecursionError):
            found = json.loads(cell)
            if isinstance(found, list) and all(isinstance(item, str) for item in found):
                return [name for item in found if (name := item.strip())]
    return [part.strip() for part in _BETWEEN.split(cell) if part.strip()]
