"""Complaints: storing, linking to listings, and listing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.complaints.codes import code_of, digest_of, fits, new_code
from service.store.complaints.due_times import due_at
from service.store.complaints.handling import record_addition
from service.store.complaints.harmed_duplicates import is_late, is_urgent
from service.store.complaints.own_listing import mask_own_listing, texts_of_own_listing
from service.store.complaints.photos import NewPhoto, keep_photos
from service.store.complaints.ties import (
    Filing,
    ListingLink,
    blacked,
    blacked_field,
    forget_addresses,
    tie,
    words_of_history,
)
from service.store.complaints.unexported import waits_for_export, was_exported
from service.store.database.columns import now
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.database.running_numbers import next_number
from service.store.index.entries import refresh
from service.store.listings.repository import require
from service.store.platforms.idempotency import Then, nothing
from service.store.tables.complaint_tables import (
    HANDLED_BY,
    HEALTH,
    OPEN,
    Agency,
    Channel,
    Complaint,
    ComplaintCategory,
    Harm,
    Progress,
    number_of,
)
from service.text.store_texts import PHOTOS_ONLY

SAME_FOR = timedelta(days=30)
"""How long an identical complaint without a source number counts as a duplicate."""
SENT_AGAIN_FOR = timedelta(hours=1)
"""The same for a page of the public form that is sent again."""
_TEXTS = ("title", "seller", "url", "advertised", "detail")
"""The fields that may name the complainant, besides the complainant's own."""


@dataclass(frozen=True)
class Receipt:
    """The outcome of filing a complaint.

    Attributes:
        status: ``known`` for a duplicate; ``differs`` if the same number came with another text, in which
            case the first is kept.
        code: the code with which a new complaint is looked up, also if the same page sent it again.
        tie: how a new complaint was linked to its listing; ``None`` for other topics and for duplicates.
    """

    complaint_id: int
    number: str
    status: Literal["new", "known", "differs"]
    listing_id: int | None = None
    tie: ListingLink | None = None
    code: str | None = None


@dataclass(frozen=True)
class ComplaintFilter:
    """The filter of a list of complaints; ``None`` does not narrow.

    ``exported`` asks whether it was exported to an agency or, if false, waits for that; ``health`` whether
    it is about a health product; ``owner`` is a login name.
    """

    category: ComplaintCategory | None = None
    agency: Agency | None = None
    health: bool | None = None
    exported: bool | None = None
    since: datetime | None = None
    progress: tuple[Progress, ...] | None = None
    owner: str | None = None
    late_at: datetime | None = None
    """Only open complaints that the office must answer before this time."""


