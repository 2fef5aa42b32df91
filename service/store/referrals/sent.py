"""The words of letters as they were sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.referrals.covered import about
from service.store.referrals.steps import Wording
from service.store.tables.referral_tables import SentLetter


def keep_words(session: Session, referral_id: int, wording: Wording, moment: datetime) -> None:
    """Store what a letter says at its first sending; the caller holds the lock."""
    session.add(
        SentLetter(
            referral_id=referral_id,
            at=moment,
            letter=dict(wording.letter),
            listings={str(number): dict(item) for number, item in wording.listings.items()},
        )
    )


def sent_letter(session: Session, referral_id: int) -> SentLetter | None:
    """The words of a sent letter; ``None`` for a draft, and if it was sent before they were stored."""
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
