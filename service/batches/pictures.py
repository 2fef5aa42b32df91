"""The pictures of a batch: read as its rows name them, and stored if the listings are."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from inference.pictures.assess import GivenPicture
from inference.pictures.errors import PictureError
from inference.pictures.messages import stored
from inference.pictures.named import NamedPictures
from inference.pictures.reader import PictureReader
from labels.schema import Listing
from service.batches.archive import Archive, opened
from service.store.pictures.files import NotAPicture, PictureFiles, read_header
from service.store.pictures.repository import NewPicture, Reading, SentPicture


class BatchPictures:
    """The pictures of a chunk of a batch; remembers those that were read when the archive is opened again.

    Args:
        reader: ``None`` leaves the pictures unread.
        kept: where to store them; ``None`` stores none.
    """

    def __init__(self, reader: PictureReader | None, kept: PictureFiles | None) -> None:
        self.opened = 0
        """How many files were read so far."""
        self._files: Archive | None = None
        self._kept = kept
        self._named = NamedPictures(reader, self, self._note)
        self._new: dict[str, NewPicture] = {}
        self._names: dict[str, str] = {}

    @contextmanager
    def within(self, archive: Path, max_bytes: int) -> Iterator[None]:
        """Open the archive while the block runs.

        Raises ``OSError`` and :class:`~service.batches.problems.BadFile`.
        """
        with opened(archive, max_bytes) as self._files:
            yield

    def content(self, name: str) -> bytes:
        """Return the bytes of a file in the open archive; raises ``PictureError``."""
        assert self._files is not None
        self.opened += 1
        return self._files.content(name)

    def of(self, listing: Listing) -> Iterator[GivenPicture]:
        """Read the pictures of a listing one by one."""
        return self._named.of(listing)

    def sent(self, given: Sequence[GivenPicture]) -> list[SentPicture]:
        """Return those of a listing's pictures that are to be stored, each once."""
        distinct = {picture.sha256: picture for picture in given if picture.sha256 in self._new}
        return [SentPicture(self._new[digest], _reading(picture)) for digest, picture in distinct.items()]

    def store(self, sent: Iterable[SentPicture]) -> None:
        """Store the files of pictures whose rows are written in the same transaction.  Raises ``OSError``."""
        assert self._kept is not None
        for item in sent:
            try:
                content = self.content(self._names[item.new.sha256])
            except PictureError as error:
                raise OSError(f"the archive changed: {error}") from error
            if self._kept.put(content) != item.new.sha256:
                raise OSError("the archive changed")

    def _note(self, name: str, content: bytes) -> None:
        if self._kept is None:
            return
        try:
            media_type, width, height = read_header(content)
        except NotAPicture:
            return
        digest = sha256(content).hexdigest()
        self._names[digest] = name
        self._new[digest] = NewPicture(digest, media_type, width, height, len(content))


def _reading(picture: GivenPicture) -> Reading | None:
    read = picture.read
    return None if read is None else Reading(read.engine, [stored(line) for line in read.lines])
