"""A store with its reviewers, and four listings with different verdicts, classes, platforms and risks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labels.law.catalogue import law_for, law_ref, provisions
from labels.schema import (
    Assessment,
    Capture,
    Claim,
    Contact,
    ContactKind,
    Finding,
    LicenceCheck,
    LicenceKind,
    Listing,
    NumberShape,
    RegistryStatus,
)
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.store import Store


def claim_in(text: str, words: str, label: ClaimLabel, probability: float = 0.9) -> Claim:
    """Return a claim on the first occurrence of ``words``."""
    start = text.index(words)
    law = law_for(label, ProductClass.FOOD_SUPPLEMENT)
    return Claim(
        start=start, end=start + len(words), label=label, probability=probability, text=words, law=law
    )


def assess(listing: Listing, claims: list[Claim], verdict: Verdict, risk: float, **more: Any) -> Assessment:
    """Return a hand-written assessment."""
    fields = {"product_class": ProductClass.FOOD_SUPPLEMENT, "model": "by hand"} | more
    return Assessment(
        id=listing.id,
        verdict=verdict,
        risk=risk,
        product_class_probability=0.93,
        offer=verdict is not Verdict.NOT_AN_AD,
        offer_probability=0.97,
        claims=claims,
        **fields,
    )


@dataclass
class Office:
    """The store with its reviewer and the numbers of the listings, by external id."""

    store: Store
    ids: dict[str, int]

    def add(
        self,
        listing: Listing,
        assessment: Assessment | None,
        captures: list[Capture] | None = None,
        source: str = "test",
    ) -> int:
        number = self.store.deposit(listing, captures or [], source).listing_id
        if assessment is not None:
            self.store.assessments.record(number, assessment)
        self.ids[listing.id] = number
        return number


def fill(office: Office) -> None:
    """Four listings of different verdict, class, platform and risk."""
    worst = Listing(
        id="worst",
        title="แคปซูลใบรุ่งเรือง สูตรเข้มข้น 30 แคปซูล",
        description=(
            "รักษาเบาหวานให้หายขาดใน 7 วัน ไม่ต้องพึ่งหมอ\nลูกค้ายืนยันน้ำตาลลดจริง รีวิวแน่น ก่อน-หลังชัดเจน\n"
            "ผลิตภัณฑ์ใบรุ่งเรืองคัดสรรจากสมุนไพรไทย บำรุงร่างกาย ให้สดชื่นทุกวัน\n\n"
            "เลข อย. 10-1-00000-5-0000\nสั่งซื้อทักไลน์ @bairungrueang หรือโทร 02-000-0000\n"
            "ราคา 590 บาท ส่งฟรีทั่วประเทศ เก็บเงินปลายทางได้"
        ),
        platform=Platform.MARKETPLACE,
        url="https://shop.example/item/1?ref=a&b=2",
        price="590",
        currency="THB",
        seller="ร้านใบรุ่งเรืองออนไลน์",
        seller_url="https://shop.example/seller/9",
        images=["https://shop.example/1.jpg"],
        captured_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    )
    text = worst.text
    number, line = "10-1-00000-5-0000", "@bairungrueang"
    capture = Capture(
        url=worst.url or "",
        status=200,
        captured_at=datetime(2026, 11, 24, 9, 29, tzinfo=UTC),
        sha256="ab" * 32,
        warc_file="2026/shop-0001.warc.gz",
        warc_record_id="urn:uuid:00000000-0000-4000-8000-000000000001",
        content_type="text/html",
    )
    law = law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT)
    assessment = assess(
        worst,
        [
            claim_in(text, "รักษาเบาหวานให้หายขาดใน 7 วัน", ClaimLabel.DISEASE, 0.98),
            claim_in(text, "หายขาดใน 7 วัน", ClaimLabel.ABSOLUTE, 0.95),
            claim_in(text, "รีวิวแน่น ก่อน-หลังชัดเจน", ClaimLabel.TESTIMONIAL, 0.81),
            claim_in(text, "บำรุงร่างกาย ให้สดชื่นทุกวัน", ClaimLabel.BENEFIT, 0.77),
        ],
        Verdict.PROHIBITED,
        0.97,
        licences=[
            LicenceCheck(
                start=text.index(number),
                end=text.index(number) + len(number),
                kind=LicenceKind.FOOD_SERIAL,
                number=number,
                shape=NumberShape.VALID,
                status=RegistryStatus.CANCELLED,
                reason="เลขนี้ถูกยกเลิกเมื่อ 1 ก.พ. 2568 ตามทะเบียนที่นำเข้า",
            )
        ],
        contacts=[
            Contact(
                start=text.index(line), end=text.index(line) + len(line), kind=ContactKind.LINE_ID, value=line
            )
        ],
        findings=[
            Finding(
                code="prohibited-claim",
                thai="ข้อความอวดอ้างรักษาโรคใช้ในโฆษณาผลิตภัณฑ์เสริมอาหารไม่ได้ ใช้ได้เฉพาะข้อความที่ได้รับอนุญาต",
                english="Disease claims may not stand in an ad for a food supplement.",
                law=[*law, law_ref(provisions()[0].id)],
            )
        ],
    )
    office.add(worst, assessment, [capture])

    permit = Listing(
        id="permit",
        title="คอลลาเจนผง ตราเมฆขาว",
        description="ช่วยบำรุงผิวให้ชุ่มชื้น ทานง่าย รสส้ม",
        platform=Platform.FACEBOOK,
        seller="เพจเมฆขาว",
    )
    office.add(
        permit,
        assess(
            permit,
            [claim_in(permit.text, "บำรุงผิวให้ชุ่มชื้น", ClaimLabel.BENEFIT)],
            Verdict.NEEDS_PERMIT,
            0.34,
        ),
    )
    serum = Listing(
        id="serum",
        title="เซรั่มหน้าใสฟ้าใหม่ 30 มล.",
        description="เห็นผลใน 3 วัน ลบฝ้าถาวร ส่วนลด 50% วันนี้",
        platform=Platform.TIKTOK,
        seller="ฟ้าใหม่บิวตี้",
        captured_at=datetime(2026, 1, 1, 17, 5, tzinfo=UTC),
    )
    office.add(
        serum,
        assess(
            serum,
            [
                claim_in(serum.text, "เห็นผลใน 3 วัน", ClaimLabel.ABSOLUTE),
                claim_in(serum.text, "ลบฝ้าถาวร", ClaimLabel.BODY_STRUCTURE, 0.88),
            ],
            Verdict.PROHIBITED,
            0.91,
            product_class=ProductClass.COSMETIC,
        ),
    )
    clear = Listing(id="clear", description="หมอนยางพารา นุ่มสบาย ราคา 300 บาท", platform=Platform.WEB_SHOP)
    office.add(clear, assess(clear, [], Verdict.CLEAR, 0.02, product_class=ProductClass.OTHER))
    office.add(Listing(id="unread", title="ยังไม่ได้อ่าน", description="ข้อความใหม่"), None)
