"""Captures by the file that they lie in: what the evidence folder must hold."""

from collections.abc import Iterator

from sqlalchemy import select

from service.store.models import Capture
from service.store.repository import Repository


class CaptureRepository(Repository):
    """The evidence that the store relies on; what was given up is left out."""

    def files(self) -> list[str]:
        """The names of the files, within the evidence folder, in order."""
        query = select(Capture.warc_file).where(Capture.removed_at.is_(None)).distinct()
        with self.database.reading() as session:
            return sorted(session.scalars(query))

    def of_file(self, name: str) -> Iterator[Capture]:
        """The captures whose records lie in this file."""
        query = select(Capture).where(Capture.warc_file == name, Capture.removed_at.is_(None))
        with self.database.reading() as session:
            yield from session.scalars(query.order_by(Capture.id))
