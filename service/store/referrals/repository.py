"""Referrals and their history.

Numbers run per Buddhist year without gaps or duplicates: a number is assigned while holding the lock of the
audit trail (``audit.take_turn``), and no referral is ever deleted. The history is append-only; a referral's
own row copies its newest event.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from labels.marketplaces.designated import DutyKind, designated
from service.store.accounts.policy import SENDING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.json_text import storable
from service.store.database.running_numbers import MAX_PREFIX, next_number
from service.store.referrals.candidates import Candidates, candidates
from service.store.referrals.covered import CoveredListing, about, covered, still_covered
from service.store.referrals.history import add_event, first_sent, newest_event
from service.store.referrals.listed import ListedReferral, ReferralFilter, conditions_of, listed
from service.store.referrals.sent import LetterWords, forget_words, settle_words
from service.store.referrals.standing import dated, letter_year, stands
from service.store.referrals.steps import (
    FOLLOWS,
    MAX_LISTINGS,
    OPEN,
    RECORDED,
    Passages,
    ReferralChanged,
    ReferralRefused,
    Step,
    checked,
    checked_passages,
)
from service.store.tables.core_tables import Listing, Review, Reviewer
from service.store.tables.referral_tables import (
    Recipient,
    ReferralEvent,
    ReferralListing,
    ReferralRow,
    ReferralStatus,
)
from service.text import referral_texts
from service.text.thai_calendar import local_day


class ReferralRepository(LetterWords):
    """Repository of referrals and their history."""

    def create(
        self, review_id: int, reviewer_id: int, recipient: Recipient, prefix: str, province: str = ""
    ) -> ReferralRow:
        """Draft a referral of a decided case and assign its number.

        Raises :class:`ReferralRefused` as :meth:`create_joint` does.
        """
        return self.create_joint((review_id,), reviewer_id, recipient, prefix, province)

    def create_joint(
        self,
        review_ids: Collection[int],
        reviewer_id: int,
        recipient: Recipient,
        prefix: str,
        province: str = "",
    ) -> ReferralRow:
        """Draft one referral of several decided cases, in the order of their listings, under one number.

        Raises :class:`ReferralRefused` if a decision does not stand or is not adverse, an open referral to
        the same recipient covers it, the province is missing or superfluous, or there are no decisions or
        more than :data:`~service.store.referrals.steps.MAX_LISTINGS`.
        """
        province = _province(recipient, province)
        if len(prefix) > MAX_PREFIX:
            raise ReferralRefused(referral_texts.PREFIX_TOO_LONG.format(most=MAX_PREFIX))
        with self.database.writing() as session:
            take_turn(session)
            reviewer = _open_account(session, reviewer_id)
            reviews = _standing_reviews(session, review_ids)
            for review in reviews:
                if taken := _open_one(session, review, recipient, province):
                    raise ReferralRefused(
                        referral_texts.ALREADY_REFERRED.format(case=review.listing_id, number=taken.number)
                    )
            moment = now()
            year, serial = next_number(session, ReferralRow, moment)
            row = ReferralRow(
                prefix=prefix,
                year=year,
                serial=serial,
                listing_id=reviews[0].listing_id,
                review_id=reviews[0].id,
                recipient=recipient.value,
                province=province,
                created_at=moment,
                created_by=reviewer.id,
                status=ReferralStatus.DRAFT.value,
                moved_at=moment,
            )
            session.add(row)
            session.flush()
            for review in reviews:
                session.add(
                    ReferralListing(referral_id=row.id, listing_id=review.listing_id, review_id=review.id)
                )
                session.flush()  # numbered in the order of the annex
            add_event(session, row, reviewer, Step(ReferralStatus.DRAFT, moment), moment)
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.REFERRAL_CREATE,
                audit_names.referral(row.id),
                {
                    "number": row.number,
                    "listings": [review.listing_id for review in reviews],
                    "reviews": [review.id for review in reviews],
                    "recipient": row.recipient,
                    "province": row.province,
                },
            )
        return row

    def may_refer(
        self, review_ids: Collection[int], recipient: Recipient, province: str = ""
    ) -> list[Review]:
        """The decisions that a letter to this recipient would rest on; stores nothing.

        Raises :class:`ReferralRefused` as :meth:`create_joint` does, but ignores other open referrals.
        """
        _province(recipient, province)
        with self.database.reading() as session:
            return _standing_reviews(session, review_ids)

    def candidates(
        self,
        listings: Select[Any],
        recipient: Recipient,
        province: str = "",
        without: Collection[int] = (),
        limit: int = MAX_LISTINGS,
        among: Collection[int] | None = None,
    ) -> Candidates:
        """The decisions on ``listings``, except ``without``, that a letter to this recipient can rest on.

        ``listings`` is ``candidates.of_campaign`` or ``candidates.of_seller``; ``among`` narrows to the
        reviews with these numbers.
        """
        with self.database.reading() as session:
            return candidates(session, listings, recipient, province, without, limit, among)

    def record(
        self, referral_id: int, reviewer_id: int, step: Step, last_seen_event: int | None = None
    ) -> ReferralEvent:
        """Append a step to the history.

        ``last_seen_event`` is the number of the newest event that the person saw; ``None`` skips that check.
        Raises :class:`ReferralRefused`, and :class:`ReferralChanged` if there is a newer event.
        """
        step = checked(step)
        with self.database.writing() as session:
            take_turn(session)
            reviewer = _open_account(session, reviewer_id)
            row = _referral(session, referral_id)
            if reviewer.role not in SENDING:
                raise ReferralRefused(referral_texts.NOT_A_LEAD)
            _check_seen(session, row, last_seen_event)
            reviews = _reviews_of(session, row)
            if local_day(step.happened_at) < local_day(dated(row, reviews)):
                raise ReferralRefused(referral_texts.BEFORE_THE_LETTER)
            _check_answers(session, row, step)
            status = ReferralStatus(row.status)
            if step.status not in FOLLOWS[status]:
                raise ReferralRefused(referral_texts.NO_SUCH_STEP.format(status=status, wanted=step.status))
            if status is ReferralStatus.DRAFT and step.status is ReferralStatus.SENT:
                _check_sendable(session, row, reviews)
                step = settle_words(session, row, step)
                for item in still_covered(session, row.id):
                    if item.listing_id in step.stated:
                        item.stated = list(step.stated[item.listing_id])
            elif status is ReferralStatus.DRAFT:
                forget_words(session, row.id)
            moment = now()
            event = add_event(session, row, reviewer, step, moment)
            row.status, row.moved_at = step.status.value, moment
            detail = {
                "number": row.number,
                "event": event.id,
                "happened_at": step.happened_at.isoformat(),
                "channel": event.channel,
                "pack_sha256": event.pack_sha256,
            }
            if step.status is ReferralStatus.SENT and row.recipient == Recipient.PLATFORM.value:
                detail |= _clock(session, row, step.happened_at)
            append(
                session,
                audit_names.reviewer(reviewer.name),
                RECORDED[step.status],
                audit_names.referral(row.id),
                detail,
            )
        return event

    def edit(
        self,
        referral_id: int,
        reviewer_id: int,
        passages: Passages,
        last_seen_event: int | None = None,
    ) -> ReferralRow:
        """Set passages of a draft; an empty one restores the template's text.

        Raises :class:`ReferralRefused`, and :class:`ReferralChanged` if there is a newer event.
        """
        passages = checked_passages(passages)
        with self.database.writing() as session:
            take_turn(session)
            reviewer = _open_account(session, reviewer_id)
            row = _referral(session, referral_id)
            _check_seen(session, row, last_seen_event)
            if row.status != ReferralStatus.DRAFT.value:
                raise ReferralRefused(referral_texts.NO_DRAFT.format(status=row.status))
            changed = [
                name for name in referral_texts.PASSAGES if getattr(row, name) != getattr(passages, name)
            ]
            for name in changed:
                setattr(row, name, getattr(passages, name))
            edited_for = row.review_id if row.is_edited else None
            if not changed and row.edited_for == edited_for:
                return row
            row.edited_for = edited_for
            moment = now()
            names = " ".join(referral_texts.PASSAGES[name] for name in changed)
            note = referral_texts.EDITED.format(names=names) if changed else referral_texts.CONFIRMED
            event = add_event(session, row, reviewer, Step(ReferralStatus.DRAFT, moment, note=note), moment)
            row.moved_at = moment
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.REFERRAL_EDIT,
                audit_names.referral(row.id),
                {
                    "number": row.number,
                    "event": event.id,
                    "review": row.review_id,
                    "changed": changed,
                    # The passages name the seller: the trail stores only a digest.
                    "sha256": {
                        name: sha256(text.encode()).hexdigest()
                        for name in referral_texts.PASSAGES
                        if (text := getattr(row, name))
                    },
                },
            )
        return row

    def get(self, referral_id: int) -> ReferralRow | None:
        """The referral with this id, or ``None``."""
        with self.database.reading() as session:
            return session.get(ReferralRow, referral_id)

    def find(self, year: int, serial: int) -> ReferralRow | None:
        """The referral with this serial number of a Buddhist year, or ``None``."""
        query = select(ReferralRow).where(ReferralRow.year == year, ReferralRow.serial == serial)
        with self.database.reading() as session:
            return session.scalars(query).first()

    def events(self, referral_id: int) -> list[tuple[ReferralEvent, str]]:
        """The history of a referral, oldest first, each event with the name of its author."""
        query = (
            select(ReferralEvent, Reviewer.display_name)
            .join(Reviewer, ReferralEvent.reviewer_id == Reviewer.id)
            .where(ReferralEvent.referral_id == referral_id)
            .order_by(ReferralEvent.id)
        )
        with self.database.reading() as session:
            return [(event, name) for event, name in session.execute(query)]

    def of_listing(self, listing_id: int) -> list[ReferralRow]:
        """Every referral that covers a listing, oldest first."""
        query = (
            select(ReferralRow)
            .join(ReferralListing, ReferralListing.referral_id == ReferralRow.id)
            .where(ReferralListing.listing_id == listing_id, ReferralListing.removed_at.is_(None))
        )
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(ReferralRow.id)))

    def under_way(self, review_id: int) -> set[Recipient]:
        """The recipients of open referrals that rest on this decision."""
        with self.database.reading() as session:
            return {Recipient(value) for value in session.scalars(_open_on(review_id, ReferralRow.recipient))}

    def covered(self, referral_id: int) -> list[CoveredListing]:
        """The listings of a referral in its order, including those removed from a draft."""
        with self.database.reading() as session:
            return covered(session, referral_id)

    def own_of(self, reviewer_id: int, listing_ids: Collection[int]) -> list[ReferralRow]:
        """The referrals by this person that cover any of these listings, oldest first.

        Leaves out drafts that were updated for, or reduced by, a later decision (``following``), as they
        would reveal that decision.
        """
        tells = (
            select(ReferralListing.referral_id)
            .join(Review, Review.id == ReferralListing.review_id)
            .join(ReferralRow, ReferralRow.id == ReferralListing.referral_id)
            .where(
                ReferralListing.listing_id.in_(listing_ids),
                ReferralListing.removed_at.is_not(None) | (Review.created_at > ReferralRow.created_at),
            )
        )
        query = select(ReferralRow).where(
            ReferralRow.created_by == reviewer_id,
            ReferralRow.id.in_(about(listing_ids)),
            ReferralRow.id.not_in(tells),
        )
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(ReferralRow.id)))

    def count(self, wanted: ReferralFilter) -> int:
        """The number of referrals that match the filter."""
        query = select(func.count()).select_from(ReferralRow).where(*conditions_of(wanted))
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def counts(self, wanted: ReferralFilter) -> dict[ReferralStatus, int]:
        """The number of referrals per status, ignoring the filter's status."""
        conditions = conditions_of(replace(wanted, status=None))
        query = select(ReferralRow.status, func.count()).where(*conditions).group_by(ReferralRow.status)
        with self.database.reading() as session:
            found = {value: number for value, number in session.execute(query)}
        return {status: found.get(status.value, 0) for status in ReferralStatus}

    def page(self, wanted: ReferralFilter, offset: int = 0, limit: int = 50) -> list[ListedReferral]:
        """One page of referrals, newest number first."""
        query = listed().where(*conditions_of(wanted))
        query = query.order_by(ReferralRow.year.desc(), ReferralRow.serial.desc())
        with self.database.reading() as session:
            rows = session.execute(query.offset(offset).limit(limit))
            return [ListedReferral(row[0], row[1] or row[2], row[3], row[4] - 1) for row in rows]


