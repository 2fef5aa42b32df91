"""The data model shared by all packages: listing, annotation, claim, number check, assessment.

Every offset is a Python string index into :attr:`Listing.text`, the unmodified original text.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from labels.law.facts import Fact
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict

OFFERED = "offered"
"""Key of :attr:`Listing.extra`: true if the source itself offers this for sale (a product page or feed, a
draft), false if price and platform say nothing about that (a post, a page of unknown kind)."""

_SHOPS = frozenset({Platform.MARKETPLACE, Platform.WEB_SHOP})


class Listing(BaseModel):
    """A listing as a buyer sees it.

    ``title`` is ``None`` if the source has only one text; ``text`` is then the description alone. Otherwise
    ``text`` is title, a line feed, and description, even if one of the two is empty, so that joining the two
    fields gives the same offsets.
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    title: str | None = None
    description: str = ""
    platform: Platform | None = None
    url: str | None = None
    price: str | None = None
    currency: str | None = None
    seller: str | None = None
    seller_url: str | None = None
    images: list[str] = Field(default_factory=list)
    captured_at: datetime | None = None
    extra: dict[str, Any] = Field(default_factory=dict, description="other fields of the source")

    @property
    def text(self) -> str:
        """The text that is assessed and that every offset points into."""
        return self.description if self.title is None else f"{self.title}\n{self.description}"

    @property
    def is_offer_by_record(self) -> bool:
        """Whether the record itself states an offer, whatever the text says.

        It does if its source says so (:data:`OFFERED`), otherwise if it has a price, or is on a
        marketplace or web shop.
        """
        said = self.extra.get(OFFERED)
        if isinstance(said, bool):
            return said
        return self.platform in _SHOPS or bool(self.price and self.price.strip())

    def as_handed_in(self) -> Self:
        """Return the listing as submitted by a platform: an offer, unless it is a social media post."""
        return self if self.is_offer_by_record or self.platform else self.as_offered()

    def as_offered(self) -> Self:
        """The same listing, marked as offered for sale."""
        return self.model_copy(update={"extra": {**self.extra, OFFERED: True}})


class Capture(BaseModel):
    """One fetched response and the location of its evidence."""

    model_config = ConfigDict(frozen=True)

    url: str
    status: int = Field(description="HTTP status")
    captured_at: datetime
    sha256: str = Field(
        description="hex digest of the response body as received (decoded of transfer coding)"
    )
    warc_file: str = Field(description="path relative to the evidence folder")
    warc_record_id: str
    content_type: str = ""


class Span(BaseModel):
    """A labelled range ``text[start:end]``."""

    model_config = ConfigDict(frozen=True)

    start: int = Field(ge=0)
    end: int
    label: ClaimLabel

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"span [{self.start}, {self.end}) is empty")
        return self


REVIEW_SOURCE, REVIEW_PREFIX = "reviews", "review-"
"""The source of annotations that were made from reviewers' decisions, and how their ids and groups begin."""


