"""Corrections of public warnings under the same number: new text, pictures taken back.

The earlier text is stored.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select

from service.store.alerts.pictures import take_back
from service.store.alerts.repository import (
    MAX_WHAT,
    AlertRefused,
    checked,
    checked_texts,
    is_shaken,
    published,
    publisher,
    text_digest,
)
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.tables.alert_tables import AlertCorrection, AlertRow
from service.text import alert_texts


class AlertCorrectionRepository(Repository):
    """Repository of corrections."""

    def correct(
        self,
        alert_id: int,
        reviewer_id: int,
        title: str,
        text: str,
        what: str,
        seen: int,
        taken_back: Collection[str] = (),
    ) -> AlertRow:
        """Replace the text of a published warning, or take pictures back.

        ``what`` tells the public what was corrected; ``seen`` is the number of corrections that the page
        showed; ``taken_back`` are the published hashes of pictures to be deleted. The caller has checked all
        three texts for personal data. Raises :class:`~service.store.alerts.repository.AlertRefused` if the
        warning is withdrawn, rests on a decision that no longer stands (it has to be withdrawn), was
        corrected in the meantime, does not show a picture, or would not change.
        """
        title, text = checked_texts(title, text)
        what = checked(what, MAX_WHAT, alert_texts.CORRECTED)
        with self.database.writing() as session:
            take_turn(session)
            reviewer = publisher(session, reviewer_id)
            row = published(session, alert_id)
            if is_shaken(session, row):
                raise AlertRefused(alert_texts.DECISION_FELL.format(number=row.number))
            known = session.scalar(select(func.count()).where(AlertCorrection.alert_id == row.id)) or 0
            if known != seen:
                raise AlertRefused(alert_texts.CHANGED_MEANWHILE.format(number=row.number))
            if (title, text) == (row.title, row.text) and not taken_back:
                raise AlertRefused(alert_texts.NOTHING_CHANGED)
            pictures = take_back(session, row.id, taken_back)
            if pictures is None:
                raise AlertRefused(alert_texts.NO_SUCH_PICTURE)
            moment = now()
            before = text_digest(row)
            session.add(
                AlertCorrection(
                    alert_id=row.id,
                    title=row.title,
                    text=row.text,
                    what=what,
                    corrected_at=moment,
                    corrected_by=reviewer.id,
                )
            )
            row.title, row.text, row.changed_at = title, text, moment
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.ALERT_CORRECT,
                audit_names.alert(row.id),
                {
                    "number": row.number,
                    "listings": [row.listing_id],
                    "review": row.review_id,
                    "what": what,
                    "before_sha256": before,
                    "text_sha256": text_digest(row),
                    **({"pictures_taken_back": pictures} if pictures else {}),
                },
            )
        return row

    def of(self, alert_ids: Iterable[int]) -> dict[int, list[AlertCorrection]]:
        """The corrections of these warnings, oldest first; those without any are left out."""
        query = (
            select(AlertCorrection)
            .where(AlertCorrection.alert_id.in_(list(alert_ids)))
            .order_by(AlertCorrection.id)
        )
        found: dict[int, list[AlertCorrection]] = {}
        with self.database.reading() as session:
            for row in session.scalars(query):
                found.setdefault(row.alert_id, []).append(row)
        return found
