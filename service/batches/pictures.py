"""The pictures of a batch: read as its rows name them, and stored if the listings are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from inference.pictures.assess import GivenPicture
from inference.pictures.messages import stored
from inference.pictures.named import NamedFiles, NamedPictures
from inference.pictures.reader import PictureReader
from labels.schema import Listing
from service.batches.archive import opened
from service.store.pictures.files import NotAPicture, PictureFiles, read_header
from service.store.pictures.repository import NewPicture, Reading, SentPicture


class BatchPictures:
    """The pictures of a batch.

    Args:
        files: the files that its rows may name.
        reader: ``None`` leaves the pictures unread.
        kept: where to store them; ``None`` stores none.
    """

    def __init__(self, files: NamedFiles, reader: PictureReader | None, kept: PictureFiles | None) -> None:
        self._named = NamedPictures(reader, files, self._keep)
        self._kept = kept
        self._new: dict[str, NewPicture] = {}

    def of(self, listing: Listing) -> Iterator[GivenPicture]:
        """Read the pictures of a listing one by one.  Raises ``OSError`` if one cannot be stored."""
        return self._named.of(listing)

    def sent(self, given: Sequence[GivenPicture]) -> list[SentPicture]:
        """Return those of a listing's pictures that were stored."""
        return [
            SentPicture(self._new[picture.sha256], _reading(picture))
            for picture in given
            if picture.sha256 in self._new
        ]

    def _keep(self, content: bytes) -> None:
        if self._kept is None:
            return
        try:
            media_type, width, height = read_header(content)
        except NotAPicture:
            return
        self._kept.put(content)
        digest = sha256(content).hexdigest()
        self._new[digest] = NewPicture(digest, media_type, width, height, len(content))


@contextmanager
def pictures_in(
    archive: Path, max_bytes: int, reader: PictureReader | None, kept: PictureFiles | None
) -> Iterator[BatchPictures | None]:
    """Open the pictures of an archive while the block runs; ``None`` for a batch without one.

    Raises ``OSError`` and :class:`~service.batches.problems.BadFile`.
    """
    if not archive.is_file():
        yield None
        return
    with opened(archive, max_bytes) as files:
        yield BatchPictures(files, reader, kept)


def _reading(picture: GivenPicture) -> Reading | None:
    read = picture.read
    return None if read is None else Reading(read.engine, [stored(line) for line in read.lines])
