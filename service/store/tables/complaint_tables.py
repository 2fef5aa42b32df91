"""Tables of complaints and of their exports to other agencies."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.database.running_numbers import YearlyNumber, written
from service.store.tables.core_tables import Base, Referral

PREFIX = "รร"
"""Prefix of the numbers of complaints."""
LISTING_SOURCE = "complaints"
"""The source of listings created from complaints."""
TOLD = "told"
"""Key of a listing's ``extra``: true if its text is what a complainant told, not the advertisement's."""


class ComplaintCategory(StrEnum):
    """What a complaint is about: health products, or other problems with online trade."""

    HEALTH_AD = "health_ad"
    """A health product advertisement that exaggerates or deceives."""
    HEALTH_PRODUCT = "health_product"
    """A health product that is unlicensed, counterfeit or banned."""
    NOT_DELIVERED = "not_delivered"
    LATE = "late"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    FRAUD = "fraud"
    MULE_ACCOUNT = "mule_account"
    OTHER = "other"


class Agency(StrEnum):
    """Agencies that handle complaints about other matters than health products."""

    ETDA = "etda"
    """สพธอ., which runs the hotline 1212."""
    CYBER_POLICE = Referral.CYBER_POLICE.value
    MONEY_LAUNDERING = Referral.MONEY_LAUNDERING.value


class Progress(StrEnum):
    """How far the work on a complaint has progressed."""

    RECEIVED = "received"
    WITH_FDA = "with_fda"
    """An officer is handling it."""
    WITH_AGENCY = "with_agency"
    """It was exported to the competent agency."""
    ANSWERED = "answered"
    CLOSED = "closed"


OPEN = (Progress.RECEIVED, Progress.WITH_FDA, Progress.WITH_AGENCY)
"""The states of complaints that have not been answered yet."""


class Harm(StrEnum):
    """What the product did to somebody, according to the complainant."""

    NONE = "none"
    ILLNESS = "illness"
    INJURY = "injury"


class ClosingReason(StrEnum):
    """Why a complaint was closed."""

    ACTED = "acted"
    """The agency acted on it."""
    NO_VIOLATION = "no_violation"
    TOO_LITTLE = "too_little"
    """The information is insufficient."""
    DUPLICATE = "duplicate"
    NOT_COMPETENT = "not_competent"
    """Another agency is competent."""


class Channel(StrEnum):
    """How a complainant wants to be informed of the outcome."""

    NONE = "none"
    """Not at all: they look it up by number and code."""
    EMAIL = "email"
    SMS = "sms"
    LINE = "line"


HEALTH = frozenset({ComplaintCategory.HEALTH_AD, ComplaintCategory.HEALTH_PRODUCT})
"""Categories whose complaints belong to a listing; all others have none."""

HANDLED_BY: dict[ComplaintCategory, Agency] = {
    ComplaintCategory.NOT_DELIVERED: Agency.ETDA,
    ComplaintCategory.LATE: Agency.ETDA,
    ComplaintCategory.NOT_AS_DESCRIBED: Agency.ETDA,
    ComplaintCategory.DAMAGED: Agency.ETDA,
    ComplaintCategory.FRAUD: Agency.CYBER_POLICE,
    ComplaintCategory.MULE_ACCOUNT: Agency.MONEY_LAUNDERING,
    ComplaintCategory.OTHER: Agency.ETDA,
}
"""The agency for each category outside :data:`HEALTH`."""


def number_of(year: int, serial: int) -> str:
    """A complaint's number as shown to citizens: ``รร 0012/2569``."""
    return written(PREFIX, year, serial)


