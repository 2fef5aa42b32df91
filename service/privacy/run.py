"""Runs the retention rules in chunks, each committed before the next; a killed run is resumed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.privacy.clock import check_clock
from service.privacy.database_file import overwrite_deleted
from service.privacy.evidence import EvidenceFolder
from service.privacy.rules import DataKind, Rule, digest
from service.privacy.settling import (
    files_given_up,
    give_up_unneeded,
    settle,
    settled_since,
    unneeded_files,
)
from service.privacy.targets import TARGETS, Dated, Preview
from service.privacy.waiting import delete_awaited
from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.campaigns.placements import take_place
from service.store.database.columns import now
from service.store.database.engine import Database
from service.store.tables.retention_tables import RetentionRun, RetentionStep

CHUNK = 50
"""Rows per transaction, during which nobody else can write to the audit trail."""
FILES = "files"


@dataclass(frozen=True)
class RulePreview:
    """What one rule would do; ``files`` are whole files of the evidence folder."""

    dated: Dated
    noun: str
    rows: Preview
    files: int = 0


@dataclass(frozen=True)
class RuleDone:
    """What one rule did in this run, including before an interruption."""

    rule: str
    cutoff: datetime
    counts: dict[str, int]


@dataclass
class Report:
    """A run.  ``finished`` is false if it was stopped: the same command resumes it."""

    run: int
    resumed: bool
    rules: list[RuleDone] = field(default_factory=list)
    evidence: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    finished: bool = False


Progress = Callable[[str, int], None]
"""Called after each chunk with the rule's name and the number of rows processed."""


def preview(
    store: Store, rules: Sequence[Rule], evidence: Path, at: datetime | None = None
) -> list[RulePreview]:
    """Return what a run would do now, rule by rule, each after those before it.  Changes nothing."""
    moment = at or now()
    folder, found = EvidenceFolder(evidence), []
    earlier: list[Dated] = []
    for rule in rules:
        dated, target = Dated(rule, rule.after.before(moment)), TARGETS[rule.what]
        with store.database.reading() as session:
            rows = target.preview(session, dated, earlier)
        files = 0
        if rule.what is DataKind.EVIDENCE:
            files = sum(1 for _ in unneeded_files(store.database, folder, dated, earlier))
        found.append(RulePreview(dated, target.noun, rows, files))
        earlier.append(dated)
    return found


def run(
    store: Store,
    rules: Sequence[Rule],
    evidence: Path,
    *,
    actor: str = audit_names.CLI,
    chunk: int = CHUNK,
    progress: Progress = lambda _rule, _done: None,
    stop: Event | None = None,
    at: datetime | None = None,
    clock_is_right: bool = False,
) -> Report:
    """Apply the rules in their order, by their age at ``at``, now if not given.

    An interrupted run of the same rules is resumed, with the cut-offs that it began with.  What earlier
    requests had to leave is deleted first.

    Each finished rule appends one entry to the audit trail, and each chunk in which personal data was masked
    one that names the listings.  An unfinished run of other rules is closed, and its entries are marked as
    interrupted.  Raises :class:`~service.store.StoreError`, in particular
    :class:`~service.privacy.clock.ClockJumped`, unless ``clock_is_right``.
    """
    database, folder, stop = store.database, EvidenceFolder(evidence), stop or Event()
    found, resumed = _begin(database, rules, actor, at or now(), clock_is_right)
    report = Report(found.id, resumed)
    delete_awaited(database, actor)
    by_name = {rule.name: rule for rule in rules}
    for step in _steps(database, found.id):
        rule = by_name[step.rule]
        if step.finished_at is None and not _apply(
            store, found, step, rule, folder, chunk, progress, stop, report
        ):
            return report
    report.problems += settle(database, folder)
    report.rules = [RuleDone(step.rule, step.cutoff, step.counts) for step in _steps(database, found.id)]
    report.evidence = settled_since(database, found.started_at)
    _end(database, found, report)
    overwrite_deleted(database)
    report.finished = True
    return report


def last_run(store: Store) -> RetentionRun | None:
    """Return the newest run, finished or not."""
    with store.database.reading() as session:
        return session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(1)).first()