class ComplaintRepository(Repository):
    """Repository of complaints."""

    def file(
        self,
        filing: Filing,
        source: str,
        actor: str,
        then: Then[Receipt] = nothing,
        photos: Sequence[NewPhoto] = (),
        opened: str = "",
    ) -> Receipt:
        """Store a complaint under a number; one about a health product raises its listing in the queue.

        Duplicates, by source number or by identical content within :data:`SAME_FOR`, are not stored again.
        ``opened`` is the secret token of a page of the public form, where different people send the same
        words, also from one browser: there only what the same page sends again within :data:`SENT_AGAIN_FOR`
        is a duplicate. A duplicate's new photos are added, which reopens an answered complaint. One that was
        closed and comes again by the form is a new complaint. Numbers run per Buddhist year of receipt.
        ``then`` is called in the same transaction. Raises
        :class:`~service.store.complaints.photos.TooManyPhotos` where a duplicate has photos already.
        """
        with self.database.writing() as session:
            receipt = self._file(session, filing, storable(source), actor, opened)
            if photos:
                row = session.get_one(Complaint, receipt.complaint_id)
                added = keep_photos(session, row, photos)
                if added and receipt.status != "new":
                    record_addition(session, row, PHOTOS_ONLY)
            then(session, receipt)
            return receipt

    def was_sent(self, filing: Filing, source: str, opened: str) -> bool:
        """Whether the page of the public form with the token ``opened`` has sent this already."""
        digest = _digest(filing, opened)
        with self.database.reading() as session:
            known = _known(session, filing, storable(source), digest, audit_names.PUBLIC, SENT_AGAIN_FOR)
            return known is not None

    def _file(self, session: Session, filing: Filing, source: str, actor: str, opened: str) -> Receipt:
        digest = _digest(filing, opened)
        take_turn(session)
        same_for = SENT_AGAIN_FOR if opened else SAME_FOR
        if (known := _known(session, filing, source, digest, actor, same_for)) is not None:
            status: Literal["known", "differs"] = "known" if known.digest in (digest, "") else "differs"
            code = _code_again(known, opened) if opened else None
            return Receipt(known.id, known.number, status, known.listing_id, code=code)
        moment = now()
        year, serial = next_number(session, Complaint, moment)
        number = number_of(year, serial)
        code = code_of(opened, year, serial) if opened else new_code()
        belongs, how = tie(session, filing, number) if filing.category in HEALTH else (None, None)
        row = Complaint(
            year=year,
            serial=serial,
            source=source,
            external_id=filing.external_id,
            category=filing.category.value,
            title=filing.title,
            url=filing.url,
            platform=filing.platform.value if filing.platform else None,
            seller=filing.seller,
            advertised=filing.advertised,
            detail=filing.detail,
            complained_on=filing.complained_on,
            received_at=moment,
            digest=digest,
            sketch=filing.sketch if filing.fingerprint else "",
            minima=filing.fingerprint.minima if filing.fingerprint else None,
            listing_id=belongs,
            contact_name=filing.contact_name,
            contact=filing.contact,
            harm=filing.harm.value,
            channel=filing.channel.value,
            due_at=due_at(moment, filing.harm),
            code_digest=digest_of(year, serial, code),
        )
        session.add(row)
        session.flush()
        detail: dict[str, Any] = {
            "number": number,
            "category": row.category,
            "tie": how.value if how else None,
            "due_at": due_at(moment, filing.harm).isoformat(),
        }
        if belongs is not None:
            refresh(session, require(session, belongs))
            detail["listings"] = [belongs]
        append(session, actor, AuditAction.COMPLAINT_FILE, audit_names.complaint(row.id), detail)
        return Receipt(row.id, number, "new", belongs, how, code)

    def get(self, complaint_id: int) -> Complaint | None:
        """The complaint with this id, or ``None``."""
        with self.database.reading() as session:
            return session.get(Complaint, complaint_id)

    def find(self, year: int, serial: int) -> Complaint | None:
        """The complaint with this number, or ``None``."""
        query = select(Complaint).where(Complaint.year == year, Complaint.serial == serial)
        with self.database.reading() as session:
            return session.scalars(query).first()

    def of_listing(self, listing_id: int, limit: int = 50) -> tuple[list[Complaint], int]:
        """The newest complaints about a listing, and their total number."""
        about = Complaint.listing_id == listing_id
        with self.database.reading() as session:
            rows = session.scalars(
                select(Complaint).where(about).order_by(Complaint.id.desc()).limit(limit)
            ).all()
            if len(rows) < limit:
                return list(rows), len(rows)
            return list(rows), session.scalar(select(func.count()).select_from(Complaint).where(about)) or 0

    def page(self, wanted: ComplaintFilter, offset: int = 0, limit: int = 50) -> list[Complaint]:
        """Return a page of complaints: open ones about harm, also of a duplicate, first, then the newest."""
        query = select(Complaint).where(*_conditions(wanted)).order_by(_urgency(), Complaint.id.desc())
        with self.database.reading() as session:
            return list(session.scalars(query.offset(offset).limit(limit)))

    def next_waiting(self, wanted: ComplaintFilter, after: int, reader: str) -> Complaint | None:
        """The complaint that ``reader`` answers next: none that a colleague has taken or another one answers.

        After a complaint that still waits this is the next of the list, and at its end the first; after any
        other it is the first.
        """
        main, urgency = aliased(Complaint), _urgency()
        with_another = select(main.id).where(main.id == Complaint.duplicate_of, main.progress.in_(OPEN))
        query = (
            select(Complaint)
            .where(*_conditions(replace(wanted, progress=OPEN)), Complaint.id != after)
            .where(or_(Complaint.owner.is_(None), Complaint.owner == reader), ~with_another.exists())
            .order_by(urgency, Complaint.id.desc())
            .limit(1)
        )
        with self.database.reading() as session:
            place = session.scalar(select(urgency).where(Complaint.id == after, Complaint.progress.in_(OPEN)))
            if place is not None:
                below = or_(urgency > place, and_(urgency == place, Complaint.id < after))
                if (found := session.scalar(query.where(below))) is not None:
                    return found
            return session.scalar(query)

    def counts(self, wanted: ComplaintFilter) -> dict[ComplaintCategory, int]:
        """The number of complaints in each category under the filter."""
        query = (
            select(Complaint.category, func.count()).where(*_conditions(wanted)).group_by(Complaint.category)
        )
        with self.database.reading() as session:
            found = {value: number for value, number in session.execute(query)}
        return {category: found.get(category.value, 0) for category in ComplaintCategory}

    def remove_contact(self, complaint_id: int, actor: str, request: str, also: Sequence[str] = ()) -> bool:
        """Remove the complainant's name and contact; returns whether there were any.

        ``request`` is the file number of the request, for the audit trail. ``also`` are names and contacts of
        the complainant that stand in the texts alone.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Complaint, complaint_id)
            if row is None:
                return False
            named = bool(row.contact_name or row.contact)
            if not named and not (also and _texts_hold(session, row, also)):
                return False
            listing_id = without_complainant(session, row, now(), also)
            detail: dict[str, Any] = {"request": request}
            if listing_id is not None:
                detail["listings"] = [listing_id]
            append(session, actor, AuditAction.COMPLAINT_ERASE, audit_names.complaint(row.id), detail)
            return True


def without_complainant(
    session: Session, row: Complaint, moment: datetime, also: Sequence[str] = ()
) -> int | None:
    """Remove the complainant, their name and their contact from a complaint, its history and its texts.

    ``also`` are further names and contacts to mask in the texts. They are masked in the listing that was made
    of the complaint too, whatever protects it; returns its id if that changed it.
    """
    words = (row.contact_name, row.contact, *also)
    for name in _TEXTS:
        setattr(row, name, blacked_field(name, getattr(row, name), words))
    for event in words_of_history(session, [row.id]):
        event.text = blacked(event.text, words)
    row.contact_name = row.contact = row.digest = ""
    row.channel = Channel.NONE.value
    row.contact_removed_at = moment
    if row.listing_id is not None:
        forget_addresses(session, [row.listing_id])
    return mask_own_listing(session, row, words)


def _texts_hold(session: Session, row: Complaint, words: Sequence[str]) -> bool:
    texts = [(name, getattr(row, name)) for name in _TEXTS]
    texts += [("", event.text) for event in words_of_history(session, [row.id])]
    texts += texts_of_own_listing(session, row)
    return any(blacked_field(name, text, words) != text for name, text in texts)


def _urgency() -> ColumnElement[int]:
    """The first key of the list's order."""
    return case((is_urgent(), 0), else_=1)


