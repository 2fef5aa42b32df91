"""Captures by evidence file: what the evidence folder must contain."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, or_, select

from labels.schema import Capture as CaptureShape
from service.store.database.repository import Repository
from service.store.tables.core_tables import Capture
from service.store.tables.retention_tables import RemovedEvidence
from service.store.tables.sighting_tables import Sighting


class CaptureRepository(Repository):
    """Repository of the evidence of listings and visits; deleted evidence is left out."""

    def files(self) -> list[str]:
        """The names of the files, relative to the evidence folder, in order."""
        captured = select(Capture.warc_file).where(Capture.removed_at.is_(None)).distinct()
        visited = select(Sighting.warc_file).where(_is_kept()).distinct()
        with self.database.reading() as session:
            return sorted({*session.scalars(captured), *session.scalars(visited)})

    def of_file(self, name: str) -> Iterator[Capture | Sighting]:
        """The captures and visits with records in this file; a visit's record may have no body."""
        captured = select(Capture).where(Capture.warc_file == name, Capture.removed_at.is_(None))
        visited = select(Sighting).where(Sighting.warc_file == name, _is_kept())
        with self.database.reading() as session:
            yield from session.scalars(captured.order_by(Capture.id))
            yield from session.scalars(visited.order_by(Sighting.id))

    def of_picture(self, sha256: str) -> CaptureShape | None:
        """Return the record of a picture with this content that is still in the evidence, or ``None``."""
        query = select(Capture).where(
            Capture.sha256 == sha256,
            Capture.content_type.like("image/%"),
            Capture.removed_at.is_(None),
        )
        with self.database.reading() as session:
            row = session.scalars(query.order_by(Capture.id).limit(1)).first()
        if row is None:
            return None
        return CaptureShape.model_validate({name: getattr(row, name) for name in CaptureShape.model_fields})


def _is_kept() -> ColumnElement[bool]:
    given_up = select(RemovedEvidence.id).where(
        RemovedEvidence.warc_file == Sighting.warc_file,
        or_(
            RemovedEvidence.warc_record_id == Sighting.warc_record_id,
            RemovedEvidence.warc_record_id == "",
        ),
    )
    return ~given_up.exists()
