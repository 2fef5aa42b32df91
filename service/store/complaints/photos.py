"""Photos sent by complainants."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.database.repository import Repository
from service.store.tables.complaint_tables import Complaint, ComplaintPhoto

MOST: Final = 3
"""Maximum number of photos of one complaint."""
MAX_BYTES: Final = 5 * 2**20
"""Maximum size of one photo in bytes."""


@dataclass(frozen=True)
class NewPhoto:
    """A photo whose type and size have been checked."""

    content: bytes
    media_type: str


class PhotoRepository(Repository):
    """Repository of complainants' photos."""

    def of_complaint(self, complaint_id: int) -> list[ComplaintPhoto]:
        """Return a complaint's photos in the order in which they were sent, without their content."""
        query = select(ComplaintPhoto).where(ComplaintPhoto.complaint_id == complaint_id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(ComplaintPhoto.id)))

    def get(self, complaint_id: int, photo_id: int) -> ComplaintPhoto | None:
        """Return one photo of a complaint with its content, or ``None``."""
        query = (
            select(ComplaintPhoto)
            .where(ComplaintPhoto.id == photo_id, ComplaintPhoto.complaint_id == complaint_id)
            .options(undefer(ComplaintPhoto.content))
        )
        with self.database.reading() as session:
            return session.scalars(query).first()


def keep_photos(session: Session, row: Complaint, photos: Iterable[NewPhoto]) -> int:
    """Add photos inside the caller's transaction, at most :data:`MOST` in all; returns how many were added.

    Duplicates are skipped.
    """
    mine = ComplaintPhoto.complaint_id == row.id
    there = set(session.scalars(select(ComplaintPhoto.sha256).where(mine)))
    room = MOST - (session.scalar(select(func.count()).select_from(ComplaintPhoto).where(mine)) or 0)
    added: list[str] = []
    for photo in photos:
        digest = sha256(photo.content).hexdigest()
        if digest in there or len(added) >= room:
            continue
        there.add(digest)
        added.append(digest)
        session.add(
            ComplaintPhoto(
                complaint_id=row.id, sha256=digest, media_type=photo.media_type, content=photo.content
            )
        )
    if added:
        # The digests can prove later that the photos are unchanged.
        detail = {"number": row.number, "photos": added}
        append(session, audit_names.PUBLIC, AuditAction.COMPLAINT_ADD, audit_names.complaint(row.id), detail)
    return len(added)
