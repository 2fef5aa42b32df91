"""The case pack: one ZIP with letter, evidence, case data, digests and a readme."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from inference.pictures.rendering.renderer import PictureRenderer
from service.referral.cases.case_file import Case, case_json, personal_data, read_case, said_of
from service.referral.cases.marked_pictures import marked_pictures
from service.referral.letters.docx_letter import docx_of
from service.referral.letters.letter import (
    CASE_FILE,
    LACKS,
    NO_PAGE,
    SUMS_FILE,
    WARC_FILE,
    WORDED_ANEW,
    Letter,
    compose,
    texts_of,
)
from service.referral.letters.passages import passages_of
from service.referral.letters.sent import as_data, letter_from
from service.referral.letters.templates import Templates
from service.referral.zip_file import FixedZip
from service.store import Store
from service.store.database.columns import now
from service.store.pictures.files import PictureFiles
from service.store.referrals.steps import Passages, Wording
from service.store.tables.core_tables import Review
from service.store.tables.referral_tables import Recipient, ReferralRow, ReferralStatus, SentLetter
from service.text.official_wording import ranges
from service.text.thai_calendar import letter_date

BLANK = "........"
"""Placeholder for the letter's number in a preview."""

DOCX_FILE, PDF_FILE, README_FILE = "letter.docx", "letter.pdf", "README.txt"


@dataclass(frozen=True)
class Pack:
    """A pack, with its file name and the digest recorded in the history."""

    name: str
    data: bytes
    sha256: str
    missing: tuple[str, ...]
    """Missing evidence, a line each."""
    stated: Mapping[int, Sequence[str]]
    """The ids of the provisions that the letter states for each listing."""
    wording: Wording
    """What the letter says."""


class Packer:
    """Makes packs from a store, the folders of evidence and of pictures, and the templates."""

    def __init__(
        self, store: Store, evidence: Path, templates: Templates, pictures: PictureFiles | None = None
    ) -> None:
        self.store, self.evidence, self.templates, self.pictures = store, evidence, templates, pictures
        self._renderer = PictureRenderer()

    def make(self, referral: ReferralRow) -> Pack:
        """Make the pack of a referral; the same input gives the same bytes.

        Raises, like the other methods, :class:`~service.referral.letters.templates.TemplateUnusable` and
        :class:`~service.store.database.errors.StoreError`, including ``LetterWithoutLaw`` and
        ``SeveralAddressees``.
        """
        case = self._with_pictures(read_case(self.store, self.evidence, referral))
        letter = self._letter(case)
        files = {
            README_FILE: _readme(case).encode(),
            DOCX_FILE: docx_of(letter),
            PDF_FILE: _pdf_of(letter),
            CASE_FILE: case_json(case),
        }
        if case.evidence.warc:
            files[WARC_FILE] = case.evidence.warc
        for name, picture in (case.evidence.screenshots | case.evidence.pictures).items():
            files[f"evidence/{name}"] = picture
        for marked in case.pictures:
            files |= {f"evidence/{name}": content for name, content in marked.files.items()}
        files[SUMS_FILE] = _sums(case, files).encode()
        made = FixedZip(case.made_at)
        for name, data in files.items():
            made.add(name, data)
        data = made.close()
        stated = {item.listing.id: [ground.id for ground in item.notice.ground] for item in case.items}
        wording = _wording(case, letter)
        return Pack(
            pack_name(referral), data, sha256(data).hexdigest(), tuple(missing_lines(case)), stated, wording
        )

    def wording(self, referral: ReferralRow, *, draws: Collection[int] = ()) -> Wording:
        """Return what the letter says now; its enclosures leave out the evidence, which is not read.

        Only the pictures with numbers in ``draws`` are drawn; any other that is stored counts as drawn.
        """
        case = self._with_pictures(read_case(self.store, None, referral), draws)
        return _wording(case, self._letter(case))

    def pdf(self, referral: ReferralRow, words: SentLetter | None = None) -> bytes:
        """Return the letter of a referral, as in its pack, or as in the pack of a downloaded draft."""
        case = self._with_pictures(read_case(self.store, self.evidence, referral))
        if words is not None and words.letter is not None:
            return _pdf_of(letter_from(words.letter, case.pictures))
        return _pdf_of(self._letter(case))

    def preview(self, reviews: Sequence[Review], recipient: Recipient, province: str, prefix: str) -> bytes:
        """Render the letter of a referral made now, with a blank number; nothing is stored."""
        case = self._unkept(self.evidence, reviews, recipient, province, prefix)
        return _pdf_of(compose(self._with_pictures(case), self.templates))

    def check(self, reviews: Sequence[Review], recipient: Recipient, province: str, prefix: str) -> None:
        """Check that these decisions make a letter to this recipient; raises like :meth:`preview`."""
        compose(self._unkept(None, reviews, recipient, province, prefix), self.templates)

    def _letter(self, case: Case) -> Letter:
        """Return the letter as it was sent, else composed."""
        return compose(case, self.templates) if case.sent is None else letter_from(case.sent, case.pictures)

    def _with_pictures(self, case: Case, draws: Collection[int] | None = None) -> Case:
        if self.pictures is None:
            return case
        decisions = [(item.review, item.notice, item.assessment) for item in case.items]
        marked = marked_pictures(decisions, self.pictures, self._renderer.render, draws)
        enclosed = {picture.sha256 for picture in marked if picture.original}
        return replace(case, pictures=marked, evidence=case.evidence.without(enclosed))

    def _unkept(
        self,
        evidence: Path | None,
        reviews: Sequence[Review],
        recipient: Recipient,
        province: str,
        prefix: str,
    ) -> Case:
        referral = ReferralRow(
            prefix=prefix,
            listing_id=reviews[0].listing_id,
            review_id=reviews[0].id,
            recipient=recipient.value,
            province=province,
            status=ReferralStatus.DRAFT.value,
            created_at=now(),
            opening="",
            request="",
            closing="",
        )
        return read_case(self.store, evidence, referral, f"{prefix} {BLANK}".strip(), reviews)

    def passages(self, referral: ReferralRow) -> Passages:
        """Return the templates' text for the editable passages of a referral's letter."""
        return passages_of(texts_of(read_case(self.store, None, referral), self.templates))


