"""Public warnings: publication, withdrawal, and the lists for the public and the feeds.

Numbers run per Buddhist year without gaps or duplicates, as for referrals.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from labels.bilingual import Bilingual
from labels.taxonomy import ProductClass, Verdict
from service.store.accounts.policy import PUBLISHING
from service.store.alerts.pictures import NewAlertPicture, add_pictures, delete_contents
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.decisions import decides
from service.store.cases.reviews import ReviewRefused, open_account
from service.store.database.columns import now
from service.store.database.errors import Refusal
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.database.running_numbers import MAX_PREFIX, next_number
from service.store.referrals.standing import stands
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Review, Reviewer
from service.text import alert_texts

MAX_TITLE, MAX_TEXT, MAX_REASON, MAX_WHAT = 200, 8000, 1000, 1000
"""Maximum lengths in characters: title, text, reason of a withdrawal, description of a correction."""


class AlertRefused(Refusal):
    """A warning or withdrawal that cannot be stored."""


@dataclass(frozen=True)
class AlertFilter:
    """The filter of a list of warnings; ``None`` does not narrow.

    ``shaken`` selects published warnings whose decision no longer stands. Warnings of the listings in
    ``without`` are left out, except those in ``kept``. Each of ``words`` must occur in the title or,
    unless the warning was withdrawn, in the text.
    """

    product_class: ProductClass | None = None
    withdrawn: bool | None = None
    shaken: bool | None = None
    without: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()


class AlertRepository(Repository):
    """Repository of warnings."""

    def publish(
        self,
        review_id: int,
        reviewer_id: int,
        prefix: str,
        product_class: ProductClass,
        title: str,
        text: str,
        pictures: Sequence[NewAlertPicture] = (),
    ) -> AlertRow:
        """Publish a decided case under the next number.

        The caller has checked the texts for personal data, and a person has looked at the ``pictures``.
        Raises :class:`AlertRefused` if the decision is not "prohibited" or no longer stands, the listing has
        a published warning, the account may not publish, or a text is empty or too long.
        """
        title, text = checked_texts(title, text)
        if len(prefix) > MAX_PREFIX:
            raise AlertRefused(alert_texts.PREFIX_TOO_LONG.format(most=MAX_PREFIX))
        with self.database.writing() as session:
            take_turn(session)
            reviewer = publisher(session, reviewer_id)
            review = session.get(Review, review_id)
            if review is None or review.decision != Verdict.PROHIBITED.value or not stands(session, review):
                raise AlertRefused(alert_texts.NOT_STANDING)
            if taken := _of_listing(session, review.listing_id):
                raise AlertRefused(alert_texts.ALREADY_PUBLISHED.format(number=taken.number))
            moment = now()
            year, serial = next_number(session, AlertRow, moment)
            row = AlertRow(
                prefix=prefix,
                year=year,
                serial=serial,
                listing_id=review.listing_id,
                review_id=review.id,
                product_class=product_class.value,
                title=title,
                text=text,
                published_at=moment,
                published_by=reviewer.id,
                changed_at=moment,
            )
            session.add(row)
            session.flush()
            shown = add_pictures(session, row.id, pictures)
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.ALERT_PUBLISH,
                audit_names.alert(row.id),
                {
                    "number": row.number,
                    "listings": [row.listing_id],
                    "review": row.review_id,
                    "text_sha256": text_digest(row),
                    **({"pictures": shown} if shown else {}),
                },
            )
        return row

    def withdraw(self, alert_id: int, reviewer_id: int, reason: str) -> AlertRow:
        """Withdraw a published warning and delete its pictures' content; raises :class:`AlertRefused`."""
        reason = checked(reason, MAX_REASON, alert_texts.REASON)
        with self.database.writing() as session:
            take_turn(session)
            reviewer = publisher(session, reviewer_id)
            row = published(session, alert_id)
            moment = now()
            row.withdrawn_at, row.withdrawn_by, row.reason, row.changed_at = (
                moment,
                reviewer.id,
                reason,
                moment,
            )
            delete_contents(session, row.id)
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.ALERT_WITHDRAW,
                audit_names.alert(row.id),
                {
                    "number": row.number,
                    "listings": [row.listing_id],
                    "review": row.review_id,
                    "reason": reason,
                    "decision_stood": not is_shaken(session, row),
                },
            )
        return row

    def get(self, alert_id: int) -> AlertRow | None:
        """The warning with this id, or ``None``."""
        with self.database.reading() as session:
            return session.get(AlertRow, alert_id)

    def find(self, year: int, serial: int) -> AlertRow | None:
        """The warning with this serial number of a Buddhist year, or ``None``."""
        query = select(AlertRow).where(AlertRow.year == year, AlertRow.serial == serial)
        with self.database.reading() as session:
            return session.scalars(query).first()

    def of_listing(self, listing_id: int) -> list[AlertRow]:
        """Every warning of a listing, oldest first."""
        query = select(AlertRow).where(AlertRow.listing_id == listing_id).order_by(AlertRow.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def of_listings(self, listing_ids: Collection[int]) -> list[AlertRow]:
        """Every warning of these listings, oldest first."""
        query = select(AlertRow).where(AlertRow.listing_id.in_(listing_ids)).order_by(AlertRow.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def shaken(self, alerts: Iterable[AlertRow]) -> frozenset[int]:
        """The ids of those warnings that are published and rest on a decision that no longer stands."""
        numbers = [alert.id for alert in alerts]
        if not numbers:
            return frozenset()
        query = select(AlertRow.id).where(AlertRow.id.in_(numbers), *_conditions(AlertFilter(shaken=True)))
        with self.database.reading() as session:
            return frozenset(session.scalars(query))

    def count(self, wanted: AlertFilter) -> int:
        """The number of warnings that match the filter."""
        query = select(func.count()).select_from(AlertRow).where(*_conditions(wanted))
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def page(self, wanted: AlertFilter, offset: int = 0, limit: int = 20) -> list[AlertRow]:
        """One page of warnings, newest number first."""
        query = select(AlertRow).where(*_conditions(wanted))
        query = query.order_by(AlertRow.year.desc(), AlertRow.serial.desc()).offset(offset).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def changes(self, wanted: AlertFilter, limit: int = 50) -> list[AlertRow]:
        """Warnings by the time of their latest change, newest first; publication counts as a change."""
        query = select(AlertRow).where(*_conditions(wanted))
        query = query.order_by(AlertRow.changed_at.desc(), AlertRow.id.desc()).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))


