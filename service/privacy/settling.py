"""Deletes from disk the evidence that the store has given up."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from service.privacy.evidence import EvidenceFolder
from service.privacy.removal import give_up
from service.privacy.rules import LISTINGS
from service.privacy.targets import Dated, evidence_condition, listing_condition
from service.store.audit.trail import take_turn
from service.store.cases.protection import free
from service.store.database.columns import now
from service.store.database.engine import Database
from service.store.tables.core_tables import Capture, Listing
from service.store.tables.retention_tables import RemovedEvidence
from service.store.tables.sighting_tables import Sighting

PENDING, REMOVED, MISSING = "pending", "removed", "missing"
WHOLE_FILE = ""
VISITS = 200
"""Visits given up in one transaction."""


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
    for name, written in folder.files():
        if written < dated.cutoff:
            with database.reading() as session:
                if not _is_needed(session, name, dated, earlier):
                    yield name, written


def give_up_unneeded(database: Database, folder: EvidenceFolder, dated: Dated) -> list[str]:
    """Queue the files of :func:`unneeded_files` for removal, and visits in other files that are as old.

    Returns the problems.
    """
    problems = []
    unneeded = {name for name, _ in unneeded_files(database, folder, dated)}
    for name, written in list(folder.files()):
        if name not in unneeded:
            if written < dated.cutoff:
                _give_up_visits(database, name, dated)
            continue
        try:
            digest = folder.digest(name)
        except OSError as error:
            problems.append(str(error))
            continue
        with database.writing() as session:
            take_turn(session)  # nobody places a hold meanwhile
            if _is_needed(session, name, dated):
                continue
            session.execute(
                update(Sighting)
                .where(Sighting.warc_file == name, Sighting.removed_at.is_(None))
                .values(removed_at=now())
            )
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


def _is_needed(session: Session, name: str, dated: Dated, earlier: Sequence[Dated] = ()) -> bool:
    """Whether a capture or a visit in a file stays when the rule and ``earlier`` ones are applied."""
    by_earlier = [listing_condition(other) for other in earlier if other.rule.what in LISTINGS]
    goes: tuple[tuple[type[Capture] | type[Sighting], ColumnElement[bool]], ...] = (
        (Capture, evidence_condition(dated)),
        (Sighting, _visit_condition(dated)),
    )
    for table, condition in goes:
        given_up = (
            select(table.id)
            .join(Listing, Listing.id == table.listing_id)
            .where(table.warc_file == name, or_(condition, *by_earlier))
        )
        needed = select(table.id).where(
            table.warc_file == name, table.removed_at.is_(None), table.id.not_in(given_up)
        )
        if session.scalar(needed.limit(1)) is not None:
            return True
    return False


def _visit_condition(dated: Dated) -> ColumnElement[bool]:
    """Return the condition for visits that are as old as a rule's captures; join them with their listings."""
    return and_(Sighting.removed_at.is_(None), Sighting.at < dated.cutoff, free())


def _give_up_visits(database: Database, name: str, dated: Dated) -> None:
    """Give up the visits in a file that is needed for others."""
    query = (
        select(Sighting)
        .join(Listing, Listing.id == Sighting.listing_id)
        .where(Sighting.warc_file == name, _visit_condition(dated))
        .limit(VISITS)
        .with_for_update(of=Sighting)
    )
    while True:
        with database.writing() as session:
            take_turn(session)
            visits = list(session.scalars(query))
            give_up(session, visits, dated.rule.name, now())
        if len(visits) < VISITS:
            return


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
