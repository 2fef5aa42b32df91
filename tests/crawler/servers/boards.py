"""A forum in Pantip's markup and a classifieds site with embedded data in Kaidee's manner."""

import json
from contextlib import AbstractContextManager

from .base import Answer, Asked, Platform, serving

XML = {"Content-Type": "application/xml"}


def topic(title: str, story: str, comments: str = "") -> str:
    return (
        f'<html><head><meta charset="utf-8"><title>{title} - Board</title></head><body>'
        f'<div class="display-post-wrapper main-post type"><h2 class="display-post-title">{title}</h2>'
        f'<div class="display-post-story">{story}</div>'
        f'<a class="display-post-name owner">สมาชิกหมายเลข 100</a><abbr data-utime="1763500000">วันนี้</abbr></div>{comments}</body></html>'
    )


def comment(name: str, text: str, owner: bool) -> str:
    mark = "display-post-name owner" if owner else "display-post-name"
    return f'<div class="display-post-wrapper section-comment"><div class="display-post-story">{text}</div><a class="{mark}">{name}</a></div>'


TOPICS = {
    "/topic/40000001": topic(
        "รีวิวยาต้มรักษาเบาหวาน หายขาด",
        "กินสามเดือนน้ำตาลลง 😍<br>สั่งได้ที่ 089-000-4321 หม้อละ 800 บาท <img src='/pic.jpg'>",
        comment("สมาชิกหมายเลข 100", "เพิ่มเติม ส่งฟรีทั่วไทย", True) + comment("คนอื่น", "ไม่น่าเชื่อถือเลย", False),
    ),
    "/topic/40000002": topic("แนะนำที่เที่ยวเชียงใหม่", "ไปเที่ยวมา อากาศดีมาก 🏔️"),
}


def forum(platform: Platform, asked: Asked) -> Answer:
    if asked.path == "/robots.txt":
        return Answer(
            f"User-agent: *\nDisallow: /topic/40000009\nSitemap: {platform.url}/sitemap.xml\n",
            headers={"Content-Type": "text/plain"},
        )
    if asked.path == "/sitemap.xml":
        urls = "".join(
            f"<url><loc>{platform.url}/topic/{n}</loc></url>" for n in ("40000001", "40000003", "40000009")
        )
        return Answer(f"<urlset>{urls}</urlset>".encode(), headers=XML)
    if asked.path == "/forum/health":
        return Answer(
            '<html><body><h1>ห้องสุขภาพ</h1><a href="/topic/40000002">แนะนำที่เที่ยว</a><a href="/profile/7">สมาชิก</a></body></html>'
        )
    if asked.path in TOPICS:
        return Answer(TOPICS[asked.path])
    return Answer(topic("ขออภัย", ""), 404)


def advert(number: int, title: str, text: str, price: int) -> str:
    state = {
        "props": {
            "pageProps": {
                "ad": {
                    "id": number,
                    "title": title,
                    "description": text,
                    "price": price,
                    "images": [{"sizes": {}, "url": f"https://img.classifieds.example/{number}.jpg"}],
                    "member": {"displayName": "ผู้ขายตัวอย่าง"},
                },
                "similar": [
                    {
                        "id": 9,
                        "title": "จักรยานมือสอง",
                        "description": "จักรยานสภาพดี ใช้งานได้ปกติทุกอย่าง",
                        "price": 900,
                    }
                ],
            }
        }
    }
    return (
        f'<html><head><meta charset="utf-8"><title>{title} | ประกาศ</title></head><body><h1>{title}</h1><div id="__next"></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state, ensure_ascii=False)}</script></body></html>'
    )


def classifieds(platform: Platform, asked: Asked) -> Answer:
    pages = {
        "/": '<html><body><h1>ประกาศ</h1><a href="/product-371">น้ำมันนวด</a><a href="/c2-auto">รถยนต์</a></body></html>',
        "/c2-auto": "<html><body><h1>รถยนต์</h1><p>ไม่มีประกาศ</p></body></html>",
        "/product-371": advert(371, "น้ำมันนวดแก้อัมพาต", "ทาแล้วเดินได้ใน 7 วัน 🙏 ติดต่อไลน์ @demo-oil", 650),
    }
    if asked.path == "/robots.txt":
        return Answer("User-agent: *\nDisallow: /member\n", headers={"Content-Type": "text/plain"})
    return Answer(pages[asked.path]) if asked.path in pages else Answer("ไม่พบ", 404)


def serving_forum() -> AbstractContextManager[Platform]:
    return serving(forum)


def serving_classifieds() -> AbstractContextManager[Platform]:
    return serving(classifieds)