def publisher(session: Session, reviewer_id: int) -> Reviewer:
    """The account, if it may publish, correct and withdraw; otherwise raises :class:`AlertRefused`."""
    try:
        reviewer = open_account(session, reviewer_id)
    except ReviewRefused as error:
        raise AlertRefused(alert_texts.ACCOUNT_CLOSED.format(error=error)) from error
    if reviewer.role not in PUBLISHING:
        raise AlertRefused(alert_texts.NOT_A_LEAD)
    return reviewer


def published(session: Session, alert_id: int) -> AlertRow:
    """The published warning with this id; raises :class:`AlertRefused` if there is none."""
    row = session.get(AlertRow, alert_id)
    if row is None:
        raise AlertRefused(alert_texts.NO_SUCH_ALERT.format(number=alert_id))
    if row.withdrawn:
        raise AlertRefused(alert_texts.WITHDRAWN.format(number=row.number))
    return row


def text_digest(row: AlertRow) -> str:
    """The digest that identifies the published text in the audit trail."""
    return sha256(f"{row.title}\n{row.text}".encode()).hexdigest()


def checked_texts(title: str, text: str) -> tuple[str, str]:
    """A warning's title and text, validated and trimmed; raises :class:`AlertRefused`."""
    return checked(title, MAX_TITLE, alert_texts.TITLE), checked(text, MAX_TEXT, alert_texts.TEXT)


def _of_listing(session: Session, listing_id: int) -> AlertRow | None:
    query = select(AlertRow).where(AlertRow.listing_id == listing_id, AlertRow.withdrawn_at.is_(None))
    return session.scalars(query.limit(1)).first()


def checked(value: str, most: int, what: Bilingual) -> str:
    """A text, validated and trimmed; raises :class:`AlertRefused` if it is empty or too long."""
    value = storable(value.strip())
    if not value:
        raise AlertRefused(alert_texts.MISSING.format(thai=what.thai, english=what.english))
    if len(value) > most:
        raise AlertRefused(
            alert_texts.TOO_LONG.format(thai=what.thai, count=len(value), most=most, english=what.english)
        )
    return value


def _shaken() -> ColumnElement[bool]:
    """Whether the warning's decision no longer stands, as ``service.store.referrals.standing`` says."""
    later = aliased(Review)
    return exists(
        select(later.id)
        .where(later.listing_id == AlertRow.listing_id, later.id > AlertRow.review_id, decides(later))
        .correlate(AlertRow)
    )


def is_shaken(session: Session, alert: AlertRow) -> bool:
    """Whether the decision behind a warning no longer stands."""
    return session.scalar(select(AlertRow.id).where(AlertRow.id == alert.id, _shaken())) is not None


def _conditions(wanted: AlertFilter) -> Collection[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.product_class is not None:
        found.append(AlertRow.product_class == wanted.product_class.value)
    if wanted.withdrawn is not None:
        found.append(
            AlertRow.withdrawn_at.is_not(None) if wanted.withdrawn else AlertRow.withdrawn_at.is_(None)
        )
    if wanted.shaken is not None:
        shaken = AlertRow.withdrawn_at.is_(None) & _shaken()
        found.append(shaken if wanted.shaken else ~shaken)
    if wanted.without:
        found.append(AlertRow.listing_id.not_in(wanted.without) | AlertRow.id.in_(wanted.kept))
    for word in storable(list(wanted.words)):
        in_text = AlertRow.withdrawn_at.is_(None) & AlertRow.text.icontains(word, autoescape=True)
        found.append(AlertRow.title.icontains(word, autoescape=True) | in_text)
    return found