class Complaint(YearlyNumber, Base):
    """A complaint. If retention deletes its listing, it remains without one."""

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        UniqueConstraint("source", "external_id"),
        Index(None, "listing_id"),
        Index(None, "category", "id"),
        Index(None, "digest"),
        Index(None, "progress", "due_at"),
        Index(None, "duplicate_of"),
        # Numbers are never reused: citizens and the audit trail refer to them.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    """Where it came from: ``form``, an API key, a file's source."""
    external_id: Mapped[str | None] = mapped_column(String(200))
    """Its number at the source."""
    category: Mapped[str] = mapped_column(String(40))
    """A value of :class:`ComplaintCategory`."""
    title: Mapped[str] = mapped_column(Text, default="")
    """Name of the product."""
    url: Mapped[str] = mapped_column(Text, default="")
    platform: Mapped[str | None] = mapped_column(String(40))
    seller: Mapped[str] = mapped_column(Text, default="")
    advertised: Mapped[str] = mapped_column(Text, default="")
    """The text of the advertisement, as the complainant copied it."""
    detail: Mapped[str] = mapped_column(Text, default="")
    """What happened."""
    complained_on: Mapped[date | None]
    """The day of the complaint at its source."""
    received_at: Mapped[datetime] = mapped_column(default=now)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the content including the complainant and, from the public form, its page's token, for
    deduplication. Empty once a part of the texts was removed: a telephone number could be recovered by brute
    force."""
    sketch: Mapped[str] = mapped_column(String(100), default="")
    """The sketching method that made ``minima``."""
    minima: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Fingerprint of a health complaint's text, until its listing is placed in a campaign."""
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    contact_name: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    """The complainant's phone number or e-mail address."""
    contact_removed_at: Mapped[datetime | None]
    """When the complainant's name and contact were removed."""
    progress: Mapped[str] = mapped_column(
        String(20), default=Progress.RECEIVED.value, server_default=Progress.RECEIVED.value
    )
    """A value of :class:`Progress`."""
    owner: Mapped[str | None] = mapped_column(String(100))
    """Login name of the officer who handles it."""
    harm: Mapped[str] = mapped_column(String(20), default=Harm.NONE.value, server_default=Harm.NONE.value)
    """A value of :class:`Harm`."""
    due_at: Mapped[datetime | None]
    """When it must be answered; ``None`` for complaints from before due times existed."""
    closed_for: Mapped[str | None] = mapped_column(String(20))
    """A value of :class:`ClosingReason`, once closed; of a duplicate whose main complaint retention deleted,
    the reason for which that one was closed."""
    duplicate_of: Mapped[int | None]
    """The complaint to which this one is linked and with which it is answered."""
    code_digest: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the number and code with which the complainant looks it up."""
    channel: Mapped[str] = mapped_column(
        String(20), default=Channel.NONE.value, server_default=Channel.NONE.value
    )
    """A value of :class:`Channel`."""

    @property
    def number(self) -> str:
        """The number as given to the complainant."""
        return number_of(self.year, self.serial)

    @property
    def agency(self) -> Agency | None:
        """The agency that handles its category; ``None`` for health products."""
        return HANDLED_BY.get(ComplaintCategory(self.category))

    @property
    def is_open(self) -> bool:
        """Whether it is unanswered."""
        return self.progress in OPEN


class ComplaintEventKind(StrEnum):
    """The kinds of entries in a complaint's history."""

    PROGRESS = "progress"
    """The progress changed; ``text`` is the new value."""
    ANSWER = "answer"
    NOTE = "note"
    """An officer's note, for officers only."""
    ADDED = "added"
    """The complainant added text or photos."""


class ComplaintEvent(Base):
    """An entry in a complaint's history. Append-only."""

    __tablename__ = "complaint_event"
    __table_args__ = (Index(None, "complaint_id"), Index(None, "kind", "complaint_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str] = mapped_column(String(200))
    """The actor as in the audit trail: ``reviewer:NAME``, ``cli`` or ``form``."""
    kind: Mapped[str] = mapped_column(String(20))
    """A value of :class:`ComplaintEventKind`."""
    text: Mapped[str] = mapped_column(Text, default="")


class ComplaintPhoto(Base):
    """A photo that a complainant sent. Append-only; deleted with the complaint."""

    __tablename__ = "complaint_photo"
    __table_args__ = (UniqueConstraint("complaint_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    """Detected from the file's first bytes, whatever its sender declared."""
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The file as it was sent; in the database, so that it is deleted with the complaint."""
    added_at: Mapped[datetime] = mapped_column(default=now)


class MessageState(StrEnum):
    """The state of a message to a complainant."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """Given up: the address was removed or refused, or the channel is not connected."""


class ComplaintMessage(Base):
    """An answer queued for a complainant. The address is read from the complaint when it is sent."""

    __tablename__ = "complaint_message"
    __table_args__ = (Index(None, "complaint_id"), Index(None, "state", "next_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("complaint_event.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    """A value of :class:`Channel`."""
    state: Mapped[str] = mapped_column(String(20), default=MessageState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now)
    """When to attempt it next; during an attempt, when its lease ends."""
    error: Mapped[str] = mapped_column(Text, default="")
    """Why the last attempt failed."""
    sent_at: Mapped[datetime | None]


class AnswerTemplate(Base):
    """An answer template as edited by an office; replaces the shipped one with the same name."""

    __tablename__ = "answer_template"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    """Empty if the template was removed."""
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class ComplaintExport(Base):
    """A file of complaints made for an agency. Append-only."""

    __tablename__ = "complaint_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(String(40))
    """A value of :class:`Agency`."""
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str] = mapped_column(String(200))
    """As in the audit trail: ``reviewer:NAME`` or ``cli``."""
    size: Mapped[int]
    """The number of complaints in it."""


class ExportedComplaint(Base):
    """The membership of a complaint in an export."""

    __tablename__ = "exported_complaint"
    __table_args__ = (Index(None, "complaint_id"),)

    export_id: Mapped[int] = mapped_column(ForeignKey("complaint_export.id"), primary_key=True)
    complaint_id: Mapped[int] = mapped_column(
        ForeignKey("complaint.id", ondelete="CASCADE"), primary_key=True
    )
    newest_event: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest entry of the complaint's history that the file knew; 0 for none."""
