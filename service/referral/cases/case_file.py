"""Referred cases: collects everything for a pack, and serializes it (``case.json``).

Nothing in it is later than the referral itself, so a draft gives the same pack as long as the listing, the
evidence and the law catalogue do not change; a sent letter keeps its words whatever the catalogue says later.
Omits reviewers' names and notes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from labels.pictured import all_contacts, pictures_of
from labels.schema import Assessment, Contact
from service.decisions.notice import Notice, QuotedClaim, StatedFact
from service.decisions.offences import provision_or_none
from service.decisions.reasons import notice_of
from service.referral.cases.evidence import Evidence, gather
from service.referral.cases.marked_pictures import MarkedPicture
from service.store import Store
from service.store.cases.decisions import Decided
from service.store.listings.repository import text_digest
from service.store.listings.told import is_from_complaint, is_told, shown_by_seller
from service.store.referrals.standing import dated
from service.store.tables.core_tables import Capture, Listing, ListingVersion, Review
from service.store.tables.referral_tables import Recipient, ReferralRow

FORMAT, JOINT_FORMAT = "ruthan-case 1", "ruthan-cases 1"
"""Schemas for a letter about one listing, and about several, listed under ``cases``."""

PERSONAL_DATA = {
    "thai": [
        "ชื่อและที่อยู่เว็บของผู้ขาย",
        "ช่องทางติดต่อ บัญชีธนาคาร และพร้อมเพย์ที่ปรากฏในโฆษณา",
        "ภาพโฆษณาอาจมีภาพบุคคล",
        "หน้าเว็บที่เก็บไว้อาจมีชื่อ ภาพ และความเห็นของบุคคลอื่น เช่น ผู้ซื้อที่เขียนรีวิว",
    ],
    "english": [
        "the seller's name and web address",
        "contacts, bank accounts and PromptPay numbers that stand in the listing",
        "pictures of the listing may show people",
        "stored pages may show names, pictures and words of others, such as buyers who wrote reviews",
    ],
}
"""What every pack may hold."""

_ACCOUNT = (
    "คำบอกเล่าของผู้ร้องเรียนฉบับเต็ม (description และ text ใน case.json) ซึ่งอาจมีชื่อ ช่องทางติดต่อ"
    " และข้อมูลสุขภาพของผู้ร้องเรียนหรือบุคคลอื่น",
    "a complainant's full account (description and text in case.json), which may hold names, contacts and"
    " health data of the complainant or of others",
)
_TOLD_WORDS = (
    "ข้อความที่ยืนยัน ซึ่งเป็นข้อความตามที่ผู้ร้องเรียนแจ้ง ไม่มีคำบอกเล่าฉบับเต็มและเลขที่เรื่องร้องเรียน",
    "the confirmed words, as a complainant told them, without the full account and the complaint's number",
)
_COMPLAINT_NUMBER = (
    "เลขที่เรื่องร้องเรียน (external_id ใน case.json)",
    "the complaint's number (external_id in case.json)",
)

TEXT_IS_TOLD = {
    "thai": "ข้อความเป็นคำบอกเล่าของผู้ร้องเรียน มิใช่ข้อความโฆษณา",
    "english": "the text is a complainant's account, not the advertisement's",
}
"""What ``case.json`` says of such a text."""

_ACCUSED = frozenset({Recipient.ADVERTISER, Recipient.PLATFORM})
"""Recipients that are no authority: they do not learn who complained, nor the whole account."""


@dataclass(frozen=True)
class Item:
    """A listing in a letter, with its decision.

    ``title``, ``description`` and ``price`` are of the text decided on; those of ``listing`` may be newer.
    """

    listing: Listing
    review: Review
    assessment: Assessment
    notice: Notice
    title: str | None
    description: str
    price: str | None
    captures: tuple[Capture, ...]
    earlier: tuple[Review, ...]
    """Reviews of the listing up to the letter's date, oldest first."""
    penalties: Mapping[str, str]
    """Id of a provision -> the penalty that the letter states; empty if it was not read in the act itself."""

    @property
    def text(self) -> str:
        """The text that was decided on."""
        return self.description if self.title is None else f"{self.title}\n{self.description}"

    @property
    def is_told(self) -> bool:
        """Whether that text is a complainant's account, not the advertisement's."""
        return is_told(self.listing)

    @property
    def is_reported(self) -> bool:
        """Whether a complaint brought the listing, as an account or a copy of the advertisement."""
        return is_from_complaint(self.listing)

    @property
    def contacts(self) -> Sequence[Contact]:
        """The contacts that the seller shows, in the text and in pictures."""
        return shown_by_seller(self.listing, all_contacts(self.assessment))