class Annotation(BaseModel):
    """A listing with a human annotation, one record of the dataset."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    platform: Platform
    product_class: ProductClass
    offer: bool
    text: str
    spans: list[Span] = Field(default_factory=list)
    borderline: bool = False
    note: str = ""
    group: str | None = None
    source: str = Field(default="", description="the file or person that the record came from")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.spans and not self.offer:
            raise ValueError("a text with offer false has no claims: remove the spans or set offer true")
        for span in self.spans:
            if span.end > len(self.text):
                raise ValueError(f"span [{span.start}, {span.end}) ends after the text of {len(self.text)}")
        return self

    @property
    def labels(self) -> frozenset[ClaimLabel]:
        """The labels of the spans."""
        return frozenset(span.label for span in self.spans)


class EstablishedFact(BaseModel):
    """A fact that decides which law applies, and where the text establishes it."""

    model_config = ConfigDict(frozen=True)

    fact: Fact
    start: int | None = None
    end: int | None = None


class LawRef(BaseModel):
    """A reference into the law catalogue (``labels.law.catalogue``)."""

    model_config = ConfigDict(frozen=True)

    id: str
    citation: str = Field(description="Thai citation: act, year, section")


class Claim(BaseModel):
    """A labelled span of the original text with its calibrated probability and the law it may break."""

    start: int
    end: int
    label: ClaimLabel
    probability: float = Field(ge=0, le=1)
    text: str
    law: list[LawRef] = Field(default_factory=list)


class LicenceKind(StrEnum):
    """The kind of a number (regulation: product licences and advertising permits)."""

    FOOD_SERIAL = "food_serial"
    COSMETIC_NOTIFICATION = "cosmetic_notification"
    DRUG_REGISTRATION = "drug_registration"
    TRADITIONAL_REGISTRATION = "traditional_registration"
    HERBAL_REGISTRATION = "herbal_registration"
    DEVICE_LICENCE = "device_licence"
    HAZARD_REGISTRATION = "hazard_registration"
    CLINIC_LICENCE = "clinic_licence"
    FOOD_AD_PERMIT = "food_ad_permit"
    DRUG_AD_PERMIT = "drug_ad_permit"
    DEVICE_AD_PERMIT = "device_ad_permit"
    CLINIC_AD_PERMIT = "clinic_ad_permit"
    HERBAL_AD_PERMIT = "herbal_ad_permit"
    AD_PERMIT = "ad_permit"
    """An advertising permit whose prefix does not name a class."""
    AMBIGUOUS = "ambiguous"
    """The shape fits more than one kind and the context does not decide."""


class NumberShape(StrEnum):
    """Whether a number has the form that its kind requires."""

    VALID = "valid"
    INVALID = "invalid"
    AMBIGUOUS = "ambiguous"


class RegistryStatus(StrEnum):
    """The result of looking a number up in the imported licence registry."""

    ACTIVE = "active"
    REVOKED = "revoked"
    """The authority revoked it (เพิกถอน)."""
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    """It is no longer in force, for any other reason or none that the register states."""
    OTHER_PRODUCT = "other_product"
    OTHER_CLASS = "other_class"
    NOT_FOUND = "not_found"
    NOT_LOADED = "registry_not_loaded"
    NOT_CHECKED = "not_checked"
    """The number is malformed or ambiguous, so there is nothing to look up."""


class LicenceCheck(BaseModel):
    """A licence or permit number found in the raw text."""

    start: int
    end: int
    kind: LicenceKind
    number: str = Field(description="normalized form, Arabic digits, the kind's own separators")
    shape: NumberShape
    status: RegistryStatus = RegistryStatus.NOT_LOADED
    reason: str = Field(default="", description="Thai sentence: why this shape or status")


class ContactKind(StrEnum):
    """The kind of contact or account of a seller."""

    PHONE = "phone"
    LINE_ID = "line_id"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    X = "x"
    YOUTUBE = "youtube"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    URL = "url"
    PROMPTPAY = "promptpay"
    BANK_ACCOUNT = "bank_account"


class Contact(BaseModel):
    """A contact found in the raw text."""

    start: int
    end: int
    kind: ContactKind
    value: str = Field(description="normalized form, comparable between listings")


class Finding(BaseModel):
    """One reason for the verdict, from the policy."""

    code: str = Field(description="the policy rule that fired")
    thai: str = Field(description="why, and what would be allowed")
    english: str
    law: list[LawRef] = Field(default_factory=list)
    start: int | None = None
    end: int | None = None


class Assessment(BaseModel):
    """The model's and the policy's answer for one listing."""

    id: str
    verdict: Verdict
    risk: float = Field(
        ge=0,
        le=1,
        description="calibrated probability that the listing is prohibited, or that of a rule that decides",
    )
    product_class: ProductClass
    product_class_probability: float = Field(ge=0, le=1)
    offer: bool
    offer_probability: float = Field(ge=0, le=1)
    claims: list[Claim] = Field(default_factory=list)
    licences: list[LicenceCheck] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    facts: list[EstablishedFact] = Field(
        default_factory=list, description="facts that, besides label and class, decide which law applies"
    )
    truncated: bool = Field(default=False, description="the text was longer than the limit and was cut")
    model: str = Field(description="bundle name, version and the first digits of its hash")
