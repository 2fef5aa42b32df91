"""Requests to platforms for data about a seller, and their answers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from labels.marketplaces.designated import DutyKind, designated
from service.store.accounts.policy import SENDING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.reviews import open_account
from service.store.database.columns import now
from service.store.database.errors import Refusal
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.duties.tables import Outcome, SellerDataRequest
from service.store.tables.core_tables import Listing
from service.text import duty_texts
from service.text.thai_calendar import local_day

MAX_REFERENCE = 200


class RequestRefused(Refusal):
    """A request or answer that cannot be stored."""


class SellerDataRepository(Repository):
    """Repository of requests for seller data."""

    def ask(self, listing_id: int, reviewer_id: int, reference: str, sent_at: datetime) -> SellerDataRequest:
        """Record a request that was sent to the platform of a listing.

        The platform is told by the listing's address. Raises :class:`RequestRefused` if the account may not
        send letters, the listing is gone, the letter's number is missing or too long, or the day is yet to
        come.
        """
        reference = storable(reference.strip())
        if not reference or len(reference) > MAX_REFERENCE:
            raise RequestRefused(duty_texts.NO_REFERENCE.format(most=MAX_REFERENCE))
        if local_day(sent_at) > local_day(now()):
            raise RequestRefused(duty_texts.IN_THE_FUTURE)
        with self.database.writing() as session:
            take_turn(session)
            reviewer = open_account(session, reviewer_id)
            if reviewer.role not in SENDING:
                raise RequestRefused(duty_texts.NOT_A_LEAD)
            listing = session.get(Listing, listing_id)
            if listing is None:
                raise RequestRefused(duty_texts.NO_LISTING.format(number=listing_id))
            platform = designated().marketplace_of(listing.url)
            row = SellerDataRequest(
                listing_id=listing.id,
                marketplace=platform.id if platform else "",
                reference=reference,
                sent_at=sent_at,
                due_at=designated().due_at(DutyKind.SELLER_DATA, sent_at),
                created_by=reviewer.id,
            )
            session.add(row)
            session.flush()
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.SELLER_DATA_ASK,
                audit_names.listing(listing.id),
                {
                    "request": row.id,
                    "reference": reference,
                    "marketplace": row.marketplace,
                    "happened_at": sent_at.isoformat(),
                    "due_at": row.due_at.isoformat() if row.due_at else None,
                },
            )
        return row

    def answer(self, request_id: int, reviewer_id: int, outcome: Outcome, answered_at: datetime) -> None:
        """Record the platform's answer; raises :class:`RequestRefused` if there is one already."""
        with self.database.writing() as session:
            take_turn(session)
            reviewer = open_account(session, reviewer_id)
            if reviewer.role not in SENDING:
                raise RequestRefused(duty_texts.NOT_A_LEAD)
            row = session.get(SellerDataRequest, request_id)
            if row is None or row.answered_at is not None:
                raise RequestRefused(duty_texts.NOT_WAITING)
            if not local_day(row.sent_at) <= local_day(answered_at) <= local_day(now()):
                raise RequestRefused(duty_texts.WRONG_DAY)
            row.answered_at, row.outcome = answered_at, outcome.value
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.SELLER_DATA_ANSWER,
                audit_names.listing(row.listing_id),
                {"request": row.id, "happened_at": answered_at.isoformat(), "outcome": outcome.value},
            )

    def of_listings(self, listing_ids: Collection[int], limit: int = 50) -> list[SellerDataRequest]:
        """The newest requests about these listings."""
        query = select(SellerDataRequest).where(SellerDataRequest.listing_id.in_(listing_ids))
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(SellerDataRequest.id.desc()).limit(limit)))
