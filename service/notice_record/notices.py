"""The outcome of each notice, read from the audit trail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from service.store.audit.actions import AuditAction
from service.store.cases.decisions import REINSTATES, TAKES_DOWN

_WITHDRAWAL: Final = AuditAction.REVIEW_WITHDRAW
CONTEST_FOR: Final = timedelta(days=30)
"""A notice that was neither contested nor reversed for this long counts as standing."""
ACTIONS: Final = (
    AuditAction.REVIEW_RECORD,
    AuditAction.REVIEW_SPREAD,
    _WITHDRAWAL,
    AuditAction.APPEAL_FILE,
    AuditAction.APPEAL_ANSWER,
)
"""The audit actions from which the record is computed."""


class NoticeState(StrEnum):
    """The state of a notice."""

    UPHELD = "upheld"
    """Contested, and the answer is against the listing too."""
    EXPIRED = "expired"
    """Not contested within :data:`CONTEST_FOR`."""
    OVERTURNED = "overturned"
    """Withdrawn, or the same text was decided differently."""
    PENDING = "pending"
    RENEWED = "renewed"
    """Replaced by a later notice about the same listing, which counts instead."""
    CHANGED = "changed"
    """The seller changed the text, and the new text was decided differently."""


@dataclass(frozen=True)
class Notice:
    """A decision of which a platform was notified."""

    review: int
    listing: str
    """Subject of the audit entry."""
    at: datetime
    platform: str
    labels: tuple[str, ...]
    automatic: bool
    """Whether a standing order decided, without a person having read the text."""
    contested: bool = False
    standing: NoticeState = NoticeState.PENDING


class Entry(Protocol):
    """An audit entry."""

    at: Any
    action: Any
    subject: Any
    detail: Any


def notices(entries: Iterable[Entry], moment: datetime) -> list[Notice]:
    """Return every notice in the entries (oldest first), with its state at ``moment``.

    Entries from before platform and labels were recorded are ignored.
    """
    entries = list(entries)
    undone = {entry.detail.get("taken_back") for entry in entries if entry.action == _WITHDRAWAL}
    done: list[Notice] = []
    standing: dict[str, Notice] = {}
    changed: set[str] = set()
    for entry in entries:
        listing, detail = entry.subject, entry.detail
        before = standing.get(listing)
        if entry.action == AuditAction.APPEAL_FILE:
            if before is not None and detail.get("review") == before.review:
                standing[listing] = replace(before, contested=True)
            continue
        if entry.action == AuditAction.APPEAL_ANSWER:
            continue
        if detail.get("same_text") is False:
            changed.add(listing)
        made = _notice(entry) if _is_notice(entry.action, detail) else None
        if before is not None and before.contested and detail.get("review") in undone:
            # The answer to an appeal was withdrawn: the appeal is open again.
            if made is not None:
                done.append(replace(made, standing=NoticeState.OVERTURNED))
            continue
        outcome = _outcome(entry.action, detail, before, listing in changed)
        if before is not None and outcome is not None:
            done.append(replace(before, standing=outcome))
            del standing[listing]
        if made is not None:
            changed.discard(listing)
            standing[listing] = made
    for notice in standing.values():
        is_old = not notice.contested and notice.at <= moment - CONTEST_FOR
        done.append(replace(notice, standing=NoticeState.EXPIRED) if is_old else notice)
    return sorted(done, key=lambda notice: notice.review)


def _notice(entry: Entry) -> Notice:
    detail = entry.detail
    return Notice(
        review=detail["review"],
        listing=entry.subject,
        at=entry.at,
        platform=detail["platform"],
        labels=tuple(detail["labels"]),
        automatic=entry.action == AuditAction.REVIEW_SPREAD,
    )


def _is_notice(action: str, detail: Mapping[str, Any]) -> bool:
    decided = action in (AuditAction.REVIEW_RECORD, AuditAction.REVIEW_SPREAD)
    against = detail.get("decision") in TAKES_DOWN and detail.get("takedown") is True
    return decided and against and "platform" in detail


def _outcome(
    action: str, detail: Mapping[str, Any], before: Notice | None, has_changed: bool
) -> NoticeState | None:
    """Return the new state that an entry gives the notice in force before it; ``None`` for no change."""
    if before is None:
        return None
    if action == _WITHDRAWAL:
        # A doubt or a decision that was held back may be withdrawn, too: the notice stands.
        return NoticeState.OVERTURNED if detail.get("taken_back") == before.review else None
    decision = detail.get("decision")
    if decision in REINSTATES:
        return NoticeState.CHANGED if has_changed else NoticeState.OVERTURNED
    if decision in TAKES_DOWN and detail.get("takedown") is True:
        return NoticeState.UPHELD if before.contested else NoticeState.RENEWED
    return None