def _begin(
    database: Database, rules: Sequence[Rule], actor: str, moment: datetime, clock_is_right: bool
) -> tuple[RetentionRun, bool]:
    wanted = digest(rules)
    with database.writing() as session:
        take_turn(session)  # two runs that start at once become one
        unfinished = session.scalars(select(RetentionRun).where(RetentionRun.finished_at.is_(None))).all()
        resumed = None
        for row in unfinished:
            if row.rules_sha256 == wanted and resumed is None:
                resumed = row
            else:
                _close_interrupted(session, row)
        if resumed is not None:
            return resumed, True
        if not clock_is_right:
            check_clock(session, moment)
        row = RetentionRun(actor=actor, rules_sha256=wanted)
        session.add(row)
        session.flush()
        for rule in rules:
            session.add(
                RetentionStep(
                    run_id=row.id,
                    rule=rule.name,
                    terms=rule.terms(),
                    cutoff=rule.after.before(moment),
                    counts={},
                )
            )
            session.flush()  # ids in the order of the rules
        return row, False


def _steps(database: Database, run_id: int) -> list[RetentionStep]:
    with database.reading() as session:
        query = select(RetentionStep).where(RetentionStep.run_id == run_id).order_by(RetentionStep.id)
        return list(session.scalars(query))


def _apply(
    store: Store,
    found: RetentionRun,
    step: RetentionStep,
    rule: Rule,
    folder: EvidenceFolder,
    chunk: int,
    progress: Progress,
    stop: Event,
    report: Report,
) -> bool:
    """Apply one rule; returns whether it was completed."""
    database, target, dated = store.database, TARGETS[rule.what], Dated(rule, step.cutoff)
    while True:
        if stop.is_set():
            return False
        with database.writing() as session:
            # Nobody places, decides on or holds a listing while its chunk is processed.
            take_place(session)
            take_turn(session)
            row = session.get_one(RetentionStep, step.id, with_for_update=True)
            if row.finished_at is not None:
                return True  # another process was faster
            made = target.chunk(session, dated, row.cursor, chunk)
            numbers = made.rows
            if made.masked:
                detail = {"run": found.id, "listings": made.masked}
                subject = audit_names.rule(rule.name)
                append(session, found.actor, AuditAction.RETENTION_REDACT, subject, detail)
            if numbers:
                row.cursor = numbers[-1]
            row.counts = row.counts | {target.noun: row.counts.get(target.noun, 0) + len(numbers)}
            done = row.counts[target.noun]
        progress(rule.name, done)
        if len(numbers) < chunk:
            break
    files: int | None = None
    if rule.what is DataKind.EVIDENCE:
        report.problems += give_up_unneeded(database, folder, dated)
        files = files_given_up(database, rule.name, found.started_at)
    with database.writing() as session:
        take_turn(session)
        row = session.get_one(RetentionStep, step.id, with_for_update=True)
        if row.finished_at is None:
            row.counts = row.counts | ({} if files is None else {FILES: files})
            row.finished_at = now()
            _trace(session, found, row)
    return True


def _trace(session: Session, found: RetentionRun, step: RetentionStep, **more: Any) -> None:
    kept = ("what", "after", "since", "action")
    detail = {name: step.terms[name] for name in kept}
    detail |= {"run": found.id, "cutoff": step.cutoff.isoformat(), "counts": step.counts} | more
    append(session, found.actor, AuditAction.RETENTION_RULE, audit_names.rule(step.rule), detail)


def _close_interrupted(session: Session, row: RetentionRun) -> None:
    moment = now()
    steps = select(RetentionStep).where(RetentionStep.run_id == row.id).order_by(RetentionStep.id)
    for step in session.scalars(steps):
        if step.finished_at is None:
            step.finished_at = moment
            _trace(session, row, step, interrupted=True)
    row.finished_at = moment


def _end(database: Database, found: RetentionRun, report: Report) -> None:
    with database.writing() as session:
        take_turn(session)
        row = session.get_one(RetentionRun, found.id, with_for_update=True)
        if row.finished_at is None:
            row.finished_at = now()
            detail = {"run": row.id, "counts": report.evidence, "problems": len(report.problems)}
            append(session, row.actor, AuditAction.RETENTION_EVIDENCE, audit_names.EVIDENCE, detail)
