"""Shopify, WooCommerce, a Thai shop builder, a forum and a classifieds site: five sources in one plan."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from labels.taxonomy import Platform as Where
from service.store import open_store
from tests.helpers.stored import find_listing

from ..servers.base import Platform
from ..servers.boards import serving_classifieds, serving_forum
from ..servers.running import Ran, run_plan
from ..servers.shops import serving_builder, serving_shopify, serving_woocommerce

pytestmark = pytest.mark.slow


@dataclass
class Crawl:
    shopify: Platform
    builder: Platform
    forum: Platform
    ran: Ran


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    with (
        serving_shopify() as shopify,
        serving_woocommerce() as woo,
        serving_builder() as builder,
        serving_forum() as forum,
        serving_classifieds() as classifieds,
    ):
        plan = {
            "stop": [f"{builder.url}/product/2"],
            "sources": [
                {"source": "shopify", "shops": [shopify.url]},
                {"source": "shopify", "name": "private", "shops": [shopify.url], "collections": ["private"]},
                {"source": "woocommerce", "shops": [woo.url, f"{woo.url}/old", f"{woo.url}/moved/"]},
                {"source": "shop", "urls": [builder.url], "pages": [f"{builder.url}/about"]},
                {"source": "forum", "urls": [f"{forum.url}/forum/health"]},
                {"source": "classifieds", "urls": [classifieds.url]},
            ],
        }
        ran = run_plan(tmp_path_factory.mktemp("shops"), plan)
        yield Crawl(shopify, builder, forum, ran)


def test_shopify_products_of_every_page(crawl: Crawl) -> None:
    product = crawl.ran.about("แคปซูลเพรียวไว")
    assert product.url == f"{crawl.shopify.url}/products/item-1"
    assert product.description.startswith("ลดพุงใน 7 วัน & ไม่อันตราย ✅")
    assert "อย. 10-1-00000-5-0001" in product.description
    assert "Tags: ลดน้ำหนัก, ของแท้" in product.description
    assert "Default Title" not in product.text
    assert (product.price, product.currency, product.seller) == ("790.00", "THB", "ร้านชอปปิฟายตัวอย่าง")
    tea = crawl.ran.about("ชาสมุนไพร")
    assert (tea.price, tea.extra["availability"]) == ("99.00", "OutOfStock")
    assert crawl.ran.about("สบู่ขมิ้น").images == ["https://cdn.shopify.example/4.jpg"]
    assert crawl.shopify.times["limit"] == 2
    assert "a record is not shaped as documented: KeyError('handle')" in crawl.ran.err


def test_robots_txt_holds_for_public_json_too(crawl: Crawl) -> None:
    assert not any(path.startswith("/collections/private") for path in crawl.shopify.paths())
    assert "Forbidden by robots.txt" in crawl.ran.err


def test_woocommerce_products_with_prices_in_satang(crawl: Crawl) -> None:
    cream = crawl.ran.about("ครีมหน้าใส")
    assert cream.title == "ครีมหน้าใส – สูตรเข้ม"
    assert cream.description.startswith("หน้าขาวใส\nใน 3 วัน\nครีมสูตรเร่งด่วน ✨")
    assert "ขนาด: 30 กรัม" in cream.description
    assert (cream.price, cream.currency) == ("1590.00", "THB")
    assert crawl.ran.about("เซรั่มเยน").price == "350"
    assert crawl.ran.about("โลชั่นย้ายบ้าน").price == "1590.00"  # redirects are followed
    assert "the shop has no Store API: crawl its pages instead (source: shop)" in crawl.ran.err


def test_a_builders_shop_is_found_by_its_usual_sitemap(crawl: Crawl) -> None:
    yadong = crawl.ran.about("ยาดองกระทิงโทน")
    assert "เห็นผลคืนแรก" in yadong.description
    assert (yadong.price, yadong.seller) == ("350", "ร้านยาดองตัวอย่าง")
    assert "สินค้าอื่น" not in yadong.text


def test_a_sales_page_without_markup_is_read(crawl: Crawl) -> None:
    page = crawl.ran.about("กาแฟลดหิวหุ่นสวย")
    assert page.title == "กาแฟลดหิวหุ่นสวย"
    assert "ผอมไวใน 5 วัน ☕️" in page.description
    assert "ทักไลน์ @demo-slim หรือโทร 081-000-1234" in page.description
    assert "เมนู" not in page.text
    assert "©" not in page.text
    assert (page.price, page.extra["markup"]) == ("990", "readable")


def test_a_page_that_the_plan_names_is_a_listing_whatever_is_on_it(crawl: Crawl) -> None:
    assert "รุ่นคุณตา" in crawl.ran.about("เกี่ยวกับเรา").description


def test_the_stop_list_is_kept(crawl: Crawl) -> None:
    assert "/product/2/balm" not in crawl.builder.paths()
    assert not any("ยาหม่องตะไคร้" in x.text for x in crawl.ran.listings)
    assert "1 held back" in crawl.ran.out


def test_forum_topics_with_what_their_author_adds(crawl: Crawl) -> None:
    topics = [x for x in crawl.ran.listings if x.platform is Where.FORUM]
    assert {x.title for x in topics} == {"รีวิวยาต้มรักษาเบาหวาน หายขาด", "แนะนำที่เที่ยวเชียงใหม่"}
    topic = crawl.ran.about("รักษาเบาหวาน")
    assert "น้ำตาลลง 😍\nสั่งได้ที่ 089-000-4321" in topic.description
    assert "ส่งฟรีทั่วไทย" in topic.description
    assert "ไม่น่าเชื่อถือ" not in topic.description
    assert (topic.price, topic.seller) == ("800", "สมาชิกหมายเลข 100")
    assert topic.images == [f"{crawl.forum.url}/pic.jpg"]
    assert topic.extra["published"] == "2025-11-18T21:06:40Z"
    assert "/topic/40000009" not in crawl.forum.paths()
    assert "/profile/7" not in crawl.forum.paths()


def test_classified_adverts_from_embedded_data(crawl: Crawl) -> None:
    (advert,) = [x for x in crawl.ran.listings if x.platform is Where.CLASSIFIEDS]
    assert advert.title == "น้ำมันนวดแก้อัมพาต"
    assert "เดินได้ใน 7 วัน 🙏" in advert.description
    assert (advert.price, advert.seller) == ("650.00", "ผู้ขายตัวอย่าง")
    assert advert.images == ["https://img.classifieds.example/371.jpg"]


def test_progress_summary_store_and_evidence(crawl: Crawl) -> None:
    assert "6 sources: " in crawl.ran.out
    assert crawl.ran.status == 1
    assert crawl.ran.evidence_problems() == []
    with open_store(f"sqlite:///{crawl.ran.folder / 'var' / 'ruthan.db'}") as store:
        for listing in crawl.ran.listings:
            row = find_listing(store, listing.id, "crawl")
            assert row is not None
            assert store.listings.captures(row.id)