def pack_name(referral: ReferralRow) -> str:
    """``referral-2569-0007.zip``: ASCII only, for mail programs."""
    return f"referral-{referral.year}-{referral.serial:04d}.zip"


def _wording(case: Case, letter: Letter) -> Wording:
    return Wording(as_data(letter), {item.listing.id: said_of(item) for item in case.items})


def _sums(case: Case, files: dict[str, bytes]) -> str:
    """Format digests for ``sha256sum -c``, which skips lines that start with ``#``."""
    lines = [f"# {case.referral.number}: sha256sum -c {SUMS_FILE}"]
    lines += [f"# ไม่มี (missing): {line}" for line in missing_lines(case)]
    lines += [f"{sha256(data).hexdigest()}  {name}" for name, data in sorted(files.items())]
    return "\n".join(lines) + "\n"


def missing_lines(case: Case) -> list[str]:
    """List the missing evidence, a line each."""
    lines = [f"ถ้อยคำของหนังสือตามที่ส่ง: {WORDED_ANEW}"] if case.is_copy else []
    without = [number for number, item in enumerate(case.items, start=1) if not item.captures]
    if without:
        which = f" ของโฆษณาลำดับที่ {ranges(without)}" if case.is_joint else ""
        lines.append(f"หลักฐานหน้าเว็บ (WARC){which}: {NO_PAGE}")
    for capture, lack in case.evidence.missing:
        lines.append(f"หลักฐานหน้าเว็บ SHA-256 {capture.sha256}: {LACKS[lack]}")
    lines += [
        f"ภาพโฆษณา SHA-256 {picture.sha256}: {picture.lack}" for picture in case.pictures if picture.lack
    ]
    if not case.evidence.screenshots:
        lines.append("ภาพหน้าจอ (screenshot)")
    return lines


def _readme(case: Case) -> str:
    referral = case.referral
    whole = "" if case.leaves_text_out and not case.is_joint else "ข้อความเต็ม "
    files = [
        f"- {DOCX_FILE}, {PDF_FILE}  หนังสือนำส่ง ข้อความเดียวกันทั้งสองแฟ้ม",
        f"- {CASE_FILE}  ข้อมูลโฆษณา {whole}ข้อความที่ยืนยัน ข้อกฎหมาย และผลการพิจารณา (JSON, UTF-8)",
    ]
    if case.evidence.warc:
        files.append(
            f"- {WARC_FILE}  หน้าเว็บตามที่ได้รับ เฉพาะของหนังสือนี้ (WARC 1.1) เปิดได้ด้วย warcio หรือ ReplayWeb.page"
        )
    files += [f"- evidence/{name}  ภาพหน้าจอ" for name in case.evidence.screenshots]
    files += [f"- evidence/{name}  ภาพโฆษณา" for name in case.evidence.pictures]
    for marked in case.pictures:
        files += [
            f"- evidence/{name}  ภาพโฆษณา{'พร้อมกรอบข้อความที่ยืนยัน' if content is marked.drawn else 'ตามที่เก็บไว้'}"
            for name, content in marked.files.items()
        ]
    files.append(f"- {SUMS_FILE}  ค่าแฮช SHA-256 ของทุกแฟ้ม")
    missing = [f"- {line}" for line in missing_lines(case)] or ["- ครบถ้วน"]
    personal = [f"- {line}" for line in personal_data(case)["thai"]]
    return "\n".join(
        [
            f"ชุดเอกสารส่งต่อ {referral.number} วันที่ {letter_date(case.made_at)}",
            "",
            "แฟ้มในชุดนี้",
            *files,
            "",
            "สิ่งที่ไม่มีในชุดนี้",
            *missing,
            "",
            "ตรวจว่าแฟ้มไม่ถูกแก้ไข: เปิดเทอร์มินัลในโฟลเดอร์นี้แล้วสั่ง",
            f"  sha256sum -c {SUMS_FILE}",
            "",
            "ข้อมูลส่วนบุคคลในชุดนี้",
            *personal,
            "ใช้เพื่อการปฏิบัติหน้าที่ตามกฎหมายเท่านั้น เก็บรักษาและทำลายตาม พ.ร.บ.คุ้มครองข้อมูลส่วนบุคคล พ.ศ. 2562",
            "ไม่มีชื่อและบันทึกภายในของเจ้าหน้าที่ผู้พิจารณา",
            "",
            "แฟ้มหน้าเว็บมาจากผู้ขายและอาจมีคำสั่งที่เป็นอันตราย โปรดเปิดด้วยโปรแกรมอ่าน WARC อย่าเปิดด้วยเบราว์เซอร์โดยตรง",
            "",
        ]
    )


def _pdf_of(letter: Letter) -> bytes:
    """Return the letter as PDF. The import is deferred because it takes a third of a second."""
    from service.referral.letters.pdf_letter import pdf_of  # noqa: PLC0415

    return pdf_of(letter)
