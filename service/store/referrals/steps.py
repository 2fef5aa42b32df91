"""The steps of a referral: allowed transitions and required fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.store.audit.actions import AuditAction
from service.store.database.columns import now
from service.store.database.errors import Refusal
from service.store.database.json_text import storable
from service.store.tables.referral_tables import Channel, ReferralStatus
from service.text import referral_texts
from service.text.thai_calendar import local_day

MAX_LINE, MAX_NOTE, MAX_PASSAGE = 500, 4000, 4000
"""Maximum lengths in characters: address or reference, note, passage of the letter."""

MAX_LISTINGS = 100
"""Maximum number of listings per letter: what an annex can list and a person can check."""

_DRAFT, _SENT, _ACKNOWLEDGED, _ACTED, _DECLINED, _CLOSED = ReferralStatus

FOLLOWS: dict[ReferralStatus, tuple[ReferralStatus, ...]] = {
    _DRAFT: (_SENT, _CLOSED),
    # Sent again: through another channel, or as a reminder.
    _SENT: (_ACKNOWLEDGED, _ACTED, _DECLINED, _SENT, _CLOSED),
    _ACKNOWLEDGED: (_ACTED, _DECLINED, _CLOSED),
    _ACTED: (_CLOSED,),
    _DECLINED: (_CLOSED,),
    _CLOSED: (),
}
"""Allowed transitions between statuses."""

RECORDED: dict[ReferralStatus, AuditAction] = {
    _SENT: AuditAction.REFERRAL_SENT,
    _ACKNOWLEDGED: AuditAction.REFERRAL_ACKNOWLEDGED,
    _ACTED: AuditAction.REFERRAL_ACTED,
    _DECLINED: AuditAction.REFERRAL_DECLINED,
    _CLOSED: AuditAction.REFERRAL_CLOSED,
}
"""Audit action of each step; creating a draft is not a step."""

OPEN = tuple(status for status in ReferralStatus if status is not _CLOSED)


class ReferralRefused(Refusal):
    """A referral or step that cannot be stored."""


class ReferralChanged(ReferralRefused):
    """Somebody recorded a step after the page was opened."""


@dataclass(frozen=True)
class Passages:
    """The edited passages of a letter; an empty one uses the template's text."""

    opening: str = ""
    request: str = ""
    closing: str = ""


@dataclass(frozen=True)
class Wording:
    """What a letter says, as plain data.

    ``letter`` is the composed letter without its pictures; ``listings`` are, for each listing, its notice and
    the penalties stated with its provisions.
    """

    letter: Mapping[str, Any]
    listings: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    """A step of a referral, as recorded by a person.

    ``happened_at`` is the date that the person stated. ``channel``, ``address``, ``pack_sha256``, ``stated``,
    the provisions that the letter states for each listing, and ``wording`` apply to sent letters.
    ``download`` is the number of the downloaded words of a draft that were sent, in place of those three.
    """

    status: ReferralStatus
    happened_at: datetime
    channel: Channel | None = None
    address: str = ""
    reference: str = ""
    note: str = ""
    pack_sha256: str = ""
    stated: Mapping[int, Sequence[str]] = field(default_factory=dict)
    wording: Wording | None = None
    download: int | None = None


def checked(step: Step) -> Step:
    """The step, trimmed and sanitized for the database; raises :class:`ReferralRefused`."""
    if local_day(step.happened_at) > local_day(now()):
        raise ReferralRefused(referral_texts.IN_THE_FUTURE)
    if (step.status is _SENT) != (step.channel is not None):
        raise ReferralRefused(referral_texts.CHANNEL)
    if step.status is _SENT and not step.address.strip():
        raise ReferralRefused(referral_texts.NO_ADDRESS)
    if step.status in (_ACTED, _DECLINED, _CLOSED) and not step.note.strip():
        raise ReferralRefused(referral_texts.NO_DETAIL)
    for text, most in ((step.address, MAX_LINE), (step.reference, MAX_LINE), (step.note, MAX_NOTE)):
        if len(text) > most:
            raise ReferralRefused(referral_texts.TOO_LONG.format(count=len(text), most=most))
    return replace(
        step,
        address=storable(step.address.strip()),
        reference=storable(step.reference.strip()),
        note=storable(step.note.strip()),
    )


def checked_passages(passages: Passages) -> Passages:
    """The passages, trimmed and sanitized for the database; raises :class:`ReferralRefused`."""
    kept = {name: storable(getattr(passages, name).strip()) for name in referral_texts.PASSAGES}
    for name, text in kept.items():
        if len(text) > MAX_PASSAGE:
            raise ReferralRefused(
                referral_texts.PASSAGE_TOO_LONG.format(
                    thai=referral_texts.PASSAGES[name], count=len(text), most=MAX_PASSAGE, name=name
                )
            )
    return Passages(**kept)