def _clock(session: Session, row: ReferralRow, sent_at: datetime) -> dict[str, Any]:
    """What the trail says of the platform's time to act, so that being late can be proved from it."""
    listing = session.get_one(Listing, row.listing_id)
    platform = designated().marketplace_of(listing.url)
    due = designated().due_at(DutyKind.NOTICE, sent_at)
    return {
        "marketplace": platform.id if platform else "",
        "due_at": due.isoformat() if due is not None else None,
    }


def _province(recipient: Recipient, province: str) -> str:
    province = storable(province.strip())
    if (recipient is Recipient.PROVINCE) != bool(province) or len(province) > 100:
        raise ReferralRefused(referral_texts.PROVINCE)
    return province


def _referral(session: Session, referral_id: int) -> ReferralRow:
    row = session.get(ReferralRow, referral_id)
    if row is None:
        raise ReferralRefused(referral_texts.NO_SUCH_REFERRAL.format(number=referral_id))
    return row


def _standing_reviews(session: Session, review_ids: Collection[int]) -> list[Review]:
    wanted = set(review_ids)
    if not wanted:
        raise ReferralRefused(referral_texts.NO_LISTING)
    if len(wanted) > MAX_LISTINGS:
        raise ReferralRefused(referral_texts.TOO_MANY_LISTINGS.format(most=MAX_LISTINGS, count=len(wanted)))
    found = list(session.scalars(select(Review).where(Review.id.in_(wanted)).order_by(Review.listing_id)))
    fallen = [review.listing_id for review in found if not stands(session, review)]
    if fallen or len(found) < len(wanted):
        cases = ", ".join(map(str, fallen))
        raise ReferralRefused(
            referral_texts.NOT_STANDING.format(cases_thai=f" {cases} " if cases else "", cases=cases)
        )
    return found