@dataclass(frozen=True)
class Case:
    """The content of a pack.

    ``number`` is the letter's number, ``made_at`` its date; ``items`` are its listings in the order of the
    annex; ``evidence`` covers all of them.
    """

    referral: ReferralRow
    number: str
    made_at: datetime
    items: tuple[Item, ...]
    evidence: Evidence
    pictures: tuple[MarkedPicture, ...] = ()
    """The pictures in which words were confirmed."""
    sent: Mapping[str, Any] | None = None
    """The letter as it was sent, without its pictures; ``None`` if it is composed again."""
    is_copy: bool = False
    """Whether the letter was sent and is composed again, since the words that were sent are not stored."""

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures of all listings."""
        return tuple(capture for item in self.items for capture in item.captures)

    def numbers_of(self, item: int) -> dict[str, int]:
        """Return the numbers of the pictures of one listing, by their hash; listings count from 1."""
        return {picture.sha256: picture.number for picture in self.pictures if picture.item == item}

    @property
    def is_joint(self) -> bool:
        """Whether it is about several listings."""
        return len(self.items) > 1

    @property
    def is_for_authority(self) -> bool:
        """Whether the recipient is an authority, and neither the seller nor the platform."""
        return self.referral.recipient not in _ACCUSED

    @property
    def leaves_text_out(self) -> bool:
        """Whether the pack lacks the text of a listing, which is a complainant's account."""
        return not self.is_for_authority and any(item.is_told for item in self.items)


def read_case(
    store: Store,
    evidence: Path | None,
    referral: ReferralRow,
    number: str | None = None,
    reviews: Sequence[Review] | None = None,
) -> Case:
    """Read the case of a referral.

    Args:
        evidence: the folder of the WARC files; ``None`` skips the evidence.
        number: the letter's number, in place of the referral's.
        reviews: the decisions of a preview; by default those of the referral.
    """
    sent = store.referrals.sent_letter(referral.id) if reviews is None else None
    said = sent.listings if sent is not None else {}
    if reviews is None:
        kept = [found for found in store.referrals.covered(referral.id) if found.item.removed_at is None]
        bases = [(found.review, found.item.stated) for found in kept]
    else:
        bases = [(review, None) for review in reviews]
    made_at = dated(referral, [review for review, _ in bases])
    items = tuple(
        _item(
            store,
            store.decisions.of_review(review.id),
            made_at,
            stated,
            said.get(str(review.listing_id)),
        )
        for review, stated in bases
    )
    captures = [capture for item in items for capture in item.captures]
    return Case(
        referral=referral,
        number=referral.number if number is None else number,
        made_at=made_at,
        items=items,
        evidence=Evidence() if evidence is None else gather(evidence, captures),
        sent=None if sent is None else sent.letter,
        is_copy=reviews is None and store.referrals.is_worded_anew(referral.id),
    )


def _item(
    store: Store,
    decided: Decided,
    made_at: datetime,
    stated: Sequence[str] | None,
    said: Mapping[str, Any] | None,
) -> Item:
    """Return a listing of a letter; ``said`` is what the sent letter says of it (:func:`said_of`)."""
    listing = decided.listing
    notice = notice_of(decided, "", stated) if said is None else Notice.model_validate(said["notice"])
    read = text_decided_on(store, decided)
    captures = tuple(
        capture
        for capture in store.listings.captures(listing.id)
        if capture.version == read.version and capture.captured_at <= made_at
    )
    reviews = [past.review for past in store.reviews.history(listing.id)]
    return Item(
        listing=listing,
        review=decided.review,
        assessment=decided.assessment.shape(),
        notice=notice,
        title=read.title,
        description=read.description,
        price=read.price,
        captures=captures,
        earlier=tuple(r for r in reversed(reviews) if r.created_at <= made_at),
        penalties=penalties_of(notice) if said is None else said["penalties"],
    )


def _claim(claim: QuotedClaim) -> dict[str, Any]:
    """Return a claim as plain data; as in earlier packs if it is spelled plainly."""
    return claim.model_dump(mode="json", exclude=None if claim.reading else {"reading"})


def _fact(fact: StatedFact) -> dict[str, Any]:
    """Return a fact as plain data; as in earlier packs unless it names a number in a picture."""
    return fact.model_dump(mode="json", exclude=None if fact.number else {"number", "picture"})


def said_of(item: Item) -> dict[str, Any]:
    """Return what a letter says of a listing, as plain data."""
    notice = item.notice.model_dump(mode="json") | {"facts": [_fact(fact) for fact in item.notice.facts]}
    return {"notice": notice, "penalties": dict(item.penalties)}


def penalties_of(notice: Notice) -> dict[str, str]:
    """Return the penalty of each provision, as in the letter only if it was read in the act itself."""
    rows = {ground.id: provision_or_none(ground.id) for ground in notice.ground}
    return {
        number: row.penalty_thai if row is not None and row.is_confirmed else ""
        for number, row in rows.items()
    }


