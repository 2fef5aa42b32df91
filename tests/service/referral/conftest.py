"""A decided case with pages in the evidence folder."""

import io
import re
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.text.paragraph import Paragraph

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.evidence.warc import VIEW
from labels.law.catalogue import law_for
from labels.law.facts import Fact
from labels.schema import Assessment, Capture, Claim, Contact, ContactKind, Finding, LicenceCheck, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.referral.letters.templates import Templates
from service.referral.pack import Pack, Packer
from service.store import Store
from service.store.cases.reviews import Decision
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient, ReferralRow

WORDS = ("รักษาเบาหวานให้หายขาด", "น้ำมันกำจัดฝ้าถาวร ภายใน 7 วัน")
PLAIN = f"{WORDS[0]} ไม่ต้องพึ่งหมอ\n{WORDS[1]} ผู้ใช้กว่าพันคนยืนยัน\nสั่งซื้อไลน์ @example-shop"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


@dataclass
class Desk:
    """A store with its evidence folder."""

    store: Store
    evidence: Path

    def decide(
        self,
        text: str = PLAIN,
        *,
        spans: Sequence[tuple[int, int]] | None = None,
        captures: Sequence[Capture] = (),
        labels: Sequence[ClaimLabel] = (),
        findings: Sequence[Finding] = (),
        rejected: Sequence[int] = (),
        licences: Sequence[LicenceCheck] = (),
        contacts: Sequence[Contact] = (),
        facts: Collection[Fact] = (),
        law_choices: Mapping[str, bool] | None = None,
        **fields: Any,
    ) -> int:
        """Hand a listing in, decide against it on the spans (by default :data:`WORDS`), give the review."""
        listing = Listing.model_validate({"id": "one", "description": text} | fields)
        if spans is None:
            spans = [(listing.text.index(w), listing.text.index(w) + len(w)) for w in WORDS]
        claims = [
            Claim(
                start=start,
                end=end,
                label=label,
                probability=0.9,
                text=listing.text[start:end],
                law=law_for(label, ProductClass.FOOD_SUPPLEMENT, facts),
            )
            for (start, end), label in zip(spans, labels or [ClaimLabel.DISEASE] * len(spans), strict=True)
        ]
        at = listing.text.find("@example-shop")
        if at >= 0:
            line = Contact(start=at, end=at + 13, kind=ContactKind.LINE_ID, value="@example-shop")
            contacts = [*contacts, line]
        number = self.store.deposit(listing, captures, "test").listing_id
        row = self.store.assessments.record(
            number,
            Assessment(
                id="one", verdict=Verdict.PROHIBITED, risk=0.9, product_class=ProductClass.FOOD_SUPPLEMENT,
                product_class_probability=0.9, offer=True, offer_probability=0.9, claims=claims,
                contacts=list(contacts), licences=list(licences), findings=list(findings), model="by hand",
            ),
        )  # fmt: skip
        made = Decision(
            Verdict.PROHIBITED.value,
            tuple(range(len(claims))),
            note="บันทึกลับของเจ้าหน้าที่",
            rejected_findings=tuple(rejected),
            law_choices=law_choices or {},
        )
        return self.store.reviews.record(row, self.reviewer, made).id

    @property
    def reviewer(self) -> int:
        found = self.store.users.find("nok") or self.store.users.create(
            "nok", "a long password", "นก ผู้ตรวจ", Role.LEAD
        )
        return found.id

    def newest(self, row: ReferralRow) -> ReferralRow:
        """The referral as the store has it now."""
        found = self.store.referrals.get(row.id)
        assert found is not None
        return found

    def refer(self, review: int, recipient: Recipient = Recipient.CONSUMER_POLICE) -> ReferralRow:
        province = "ตาก" if recipient is Recipient.PROVINCE else ""
        return self.store.referrals.create(review, self.reviewer, recipient, "รท", province)

    def refer_all(
        self, reviews: Sequence[int], recipient: Recipient = Recipient.CONSUMER_POLICE
    ) -> ReferralRow:
        """One letter about several listings."""
        return self.store.referrals.create_joint(reviews, self.reviewer, recipient, "รท")

    def pack(self, row: ReferralRow, templates: Path | None = None) -> Pack:
        return Packer(self.store, self.evidence, Templates(templates)).make(row)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path / "evidence")


@pytest.fixture
def crawled(desk: Desk) -> list[Capture]:
    """A redirect, the page and a screenshot of it, in a file with the pages of another listing."""
    at = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
    with EvidenceFile(desk.evidence, {"software": "test"}) as file:

        def record(url: str, body: bytes, kind: str = "text/html", status: int = 200) -> Capture:
            headers = [("Content-Type", kind)]
            made = Exchange(url, status, body, at, response_headers=headers, is_file=url.startswith(VIEW))
            return file.record(made)

        record("https://shop.example/other", b"<p>other</p>")
        found = [
            record("https://shop.example/i/1", b"", status=302),
            record("https://shop.example/item/1", f"<p>{PLAIN}</p>".encode()),
            record(f"{VIEW}https://shop.example/item/1", PNG, "image/png"),
        ]
        record("https://shop.example/another", b"<p>another</p>")
    return found


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def docx_text(data: bytes) -> str:
    found = []
    for block in Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        else:
            found += [
                paragraph.text for row in block.rows for cell in row.cells for paragraph in cell.paragraphs
            ]
    return "\n".join(found)


def pdf_text(data: bytes) -> str:
    """The text of all pages without page numbers, spaces and line ends: a page may end inside a quotation."""
    document = pypdfium2.PdfDocument(data)
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    # PDFium takes the hyphen at the end of a page number's line for a parted word's.
    return "".join("".join(re.sub(r"\A\s*- \d+ .\s*", "", page) for page in pages).split())


@pytest.fixture(name="unpack")
def _unpack() -> Callable[[bytes], dict[str, bytes]]:
    return unpack


@pytest.fixture(name="docx_text")
def _docx_text() -> Callable[[bytes], str]:
    return docx_text


@pytest.fixture(name="pdf_text")
def _pdf_text() -> Callable[[bytes], str]:
    return pdf_text