def _reviews_of(session: Session, row: ReferralRow) -> list[Review]:
    query = (
        select(Review)
        .join(ReferralListing, ReferralListing.review_id == Review.id)
        .where(ReferralListing.referral_id == row.id, ReferralListing.removed_at.is_(None))
    )
    return list(session.scalars(query.order_by(ReferralListing.id)))


def _check_seen(session: Session, row: ReferralRow, last_seen_event: int | None) -> None:
    if last_seen_event is not None and newest_event(session, row.id) != last_seen_event:
        raise ReferralChanged(referral_texts.CHANGED_MEANWHILE)


def _check_answers(session: Session, row: ReferralRow, step: Step) -> None:
    # Only sending may be recorded in another order: through a second channel, or earlier than was known.
    sent = None if step.status is ReferralStatus.SENT else first_sent(session, row.id)
    if sent is not None and local_day(step.happened_at) < local_day(sent):
        raise ReferralRefused(referral_texts.BEFORE_SENDING)


def _check_sendable(session: Session, row: ReferralRow, reviews: Collection[Review]) -> None:
    if not all(stands(session, review) for review in reviews):
        raise ReferralRefused(referral_texts.DECISION_FELL)
    if (year := letter_year(row, reviews)) != row.year:
        raise ReferralRefused(referral_texts.OTHER_YEAR.format(number_year=row.year, letter_year=year))
    if row.is_edited_before:
        raise ReferralRefused(referral_texts.OLD_PASSAGES)


def _open_account(session: Session, reviewer_id: int) -> Reviewer:
    reviewer = session.get(Reviewer, reviewer_id)
    if reviewer is None or reviewer.disabled_at is not None:
        raise ReferralRefused(referral_texts.NO_SUCH_ACCOUNT.format(number=reviewer_id))
    return reviewer


def _open_one(session: Session, review: Review, recipient: Recipient, province: str) -> ReferralRow | None:
    query = _open_on(review.id, ReferralRow).where(
        ReferralRow.recipient == recipient.value, ReferralRow.province == province
    )
    found: ReferralRow | None = session.scalars(query.limit(1)).first()
    return found


def _open_on(review_id: int, what: Any) -> Select[Any]:
    return (
        select(what)
        .join(ReferralListing, ReferralListing.referral_id == ReferralRow.id)
        .where(
            ReferralListing.review_id == review_id,
            ReferralListing.removed_at.is_(None),
            ReferralRow.status.in_([status.value for status in OPEN]),
        )
    )