def text_decided_on(store: Store, decided: Decided) -> Listing | ListingVersion:
    """Return the listing as it was decided on, or its present state if that text is gone."""
    listing, digest = decided.listing, decided.assessment.listing_text_sha256
    if listing.text_sha256 == digest:
        return listing
    earlier = reversed(store.listings.versions(listing.id))
    return next((version for version in earlier if version.text_sha256 == digest), listing)


def case_json(case: Case) -> bytes:
    """Serialize the case: listing, text, decision with words and law, earlier decisions, model, evidence."""
    referral = case.referral
    head: dict[str, Any] = {
        "format": JOINT_FORMAT if case.is_joint else FORMAT,
        "number": referral.number,
        "created_at": referral.created_at.isoformat(),
        "recipient": referral.recipient,
        "province": referral.province,
        "personal_data": personal_data(case),
    }
    if case.is_joint:
        cases = [
            {"annex_number": number, **_item_json(item, case)}
            for number, item in enumerate(case.items, start=1)
        ]
        content = head | {"cases": cases}
    else:
        content = head | _item_json(case.items[0], case)
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def personal_data(case: Case) -> dict[str, list[str]]:
    """Return which personal data the pack of a case holds, in Thai and English."""
    found = []
    if any(item.is_told for item in case.items):
        found.append(_ACCOUNT if case.is_for_authority else _TOLD_WORDS)
    if case.is_for_authority and any(is_from_complaint(item.listing) for item in case.items):
        found.append(_COMPLAINT_NUMBER)
    return {
        "thai": [*PERSONAL_DATA["thai"], *(thai for thai, _ in found)],
        "english": [*PERSONAL_DATA["english"], *(english for _, english in found)],
    }


def _item_json(item: Item, case: Case) -> dict[str, Any]:
    content = _whole_item(item, case.evidence)
    if item.is_told:
        content["text_is"] = TEXT_IS_TOLD
    if case.is_for_authority or not is_from_complaint(item.listing):
        return content
    left_out = {"external_id", "source"} | ({"description"} if item.is_told else set())
    content["listing"] = {name: value for name, value in content["listing"].items() if name not in left_out}
    if item.is_told:
        # Of a short account the digest tells as much as the text.
        del content["text"], content["text_sha256"]
    return content


def _whole_item(item: Item, evidence: Evidence) -> dict[str, Any]:
    notice, listing = item.notice, item.listing
    return {
        "listing": {
            "id": listing.id,
            "external_id": listing.external_id,
            "source": listing.source,
            "platform": listing.platform,
            "url": listing.url,
            "title": item.title,
            "description": item.description,
            "price": item.price,
            "currency": listing.currency,
            "seller": listing.seller,
            "seller_url": listing.seller_url,
            "images": listing.images,
        },
        "text": item.text,
        "text_sha256": text_digest(item.text),
        "decision": {
            "decision": notice.decision,
            "decided_at": notice.decided_at.isoformat(),
            "product_class": notice.product_class,
            "claims": [_claim(claim) for claim in notice.claims],
            "facts": [_fact(fact) for fact in notice.facts],
            "law": [
                ground.model_dump(mode="json") | {"penalty_thai": item.penalties.get(ground.id, "")}
                for ground in notice.ground
            ],
            "explanation_thai": notice.explanation_thai,
            "explanation_english": notice.explanation_english,
        },
        "decisions": [
            {"decision": review.decision, "decided_at": review.created_at.isoformat()}
            for review in item.earlier
        ],
        "machine": _reading(item),
        "evidence": _evidence(item.captures, evidence),
    }


def _reading(item: Item) -> dict[str, Any]:
    """Return what the model read: numbers and contacts, of the text and of each picture that has any.

    Its verdict, its findings and its checks of the numbers may have been rejected or not ticked.  Contacts in
    a complainant's account are left out.
    """
    assessment = item.assessment
    shown = shown_by_seller(item.listing, assessment.contacts)
    read: dict[str, Any] = {"contacts": True, "licences": {"__all__": {"start", "end", "kind", "number"}}}
    made = assessment.model_dump(mode="json", include=read | {"model": True})
    made["contacts"] = [contact.model_dump(mode="json") for contact in shown]
    pictures = [
        picture.model_dump(mode="json", include=read | {"sha256": True})
        for picture in pictures_of(assessment)
        if picture.contacts or picture.licences
    ]
    return made | {"pictures": pictures} if pictures else made


def _evidence(captures: Sequence[Capture], evidence: Evidence) -> list[dict[str, Any]]:
    lacks = {capture.id: lack.value for capture, lack in evidence.missing}
    return [
        {
            "url": capture.url,
            "status": capture.status,
            "captured_at": capture.captured_at.isoformat(),
            "content_type": capture.content_type,
            "sha256": capture.sha256,
            "warc_record_id": capture.warc_record_id,
            "in_pack": capture.id not in lacks,
            "missing_because": lacks.get(capture.id),
        }
        for capture in captures
    ]
