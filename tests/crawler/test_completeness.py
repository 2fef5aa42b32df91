"""How much of what the fixture pages really hold arrives in listings: one table over all of them."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crawler.dropped.page import listing_of_page
from crawler.mapping import listing_from_post, listing_of
from crawler.pages.plain_text import squash
from crawler.pages.saved import listing_from_html
from crawler.records.meta import facebook_post, instagram_media
from crawler.records.shopify import shopify_product
from crawler.records.woocommerce import woocommerce_product
from crawler.records.youtube import youtube_video
from crawler.sample_shop.catalogue import SampleProduct, products
from crawler.sample_shop.site import render
from labels.schema import Listing

from .servers import boards, graph, shops, youtube

FIELDS = ("title", "description", "price", "seller", "images", "number")
AT_LEAST = 0.98
PAGES = Path(__file__).parent / "pages"
Truth = dict[str, list[str]]
"""What a page holds of each field, as parts that must all be found."""


def sample_shop(folder: Path) -> Iterator[tuple[str, Truth, Listing]]:
    render(folder, "https://sample.example")
    for item in products():
        listing = listing_from_html((folder / item.path).read_bytes(), f"https://sample.example/{item.path}")
        yield f"sample shop, {item.markup}", _truth(item), listing


def _truth(item: SampleProduct) -> Truth:
    return {
        "title": [item.name],
        "description": [*item.description.strip().split("\n"), *item.attributes.values()],
        "price": [str(item.price)],
        "seller": [item.seller],
        "images": [f"https://sample.example/{item.image_path}"],
        # A number that its seller pulled apart is not on the page as the registry writes it.
        "number": [x for x in (*item.numbers, *item.unregistered) if x in item.description],
    }


def saved_pages() -> Iterator[tuple[str, Truth, Listing]]:
    for page in sorted([*(PAGES / "saved").glob("*.html"), *(PAGES / "marketplaces").glob("*.html")]):
        expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        parts = [*expected.get("description", "").split("\n"), *expected.get("holds", [])]
        truth = {
            "title": [expected["title"]],
            "description": [x for x in parts if x],
            "price": [expected["price"]],
            "seller": [expected["seller"]] if expected.get("seller") else [],
            "images": expected.get("images", []),
            "number": [x for x in parts if "-1-" in x],
        }
        yield page.parent.name, truth, listing_from_html(page.read_bytes())


def pages_of_servers() -> Iterator[tuple[str, Truth, Listing]]:
    page = shops.builder_product(1, "ยาดองกระทิงโทน", "350", "บำรุงกำลัง อย. 10-1-00000-5-0005")
    truth = {
        "title": ["ยาดองกระทิงโทน"], "description": ["บำรุงกำลัง"], "price": ["350"], "number": ["10-1-00000-5-0005"],
        "seller": ["ร้านยาดองตัวอย่าง"], "images": ["https://builder.example/1.jpg"],
    }  # fmt: skip
    yield "shop builder", truth, listing_of_page(page.encode(), "https://a.example/product/1/x", origin="t")
    advert = boards.advert(371, "น้ำมันนวด", "ทาแล้วเดินได้ใน 7 วัน", 650)
    truth = {
        "title": ["น้ำมันนวด"], "description": ["เดินได้ใน 7 วัน"], "price": ["650"], "seller": ["ผู้ขายตัวอย่าง"],
        "images": ["https://img.classifieds.example/371.jpg"],
    }  # fmt: skip
    yield (
        "classifieds",
        truth,
        listing_of_page(advert.encode(), "https://www.kaidee.com/product-371", origin="t"),
    )
    topic = boards.TOPICS["/topic/40000001"].encode()
    truth = {
        "title": ["รีวิวยาต้มรักษาเบาหวาน หายขาด"], "description": ["น้ำตาลลง", "ส่งฟรีทั่วไทย"], "price": ["800"],
        "seller": ["สมาชิกหมายเลข 100"], "images": ["https://pantip.com/pic.jpg"],
    }  # fmt: skip
    yield "forum", truth, listing_of_page(topic, "https://pantip.com/topic/40000001", origin="t")


def records() -> Iterator[tuple[str, Truth, Listing]]:
    product = shopify_product(shops.SHOPIFY["1"][0], "https://s.example", "THB")
    truth = {
        "title": ["แคปซูลเพรียวไว"], "description": ["ลดพุงใน 7 วัน & ไม่อันตราย ✅", "ของแท้"], "price": ["790"],
        "seller": ["ร้านชอปปิฟายตัวอย่าง"], "images": ["https://cdn.shopify.example/1.jpg"], "number": ["10-1-00000-5-0001"],
    }  # fmt: skip
    yield "shopify", truth, listing_of(product)
    woo = woocommerce_product(shops.woo_product(1, "ครีมหน้าใส"), "https://woo.example")
    truth = {
        "title": ["ครีมหน้าใส"], "description": ["หน้าขาวใส", "ครีมสูตรเร่งด่วน ✨", "30 กรัม"], "price": ["1590"],
        "seller": ["woo.example"], "images": ["https://woo.example/1.jpg"], "number": ["10-1-6400000001"],
    }  # fmt: skip
    yield "woocommerce", truth, listing_of(woo)
    post = facebook_post(graph.POSTS[""][0], "baandoi")
    assert post is not None
    truth = {
        "description": ["ไม่โยโย่", "#หุ่นดี", "โปรเดือนนี้"], "price": ["590"], "seller": ["ร้านสมุนไพรบ้านดอย"],
        "images": ["https://scontent.example/1.jpg?oh=signed", "https://scontent.example/1b.jpg"],
    }  # fmt: skip
    yield "facebook", truth, listing_from_post(post)
    media = instagram_media(
        {
            "id": 1,
            "permalink": "https://www.instagram.com/p/X/",
            "caption": "ผิวขาว 🌸 390 บาท",
            "username": "demo",
            "media_url": "https://scontent.example/one.jpg",
        }
    )
    assert media is not None
    truth = {
        "description": ["ผิวขาว 🌸"],
        "price": ["390"],
        "seller": ["demo"],
        "images": ["https://scontent.example/one.jpg"],
    }
    yield "instagram", truth, listing_from_post(media)
    video = youtube_video({"id": "vid00000001", "snippet": youtube.VIDEOS["vid00000001"]})
    truth = {
        "title": ["สมุนไพรล้างตับ & ลดไขมัน"], "description": ["สูตรคุณยาย 👵", "#detox"], "price": ["1290"],
        "seller": ["ช่องสุขภาพตัวอย่าง"], "images": ["https://i.ytimg.example/1/h.jpg"],
    }  # fmt: skip
    yield "youtube", truth, listing_from_post(video)


def is_found(field: str, part: str, listing: Listing) -> bool:
    match field:
        case "title":
            return squash(listing.title or "") == squash(part)
        case "price":
            return float(listing.price or -1) == float(part)
        case "seller":
            return squash(listing.seller or "") == squash(part)
        case "images":
            return part in listing.images
        case _:
            return squash(part) in squash(listing.text)


def test_nearly_all_that_the_pages_hold_is_found(tmp_path: Path) -> None:
    held: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    missed: list[str] = []
    for source in (sample_shop(tmp_path), saved_pages(), pages_of_servers(), records()):
        for kind, truth, listing in source:
            for field, parts in truth.items():
                if parts:
                    held[kind, field] += 1
                    complete = all(is_found(field, part, listing) for part in parts)
                    found[kind, field] += complete
                    missed += [] if complete else [f"{kind}: {field} of {listing.title}: {parts}"]
    kinds = list(dict.fromkeys(kind for kind, _ in held))
    lines = [f"{'':<36}" + "".join(f"{x:>14}" for x in FIELDS)]
    for kind in [*kinds, "all"]:
        cells = []
        for field in FIELDS:
            of = [kind] if kind != "all" else kinds
            a, b = (sum(counts[k, field] for k in of) for counts in (found, held))
            cells.append(f"{f'{a}/{b}' if b else '-':>14}")
        lines.append(f"{kind:<36}{''.join(cells)}")
    print("\n" + "\n".join(lines))
    for field in FIELDS:
        share = sum(found[k, field] for k in kinds) / sum(held[k, field] for k in kinds)
        assert share >= AT_LEAST, f"{field}: {share:.1%}\n" + "\n".join(missed)
    assert sum(held.values()) > 300
