"""What a page or a post says of itself decides whether it is an offer, not its words."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.dropfolder.page import listing_of_page
from crawler.pages.item import SocialPost
from crawler.pages.saved import listing_from_html
from crawler.pipeline.mapping import listing_from_post
from labels.taxonomy import Platform
from ruthan import main

PRODUCT = """<html lang="th"><head><title>ชา</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": "ชาใบหม่อน", "description": "ชาใบหม่อนอบแห้ง",
 "offers": {"@type": "Offer", "price": "120", "priceCurrency": "THB"}}</script></head>
<body><h1>ชาใบหม่อน</h1></body></html>""".encode()
ARTICLE = """<html lang="th"><head><title>โรคเบาหวาน</title></head><body><h1>โรคเบาหวานคืออะไร</h1>
<p>โรคเบาหวานเป็นโรคเรื้อรัง ผู้ป่วยควรพบแพทย์อย่างสม่ำเสมอ ตรวจเลือดปีละครั้ง ค่าตรวจประมาณ 300 บาท</p>
</body></html>""".encode()


def test_a_saved_product_page_is_an_offer() -> None:
    assert listing_from_html(PRODUCT).is_offer_by_record


def test_a_page_whose_running_text_alone_was_read_is_none_by_its_record() -> None:
    assert not listing_of_page(ARTICLE, "https://clinic.example/blog/1", origin="test").is_offer_by_record
    assert listing_of_page(PRODUCT, "https://shop.example/p/1", origin="test").is_offer_by_record


@pytest.mark.parametrize("platform", [Platform.FACEBOOK, Platform.FORUM])
def test_a_post_is_judged_by_its_words_although_a_price_stands_in_it(platform: Platform) -> None:
    post = SocialPost(url="https://example.com/1", platform=platform, text="ข่าว: ปรับผู้ขายยา 5,000 บาท")
    listing = listing_from_post(post)
    assert listing.price
    assert not listing.is_offer_by_record


@pytest.mark.costly
def test_the_command_line_takes_a_saved_product_page_for_an_offer(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(PRODUCT)
    result = CliRunner().invoke(main, ["classify", str(page), "--json"])
    assert result.exit_code == 0, result.output
    assert '"offer":true,"offer_probability":1.0' in result.output
