"""Renders sample letters to PNG: one per recipient, one about several listings, one with a picture.

For the documentation, and for offices that change templates:
``python -m service.referral.letters.samples FOLDER``.
Needs pypdfium2 and Pillow, which the extra ``test`` installs.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from io import BytesIO
from pathlib import Path

import click
import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from inference.pictures.rendering.renderer import DrawnBox, PictureRenderer
from labels.schema import Assessment, Contact, ContactKind
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.decisions.reasons import notice_of
from service.referral.cases.case_file import Case, Item, penalties_of
from service.referral.cases.evidence import Evidence
from service.referral.cases.marked_pictures import MarkedPicture, MarkedWords
from service.referral.letters.letter import compose
from service.referral.letters.pdf_letter import pdf_of
from service.referral.letters.templates import Templates, TemplateUnusable
from service.store.cases.decisions import Decided
from service.store.listings.repository import text_digest
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, Review
from service.store.tables.referral_tables import Recipient, ReferralRow
from service.text.official_wording import violations
from service.text.visible import BOLD, FONTS

DOTS_AN_INCH, GREYS = 84, 8
"""Fine enough to be read, and small enough for a repository."""

_CLAIM, _ACCOUNT = "ผอมทันใจ", "000-000-0000"
_TEXT = f"{_CLAIM} สั่งซื้อโอนพร้อมเพย์ {_ACCOUNT}"
_CAPTURED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_DECIDED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_GOODS = ProductClass.FOOD_SUPPLEMENT


def sample_case(recipient: Recipient) -> Case:
    """Return a fictional case: shop, product and numbers do not exist."""
    captures = tuple(
        Capture(captured_at=_CAPTURED, content_type=kind, sha256="") for kind in ("text/html", "image/png")
    )
    decided = Decided(_review(), _assessment(), _listing(), None)
    notice = notice_of(decided, "")
    item = Item(
        listing=decided.listing,
        review=decided.review,
        assessment=decided.assessment.shape(),
        notice=notice,
        title=None,
        description=_TEXT,
        price=None,
        captures=captures,
        earlier=(decided.review,),
        penalties=penalties_of(notice),
    )
    referral = ReferralRow(
        prefix="รท",
        year=2569,
        serial=1,
        recipient=recipient.value,
        province="ตาก" if recipient is Recipient.PROVINCE else "",
        created_at=_DECIDED,
        opening="",
        request="",
        closing="",
    )
    return Case(
        referral=referral,
        number=referral.number,
        made_at=_DECIDED,
        items=(item,),
        evidence=Evidence(found=captures, screenshots={"screenshot-1.png": b""}),
    )


def sample_joint_case() -> Case:
    """Return a case with the same listing three times, at three addresses."""
    case = sample_case(Recipient.CONSUMER_POLICE)
    items = []
    for number in (1, 2, 3):
        listing = _listing()
        listing.id, listing.url = number, f"https://shop.example/{number}"
        items.append(replace(case.items[0], listing=listing, price=f"{290 + 100 * number}"))
    return replace(case, items=tuple(items))


def sample_case_with_picture() -> Case:
    """Return a case whose words stand in the text and in a picture."""
    case = sample_case(Recipient.CONSUMER_POLICE)
    banner = Image.new("RGB", (800, 450), (238, 232, 216))
    brush = ImageDraw.Draw(banner)
    with resources.as_file(FONTS.joinpath(BOLD)) as path:
        face = ImageFont.truetype(str(path), 110, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = map(round, brush.textbbox((120, 140), _CLAIM, font=face))
    brush.text((120, 140), _CLAIM, (40, 60, 90), font=face)
    original = _png(banner)
    digest = sha256(original).hexdigest()
    box = DrawnBox((left, top, right - left, bottom - top), (179, 38, 30), "1")
    renderer = PictureRenderer()
    drawn = renderer.render(original, banner.width, [box])
    renderer.close()
    words = MarkedWords(1, _CLAIM, violations([ClaimLabel.WEIGHT_LOSS]))
    picture = MarkedPicture(1, 1, digest, (words,), original, "png", drawn)
    (item,) = case.items
    written = item.notice.claims[0]
    claims = [written, written.model_copy(update={"picture": digest, "start": 0, "end": len(_CLAIM)})]
    notice = item.notice.model_copy(update={"claims": claims})
    return replace(case, items=(replace(item, notice=notice),), pictures=(picture,))


def draw(pdf: bytes, *, last: bool = False) -> Image.Image:
    """Render the first or last page of a PDF in a few shades of grey."""
    document = pypdfium2.PdfDocument(pdf)
    page: Image.Image = (
        document[len(document) - 1 if last else 0].render(scale=DOTS_AN_INCH / 72, grayscale=True).to_pil()
    )
    document.close()
    return page.convert("L").quantize(GREYS, dither=Image.Dither.NONE)


def pictures(templates: Templates) -> Iterator[tuple[str, bytes]]:
    """Yield file name and PNG of the sample letters' first pages, of the annex and of the picture's page."""
    for recipient in Recipient:
        yield recipient.value, _png(draw(pdf_of(compose(sample_case(recipient), templates))))
    joint = pdf_of(compose(sample_joint_case(), templates))
    yield "joint", _png(draw(joint))
    yield "joint-annex", _png(draw(joint, last=True))
    pictured = pdf_of(compose(sample_case_with_picture(), templates))
    yield "pictured", _png(draw(pictured))
    yield "pictured-page", _png(draw(pictured, last=True))


def _png(page: Image.Image) -> bytes:
    out = BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()


def _at(words: str) -> dict[str, int]:
    start = _TEXT.index(words)
    return {"start": start, "end": start + len(words)}


def _listing() -> Listing:
    return Listing(
        id=1,
        external_id="sample",
        source="sample",
        platform=Platform.MARKETPLACE.value,
        url="https://shop.example/1",
        description=_TEXT,
        seller="ร้านตัวอย่าง",
        captured_at=_CAPTURED,
        first_seen=_CAPTURED,
        text_sha256=text_digest(_TEXT),
    )


def _assessment() -> AssessmentRow:
    found = Assessment(
        id="sample",
        verdict=Verdict.PROHIBITED,
        risk=0.9,
        product_class=_GOODS,
        product_class_probability=0.9,
        offer=True,
        offer_probability=0.9,
        contacts=[Contact(**_at(_ACCOUNT), kind=ContactKind.PROMPTPAY, value=_ACCOUNT)],
        model="sample",
    )
    return AssessmentRow(
        id=1,
        listing_id=1,
        listing_text_sha256=text_digest(_TEXT),
        content=found.model_dump(mode="json"),
    )


def _review() -> Review:
    return Review(
        id=1,
        listing_id=1,
        assessment_id=1,
        decision=Verdict.PROHIBITED.value,
        confirmed_claims=[{"label": ClaimLabel.WEIGHT_LOSS.value, "text": _CLAIM, **_at(_CLAIM)}],
        added_claims=[],
        rejected_findings=[],
        stated_facts=[],
        # One provision, to keep the letter on one page.
        law_choices={"food-act-40": True},
        law_proposed=[],
        created_at=_DECIDED,
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of custom templates.",
)
def main(folder: Path, templates: Path | None) -> None:
    """Draw the sample letters into FOLDER as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, drawn in pictures(Templates(templates)):
            target = folder / f"{name}.png"
            target.write_bytes(drawn)
            click.echo(f"{target}: {len(drawn):,} bytes")
    except TemplateUnusable as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
