"""Deletes from disk the evidence that the store has given up."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update

from service.privacy.evidence import EvidenceFolder
from service.privacy.rules import LISTINGS
from service.privacy.targets import Dated, evidence_condition, listing_condition
from service.store.database.columns import now
from service.store.database.engine import Database
from service.store.tables.core_tables import Capture, Listing
from service.store.tables.retention_tables import RemovedEvidence

PENDING, REMOVED, MISSING = "pending", "removed", "missing"
WHOLE_FILE = ""


def settle(database: Database, folder: EvidenceFolder) -> list[str]:
    """Remove pending evidence from the folder; returns the problems of what stays pending.

    Idempotent.
    """
    problems = []
    with database.reading() as session:
        names = session.scalars(
            select(RemovedEvidence.warc_file)
            .where(RemovedEvidence.outcome == PENDING)
            .distinct()
            .order_by(RemovedEvidence.warc_file)
        ).all()
    for name in names:
        try:
            _settle_file(database, folder, name)
        except OSError as error:
            problems.append(str(error))
    return problems


def settled_since(database: Database, moment: datetime) -> dict[str, int]:
    """Count the records and files removed from the folder since then, and those already missing."""
    whole_file = (RemovedEvidence.warc_record_id == WHOLE_FILE).label("whole_file")
    query = (
        select(RemovedEvidence.outcome, whole_file, func.count())
        .where(RemovedEvidence.removed_at >= moment, RemovedEvidence.outcome != PENDING)
        .group_by(RemovedEvidence.outcome, "whole_file")
    )
    counts = {"records": 0, "files": 0, "missing": 0}
    with database.reading() as session:
        for outcome, whole, number in session.execute(query):
            counts["missing" if outcome == MISSING else "files" if whole else "records"] += number
    return counts


def unneeded_files(
    database: Database, folder: EvidenceFolder, dated: Dated, earlier: Sequence[Dated] = ()
) -> Iterator[tuple[str, datetime]]:
    """Return files last modified before the cut-off that nothing in the store needs.

    Evidence that the rule and ``earlier`` rules of the same run will give up counts as given up.
    """
    goes = or_(
        evidence_condition(dated),
        *(listing_condition(other) for other in earlier if other.rule.what in LISTINGS),
    )
    for name, written in folder.files():
        if written >= dated.cutoff:
            continue
        given_up = (
            select(Capture.id)
            .join(Listing, Listing.id == Capture.listing_id)
            .where(Capture.warc_file == name, goes)
        )
        needed = select(Capture.id).where(
            Capture.warc_file == name, Capture.removed_at.is_(None), Capture.id.not_in(given_up)
        )
        with database.reading() as session:
            if session.scalar(needed.limit(1)) is None:
                yield name, written


def give_up_unneeded(database: Database, folder: EvidenceFolder, dated: Dated) -> list[str]:
    """Queue the files of :func:`unneeded_files` for removal; returns the problems."""
    problems = []
    for name, _ in list(unneeded_files(database, folder, dated)):
        try:
            digest = folder.digest(name)
        except OSError as error:
            problems.append(str(error))
            continue
        with database.writing() as session:
            noted = select(RemovedEvidence.id).where(
                RemovedEvidence.outcome == PENDING,
                RemovedEvidence.warc_file == name,
                RemovedEvidence.warc_record_id == WHOLE_FILE,
            )
            if session.scalar(noted) is None:
                session.add(
                    RemovedEvidence(
                        warc_file=name, warc_record_id=WHOLE_FILE, sha256=digest, rule=dated.rule.name
                    )
                )
    return problems


def files_given_up(database: Database, rule: str, since: datetime) -> int:
    """Return how many whole files a rule has given up since then."""
    query = select(func.count()).where(
        RemovedEvidence.rule == rule,
        RemovedEvidence.warc_record_id == WHOLE_FILE,
        RemovedEvidence.decided_at >= since,
    )
    with database.reading() as session:
        return session.scalar(query) or 0


def _settle_file(database: Database, folder: EvidenceFolder, name: str) -> None:
    query = select(RemovedEvidence).where(
        RemovedEvidence.outcome == PENDING, RemovedEvidence.warc_file == name
    )
    with database.reading() as session:
        rows = session.scalars(query).all()
    records = {row.warc_record_id for row in rows}
    noted: list[int] = []

    def note(found: Collection[str]) -> None:
        noted.extend(row.id for row in rows if row.warc_record_id in found)
        _mark(database, noted, PENDING, now())

    try:
        if WHOLE_FILE in records:
            gone = frozenset(records) if folder.remove(name, lambda: note(records)) else frozenset()
        else:
            gone = folder.drop(name, records, note)
    except OSError:
        # The file is as it was: no later change of it may look like this removal.
        _mark(database, noted, PENDING, None)
        raise
    _mark(database, [row.id for row in rows if row.warc_record_id in gone], REMOVED, now())
    rest = [row for row in rows if row.warc_record_id not in gone]
    # What a killed run had found and dated is gone because of that run.
    for row in rest:
        if row.removed_at is not None:
            _mark(database, [row.id], REMOVED, row.removed_at)
    _mark(database, [row.id for row in rest if row.removed_at is None], MISSING, now())


def _mark(database: Database, numbers: Collection[int], outcome: str, removed_at: datetime | None) -> None:
    if numbers:
        with database.writing() as session:
            session.execute(
                update(RemovedEvidence)
                .where(RemovedEvidence.id.in_(numbers))
                .values(outcome=outcome, removed_at=removed_at)
            )
