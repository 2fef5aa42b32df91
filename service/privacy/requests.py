"""Data subjects' requests: find, erase and export what is stored about a contact."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.schema import ContactKind
from service.privacy.database_file import overwrite_deleted
from service.privacy.evidence import EvidenceFolder
from service.privacy.redaction import Redactor
from service.privacy.removal import delete_listings, give_up_evidence_of
from service.privacy.rules import Action
from service.privacy.settling import settle
from service.privacy.waiting import await_deletion, delete_awaited, rule_of
from service.privacy.wanted import Wanted
from service.store import Store
from service.store.appeals.tables import Appeal
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.campaigns.placements import take_place
from service.store.cases.protection import Protection, newest_rows, protections
from service.store.complaints.ties import blacked_field, words_of_history
from service.store.database.columns import now
from service.store.pictures.tables import ListingPicture, Picture
from service.store.referrals.sent import texts_in
from service.store.tables.blind_tables import BlindReading
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, ListingVersion, Review
from service.store.tables.referral_tables import ReferralListing, ReferralRow, SentLetter
from service.store.tables.sighting_tables import Sighting
from service.store.teamwork.tables import CaseMessage

PAGE = 200
FORMAT = "ruthan-privacy-export/1"

Progress = Callable[[int], None]
"""Called after each page with the number of listings searched."""


@dataclass(frozen=True)
class Found:
    """A listing that contains the contact.

    ``places`` are the fields with the contact, ``kinds`` its recognized kinds, ``kept`` what protects the
    listing from erasure.
    """

    listing_id: int
    source: str
    external_id: str
    last_seen: datetime
    places: tuple[str, ...]
    kinds: tuple[ContactKind, ...]
    kept: tuple[Protection, ...]


@dataclass
class Erased:
    """The result of an erasure: ids of listings, and why others were kept."""

    erased: list[int] = field(default_factory=list)
    kept: dict[int, tuple[Protection, ...]] = field(default_factory=dict)
    redacted_instead: list[int] = field(default_factory=list)
    """Deleted once there are newer listings (``service.privacy.waiting``): their ids must not be reused."""
    awaited: list[int] = field(default_factory=list)
    """Redacted by earlier requests, and deleted now."""
    problems: list[str] = field(default_factory=list)


def find(store: Store, wanted: Wanted, progress: Progress = lambda _: None) -> Iterator[Found]:
    """Yield every listing whose texts, fields, read pictures, notes, thread or letters contain the contact.

    Reads every text in the store, but not the raw pages in the evidence folder.
    """
    after = looked = 0
    while True:
        with store.database.reading() as session:
            query = select(Listing).where(Listing.id > after).order_by(Listing.id).limit(PAGE)
            rows = list(session.scalars(query))
            hits = _hits(session, rows, wanted)
            kept = protections(session, hits)
        for row in rows:
            if row.id in hits:
                places, kinds = hits[row.id]
                yield Found(
                    row.id,
                    row.source,
                    row.external_id,
                    row.last_seen,
                    tuple(places),
                    tuple(sorted(kinds)),
                    kept.get(row.id, ()),
                )
        if not rows:
            return
        after, looked = rows[-1].id, looked + len(rows)
        progress(looked)


def erase(
    store: Store,
    wanted: Wanted,
    found: Sequence[Found],
    evidence: Path,
    *,
    action: Action,
    request: str,
    actor: str = audit_names.CLI,
) -> Erased:
    """Redact or delete the listings found, each in a transaction with its audit entry.

    What protects a listing is checked again.  Repeat a killed erasure to complete it.  ``request`` is the
    request's file number: the audit trail never contains the contact itself.  What earlier requests had to
    leave is deleted too.
    """
    result, redactor, rule = Erased(), Redactor(wanted.spans), rule_of(request)
    for item in found:
        with store.database.writing() as session:
            take_place(session)  # a campaign that loses a member is recounted
            take_turn(session)
            row = session.get(Listing, item.listing_id, with_for_update=True)
            if row is None:
                continue
            if kept := protections(session, [row.id]).get(row.id):
                result.kept[row.id] = kept
                continue
            done, moment = action, now()
            is_newest = session.scalar(select(Listing.id).where(Listing.id == row.id, newest_rows()))
            if action is Action.DELETE and is_newest is not None:
                done = Action.REDACT
                await_deletion(session, row.id, request, moment)
                result.redacted_instead.append(row.id)
            if done is Action.DELETE:
                delete_listings(session, [row.id], rule, moment)
            else:
                redactor.redact(session, row, moment)
                give_up_evidence_of(session, [row.id], rule, moment)
            detail = {"request": request, "action": done.value}
            append(session, actor, AuditAction.PRIVACY_ERASE, audit_names.listing(item.listing_id), detail)
        result.erased.append(item.listing_id)
    result.awaited = delete_awaited(store.database, actor)
    result.problems = settle(store.database, EvidenceFolder(evidence))
    summary = {"request": request, "erased": len(result.erased), "kept": sorted(result.kept)}
    store.audit.record(actor, AuditAction.PRIVACY_REQUEST, "", summary | {"problems": len(result.problems)})
    overwrite_deleted(store.database)
    return result


def export(store: Store, found: Sequence[Found], contact: str, request: str) -> dict[str, Any]:
    """Return everything stored about the listings found, as JSON.

    Omits reviewers' names, notes and the thread of the case: those concern the officers and the case.
    """
    listings = []
    for item in found:
        with store.database.reading() as session:
            row = session.get(Listing, item.listing_id)
            if row is not None:
                listings.append(_exported(session, row, item))
    return {
        "format": FORMAT,
        "made_at": now().isoformat(),
        "request": request,
        "contact": contact,
        "listings": listings,
    }


def _hits(
    session: Session, rows: Sequence[Listing], wanted: Wanted
) -> dict[int, tuple[list[str], set[ContactKind]]]:
    numbers = [row.id for row in rows]
    fields: dict[int, list[tuple[str, Any]]] = {
        row.id: [
            ("text", row.text),
            ("seller", row.seller),
            ("seller_url", row.seller_url),
            ("url", row.url),
            ("price", row.price),
            ("images", row.images),
            ("extra", row.extra),
            ("id", row.external_id),
        ]
        for row in rows
    }
    for version in session.scalars(select(ListingVersion).where(ListingVersion.listing_id.in_(numbers))):
        value = [version.text, version.price, version.images, version.extra]
        fields[version.listing_id].append(("earlier text", value))
    for place, number_of, column in (
        ("evidence url", Capture.listing_id, Capture.url),
        ("visit", Sighting.listing_id, Sighting.changes),
        ("note", Review.listing_id, Review.note),
        ("note", BlindReading.listing_id, BlindReading.note),
        ("thread", CaseMessage.listing_id, CaseMessage.text),
    ):
        for number, value in session.execute(select(number_of, column).where(number_of.in_(numbers))):
            fields[number].append((place, value))
    for complaint in session.scalars(select(Complaint).where(Complaint.listing_id.in_(numbers))):
        if complaint.listing_id is not None:
            said = [complaint.title, complaint.advertised, complaint.detail, complaint.seller, complaint.url]
            said += [event.text for event in words_of_history(session, [complaint.id])]
            fields[complaint.listing_id].append(("complaint", said))
    pictures = (
        select(ListingPicture.listing_id, Picture.reading)
        .join(Picture, Picture.sha256 == ListingPicture.sha256)
        .where(ListingPicture.listing_id.in_(numbers), Picture.reading.is_not(None))
    )
    for number, lines in session.execute(pictures):
        fields[number].append(("picture", "\n".join(line["text"] for line in lines)))
    letters = (
        select(ReferralListing.listing_id, ReferralRow)
        .join(ReferralRow, ReferralRow.id == ReferralListing.referral_id)
        .where(ReferralListing.listing_id.in_(numbers))
    )
    for number, letter in session.execute(letters):
        fields[number].append(("letter", [letter.opening, letter.request, letter.closing]))
    sent = (
        select(ReferralListing.listing_id, SentLetter)
        .join(SentLetter, SentLetter.referral_id == ReferralListing.referral_id)
        .where(ReferralListing.listing_id.in_(numbers))
    )
    for number, words in session.execute(sent):
        fields[number].append(
            ("letter", [*texts_in(words.letter), *texts_in(words.listings.get(str(number)))])
        )
    for appeal in session.scalars(select(Appeal).where(Appeal.listing_id.in_(numbers))):
        fields[appeal.listing_id].append(("appeal", [appeal.reason, appeal.evidence]))
    hits: dict[int, tuple[list[str], set[ContactKind]]] = {}
    for number, named in fields.items():
        places = list(dict.fromkeys(name for name, value in named if wanted.within(value)))
        if places:
            kinds = {kind for _, value in named if isinstance(value, str) for kind in wanted.kinds(value)}
            hits[number] = (places, kinds)
    return hits


_LISTING = (
    "source",
    "external_id",
    "platform",
    "url",
    "title",
    "description",
    "price",
    "currency",
    "seller",
    "seller_url",
    "images",
    "extra",
    "captured_at",
    "first_seen",
    "last_seen",
    "text_sha256",
    "redacted_at",
)
_VERSION = ("version", "title", "description", "price", "images", "extra", "last_seen", "replaced_at")
_CAPTURE = ("url", "status", "captured_at", "sha256", "warc_file", "warc_record_id", "removed_at")
_VISIT = ("first_at", "at", "outcome", "changes")
_APPEAL = ("appellant", "reason", "evidence", "filed_at")
_COMPLAINT = ("category", "title", "url", "seller", "advertised", "detail", "received_at")
"""Exported fields of a complaint about the listing."""
_WRITTEN = ("title", "url", "seller", "advertised", "detail")
"""Those of them that the complainant wrote."""


def _complaint(row: Complaint) -> dict[str, Any]:
    """Return a complaint without the complainant, who is another person, also in its text."""
    words = (row.contact_name, row.contact)
    picked = _picked(row, _COMPLAINT)
    return picked | {name: blacked_field(name, picked[name], words) for name in _WRITTEN}


def _exported(session: Session, row: Listing, item: Found) -> dict[str, Any]:
    def rows(table: Any) -> Any:
        return session.scalars(select(table).where(table.listing_id == row.id).order_by(table.id))

    return {
        "listing_id": row.id,
        "found_in": list(item.places),
        "kept_because": [reason.value for reason in item.kept],
        **_picked(row, _LISTING),
        "earlier_texts": [_picked(version, _VERSION) for version in rows(ListingVersion)],
        "evidence": [_picked(capture, _CAPTURE) for capture in rows(Capture)],
        "visits": [_picked(visit, _VISIT) for visit in rows(Sighting)],
        "complaints": [_complaint(found) for found in rows(Complaint)],
        "appeals": [_picked(found, _APPEAL) for found in rows(Appeal)],
        "assessments": [
            {"made_at": found.created_at.isoformat(), "content": found.content}
            for found in rows(AssessmentRow)
        ],
        "decisions": [
            {"made_at": found.created_at.isoformat(), "decision": found.decision} for found in rows(Review)
        ],
    }


def _picked(row: Any, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