def _code_again(row: Complaint, opened: str) -> str | None:
    """Return the code that this page was given, which may not have arrived; ``None`` if it was renewed."""
    code = code_of(opened, row.year, row.serial)
    return code if fits(row.year, row.serial, code, row.code_digest) else None


def _digest(filing: Filing, opened: str) -> str:
    said = [
        filing.category.value,
        filing.title,
        filing.url,
        filing.seller,
        filing.advertised,
        filing.detail,
        filing.contact_name,
        filing.contact,
    ]
    # Sent again with what was left out, it must not be taken for the same.
    said += [value for value in (filing.harm, filing.channel) if value not in (Harm.NONE, Channel.NONE)]
    if filing.platform is not None:
        said.append(f"platform {filing.platform.value}")
    if filing.complained_on is not None:
        said.append(f"complained_on {filing.complained_on.isoformat()}")
    if opened:
        said.append(f"opened {opened}")
    return sha256(json.dumps([" ".join(part.split()) for part in said]).encode()).hexdigest()


def _known(
    session: Session, filing: Filing, source: str, digest: str, actor: str, same_for: timedelta
) -> Complaint | None:
    query = select(Complaint).where(Complaint.source == source)
    if filing.external_id is not None:
        query = query.where(Complaint.external_id == filing.external_id)
    else:
        query = query.where(
            Complaint.digest == digest,
            Complaint.external_id.is_(None),
            Complaint.received_at > now() - same_for,
        )
        if actor == audit_names.PUBLIC:
            # Nobody works on a closed one. A file or a system may send all that it holds once more.
            query = query.where(Complaint.progress != Progress.CLOSED)
    return session.scalars(query.order_by(Complaint.id.desc()).limit(1)).first()


def categories_of(agency: Agency) -> list[ComplaintCategory]:
    """The categories that an agency handles."""
    return [category for category, handler in HANDLED_BY.items() if handler is agency]


def _conditions(wanted: ComplaintFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.category is not None:
        found.append(Complaint.category == wanted.category.value)
    if wanted.agency is not None:
        found.append(Complaint.category.in_([c.value for c in categories_of(wanted.agency)]))
    if wanted.health is not None:
        of_health = Complaint.category.in_([category.value for category in HEALTH])
        found.append(of_health if wanted.health else ~of_health)
    if wanted.exported is not None:
        found.append(was_exported() if wanted.exported else waits_for_export())
    if wanted.since is not None:
        found.append(Complaint.received_at >= wanted.since)
    if wanted.progress is not None:
        found.append(Complaint.progress.in_(wanted.progress))
    if wanted.owner is not None:
        found.append(Complaint.owner == wanted.owner)
    if wanted.late_at is not None:
        found.append(is_late(wanted.late_at))
    return found
