"""The words of letters as they were sent, and of drafts as they were downloaded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.store.audit.trail import take_turn
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.referrals.covered import about
from service.store.referrals.steps import ReferralChanged, Step
from service.store.tables.referral_tables import (
    ReferralEvent,
    ReferralRow,
    ReferralStatus,
    SentLetter,
)
from service.text import referral_texts


def settle_words(session: Session, row: ReferralRow, step: Step) -> Step:
    """Keep the words of a draft that was sent, and no others; the caller holds the lock.

    They are those of the step's download, whose hash and provisions the returned step has, else its own.
    Raises :class:`ReferralChanged` if there is no such download of the draft as it is.
    """
    if step.download is None:
        forget_words(session, row.id)
        _add(session, row.id, step, now())
        return step
    chosen = session.get(SentLetter, step.download)
    if chosen is None or chosen.referral_id != row.id or not is_current(row, chosen):
        raise ReferralChanged(referral_texts.NO_SUCH_DOWNLOAD)
    others = SentLetter.referral_id == row.id, SentLetter.id != chosen.id
    session.execute(delete(SentLetter).where(*others))
    stated = {int(number): ids for number, ids in chosen.stated.items()}
    return replace(step, pack_sha256=chosen.pack_sha256, stated=stated)


def _add(session: Session, referral_id: int, made: Step, moment: datetime, by: str = "") -> None:
    if made.wording is None:
        return
    listings = made.wording.listings
    session.add(
        SentLetter(
            referral_id=referral_id,
            at=moment,
            by=by,
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


def is_current(row: ReferralRow, words: SentLetter) -> bool:
    """Whether a draft's downloaded words are stored and the draft has not changed since."""
    return words.letter is not None and words.at >= row.moved_at


def kept_words(session: Session, referral_id: int) -> SentLetter | None:
    """The stored words of a sent letter."""
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

    def downloads(self, referral_id: int) -> list[SentLetter]:
        """The words of a draft as they were downloaded, newest first, even if it has changed since."""
        query = (
            select(SentLetter)
            .join(ReferralRow, ReferralRow.id == SentLetter.referral_id)
            .where(ReferralRow.id == referral_id, ReferralRow.status == ReferralStatus.DRAFT.value)
            .order_by(SentLetter.at.desc(), SentLetter.id.desc())
        )
        with self.database.reading() as session:
            return list(session.scalars(query))

    def keep_download(self, seen: ReferralRow, made: Step, by: str) -> bool:
        """Store the words of a draft that is downloaded, unless it has changed since ``seen`` was read.

        They join what others downloaded of the draft as it is. The same pack of the same person keeps its
        row, which pages that are open name. Returns whether they are stored.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(ReferralRow, seen.id)
            if row is None or row.status != ReferralStatus.DRAFT or row.moved_at != seen.moved_at:
                return False
            kept = None
            for words in session.scalars(select(SentLetter).where(SentLetter.referral_id == row.id)):
                if not is_current(row, words):
                    session.delete(words)
                elif (words.pack_sha256, words.by) == (made.pack_sha256, by):
                    kept = words
            session.flush()
            if kept is None:
                _add(session, row.id, made, now(), by)
            else:
                kept.at = now()
            return made.wording is not None
