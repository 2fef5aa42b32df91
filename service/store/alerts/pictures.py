"""Pictures in public warnings: stored as published, and served until taken back or withdrawn."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.alert_tables import AlertPicture, AlertRow


@dataclass(frozen=True)
class NewAlertPicture:
    """A picture to be published.

    Attributes:
        picture: hex digest of the stored picture.
        content: the JPEG that the public sees.
        blurred: whether everything but the marked words is blurred.
        words: the marked words in the order of their numbers, ``{"text", "reading", "label"}`` each.
    """

    picture: str
    content: bytes
    blurred: bool
    words: Sequence[dict[str, str]]


class AlertPictureRepository(Repository):
    """Repository of published pictures."""

    def of(self, alert_id: int) -> list[AlertPicture]:
        """The pictures that a warning shows, in order, without their content."""
        with self.database.reading() as session:
            return _shown(session, alert_id)

    def content(self, alert_id: int, digest: str) -> bytes | None:
        """The JPEG with this hash in a published warning; ``None`` if the warning does not show it."""
        query = (
            select(AlertPicture.content)
            .join(AlertRow, AlertRow.id == AlertPicture.alert_id)
            .where(
                AlertPicture.alert_id == alert_id,
                AlertPicture.sha256 == digest,
                AlertRow.withdrawn_at.is_(None),
            )
        )
        with self.database.reading() as session:
            return session.scalars(query).first() or None


def add_pictures(
    session: Session, alert_id: int, pictures: Sequence[NewAlertPicture]
) -> list[dict[str, Any]]:
    """Add the pictures of a warning that is being published; returns them as the audit trail names them."""
    named = []
    for position, new in enumerate(pictures):
        digest = sha256(new.content).hexdigest()
        session.add(
            AlertPicture(
                alert_id=alert_id,
                position=position,
                sha256=digest,
                picture=new.picture,
                blurred=new.blurred,
                words=[storable(dict(words)) for words in new.words],
                content=new.content,
            )
        )
        named.append({"picture": new.picture, "published_sha256": digest, "blurred": new.blurred})
    return named


def take_back(session: Session, alert_id: int, digests: Collection[str]) -> list[dict[str, Any]] | None:
    """Delete the JPEGs with these hashes from a published warning; their hashes stay.

    Returns them as the audit trail names them, or ``None`` if the warning does not show all of them.
    """
    rows = [row for row in _shown(session, alert_id) if row.sha256 in digests]
    if {row.sha256 for row in rows} != set(digests):
        return None
    for row in rows:
        row.content = b""
    return [{"picture": row.picture, "published_sha256": row.sha256} for row in rows]


def delete_contents(session: Session, alert_id: int) -> None:
    """Delete the JPEGs of a warning that is being withdrawn; their hashes stay."""
    session.execute(update(AlertPicture).where(AlertPicture.alert_id == alert_id).values(content=b""))


def _shown(session: Session, alert_id: int) -> list[AlertPicture]:
    query = (
        select(AlertPicture)
        .join(AlertRow, AlertRow.id == AlertPicture.alert_id)
        .where(
            AlertPicture.alert_id == alert_id,
            AlertRow.withdrawn_at.is_(None),
            func.length(AlertPicture.content) > 0,
        )
        .order_by(AlertPicture.position)
    )
    return list(session.scalars(query))
