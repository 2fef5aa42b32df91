"""The words of letters as they were sent, and of drafts as they were downloaded."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.store.audit.trail import take_turn
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.referrals.covered import about
from service.store.referrals.steps import Step
from service.store.tables.referral_tables import (
    ReferralEvent,
    ReferralRow,
    ReferralStatus,
    SentLetter,
)


def keep_words(session: Session, referral_id: int, made: Step, moment: datetime) -> None:
    """Store what a letter says, in place of what was downloaded earlier; the caller holds the lock."""
    forget_words(session, referral_id)
    if made.wording is None:
        return
    listings = made.wording.listings
    session.add(
        SentLetter(
            referral_id=referral_id,
            at=moment,
            letter=dict(made.wording.letter),
            listings={str(number): dict(item) for number, item in listings.items()},
            pack_sha256=made.pack_sha256,
            stated={str(number): list(ids) for number, ids in made.stated.items()},
        )
    )


def forget_words(session: Session, referral_id: int) -> None:
    """Remove the words of a draft."""
    session.execute(delete(SentLetter).where(SentLetter.referral_id == referral_id))
    session.flush()


def downloaded(session: Session, row: ReferralRow) -> SentLetter | None:
    """The words of a draft as they were downloaded, if the draft has not changed since."""
    found = kept_words(session, row.id)
    if row.status != ReferralStatus.DRAFT or found is None or found.letter is None or found.at < row.moved_at:
        return None
    return found


def kept_words(session: Session, referral_id: int) -> SentLetter | None:
    """The stored words of a letter; those of a draft are as last downloaded."""
    return session.scalars(select(SentLetter).where(SentLetter.referral_id == referral_id)).first()


def forget_listing(session: Session, listing_id: int) -> None:
    """Remove the words about a listing, whose personal data is being removed."""
    for row in session.scalars(select(SentLetter).where(SentLetter.referral_id.in_(about([listing_id])))):
        row.letter = None
        row.listings = {number: item for number, item in row.listings.items() if number != str(listing_id)}


def texts_in(content: Any) -> Iterator[str]:
    """Yield every text in plain data."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from texts_in(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from texts_in(value)


class LetterWords(Repository):
    """The stored words of letters."""

    def sent_letter(self, referral_id: int) -> SentLetter | None:
        """The words of a letter as it was sent; ``None`` for a draft, and if they are not stored."""
        with self.database.reading() as session:
            row = session.get(ReferralRow, referral_id)
            if row is None or row.status == ReferralStatus.DRAFT:
                return None
            return kept_words(session, referral_id)

    def is_worded_anew(self, referral_id: int) -> bool:
        """Whether a letter was sent whose words are not stored: sent before they were, or removed since."""
        sent = select(ReferralEvent.id).where(
            ReferralEvent.referral_id == referral_id, ReferralEvent.status == ReferralStatus.SENT.value
        )
        with self.database.reading() as session:
            if session.scalar(sent.limit(1)) is None:
                return False
            found = kept_words(session, referral_id)
            return found is None or found.letter is None

    def downloaded(self, referral_id: int) -> SentLetter | None:
        """The words of a draft as they were last downloaded, even if it has changed since."""
        with self.database.reading() as session:
            row = session.get(ReferralRow, referral_id)
            is_draft = row is not None and row.status == ReferralStatus.DRAFT
            return kept_words(session, referral_id) if is_draft else None

    def keep_download(self, seen: ReferralRow, made: Step) -> None:
        """Store the words of a draft that is downloaded, unless it has changed since ``seen`` was read."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(ReferralRow, seen.id)
            if row is not None and row.status == ReferralStatus.DRAFT and row.moved_at == seen.moved_at:
                keep_words(session, row.id, made, now())
