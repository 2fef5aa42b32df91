"""The tables of complaints: what citizens reported, and which of it was handed to another agency when."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.database.running_numbers import Yearly, written
from service.store.tables.core_tables import Base, Referral

PREFIX = "รร"
LISTING_SOURCE = "complaints"
"""The source of the listings that complaints brought in."""
"""What the numbers of complaints begin with."""


class ComplaintCategory(StrEnum):
    """What a complaint is about: health products, and the kinds of trouble with online trade."""

    HEALTH_AD = "health_ad"
    """An advertisement of a health product that exaggerates or deceives."""
    HEALTH_PRODUCT = "health_product"
    """A health product without a licence, counterfeit, or forbidden to be sold."""
    NOT_DELIVERED = "not_delivered"
    LATE = "late"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    FRAUD = "fraud"
    MULE_ACCOUNT = "mule_account"
    OTHER = "other"


class Agency(StrEnum):
    """Who handles what is not a matter of health products."""

    ETDA = "etda"
    """สพธอ., which runs the hotline 1212."""
    CYBER_POLICE = Referral.CYBER_POLICE.value
    MONEY_LAUNDERING = Referral.MONEY_LAUNDERING.value


HEALTH = frozenset({ComplaintCategory.HEALTH_AD, ComplaintCategory.HEALTH_PRODUCT})
"""Categories whose complaints belong to a listing; all others are kept apart."""

HANDLED_BY: dict[ComplaintCategory, Agency] = {
    ComplaintCategory.NOT_DELIVERED: Agency.ETDA,
    ComplaintCategory.LATE: Agency.ETDA,
    ComplaintCategory.NOT_AS_DESCRIBED: Agency.ETDA,
    ComplaintCategory.DAMAGED: Agency.ETDA,
    ComplaintCategory.FRAUD: Agency.CYBER_POLICE,
    ComplaintCategory.MULE_ACCOUNT: Agency.MONEY_LAUNDERING,
    ComplaintCategory.OTHER: Agency.ETDA,
}
"""To which agency a category that is not of :data:`HEALTH` goes."""


def number_of(year: int, serial: int) -> str:
    """A complaint's number as citizens are told it: ``รร 0012/2569``."""
    return written(PREFIX, year, serial)


class Complaint(Yearly, Base):
    """One complaint.  Its listing may go by the retention rules; then it stands without one."""

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        UniqueConstraint("source", "external_id"),
        Index(None, "listing_id"),
        Index(None, "category", "id"),
        Index(None, "digest"),
        # A number that was given to a citizen or stands in the audit trail is never given out again.
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
    """Name of the goods."""
    url: Mapped[str] = mapped_column(Text, default="")
    platform: Mapped[str | None] = mapped_column(String(40))
    seller: Mapped[str] = mapped_column(Text, default="")
    advertised: Mapped[str] = mapped_column(Text, default="")
    """The words of the advertisement, as the complainant copied them."""
    detail: Mapped[str] = mapped_column(Text, default="")
    """What happened."""
    complained_on: Mapped[date | None]
    """The day of the complaint at its source."""
    received_at: Mapped[datetime] = mapped_column(default=now)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what it says, complainant included: the same sent twice is one complaint.  Empty once a part
    was taken out of the texts: a telephone number could be found again by trying all of them."""
    sketch: Mapped[str] = mapped_column(String(100), default="")
    """The way of sketching that made ``minima``."""
    minima: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the text of a health complaint is recognized by, until its listing is placed in a campaign."""
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    contact_name: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    """The complainant's phone number or e-mail address."""
    contact_removed_at: Mapped[datetime | None]
    """When name and contact of the complainant were taken out."""

    @property
    def number(self) -> str:
        """As the complainant was told it."""
        return number_of(self.year, self.serial)


class ComplaintExport(Base):
    """One file of complaints that was made for an agency.  Append-only."""

    __tablename__ = "complaint_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(String(40))
    """A value of :class:`Agency`."""
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str] = mapped_column(String(200))
    """As in the audit trail: ``reviewer:NAME`` or ``cli``."""
    size: Mapped[int]
    """How many complaints it held."""


class ExportedComplaint(Base):
    """That a complaint was in an export."""

    __tablename__ = "exported_complaint"
    __table_args__ = (Index(None, "complaint_id"),)

    export_id: Mapped[int] = mapped_column(ForeignKey("complaint_export.id"), primary_key=True)
    complaint_id: Mapped[int] = mapped_column(
        ForeignKey("complaint.id", ondelete="CASCADE"), primary_key=True
    )
