"""Photos sent by complainants."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.database.errors import StoreError
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


class TooManyPhotos(StoreError):
    """More photos than a complaint may still have, which is ``room``; none of them was kept."""

    def __init__(self, room: int) -> None:
        super().__init__(f"a complaint has at most {MOST} photos: {room} more can be sent")
        self.room = room


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
    """Add photos inside the caller's transaction; returns how many were added.

    Duplicates are skipped. Raises :class:`TooManyPhotos` for more than :data:`MOST` in all.
    """
    mine = ComplaintPhoto.complaint_id == row.id
    there = set(session.scalars(select(ComplaintPhoto.sha256).where(mine)))
    sent = {sha256(photo.content).hexdigest(): photo for photo in photos}
    added = {digest: photo for digest, photo in sent.items() if digest not in there}
    if len(there) + len(added) > MOST:
        raise TooManyPhotos(MOST - len(there))
    for digest, photo in added.items():
        session.add(
            ComplaintPhoto(
                complaint_id=row.id, sha256=digest, media_type=photo.media_type, content=photo.content
            )
        )
    if added:
        # The digests can prove later that the photos are unchanged.
        detail = {"number": row.number, "photos": list(added)}
        append(session, audit_names.PUBLIC, AuditAction.COMPLAINT_ADD, audit_names.complaint(row.id), detail)
    return len(added)
