"""The Graph API as Meta documents it, with what its users meet: tokens in paging links, empty pages in the middle,
rate limits in the body of a 400, "reduce the amount of data", gateway pages with status 200."""

from contextlib import AbstractContextManager
from typing import Any

from .base import GATEWAY_PAGE, Answer, Asked, Platform, serving

TOKEN = "EAABfictitious|meta+token/0123456789"
OTHER_TOKEN = "EAABanother-token-of-the-ad-preview"


def error(code: int, message: str, status: int = 400, **more: Any) -> Answer:
    headers = more.pop("headers", {})
    body = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Afictitious", **more}
    return Answer({"error": body}, status, headers)


def page_of(asked: Asked, platform: Platform, data: list[Any], after: str, *, more: bool) -> Answer:
    paging: dict[str, Any] = {"cursors": {"before": "QVFIbefore", "after": after}}
    if more:
        # The real API writes the token into the address of the next page.
        paging["next"] = (
            f"{platform.url}{asked.path}?access_token={TOKEN.replace('|', '%7C')}&limit=50&after={after}"
        )
    return Answer({"data": data, "paging": paging})


def post(number: int, message: str | None, **more: Any) -> dict[str, Any]:
    return {
        "id": f"100200_{number}",
        "created_time": "2026-11-20T03:04:05+0000",
        "permalink_url": f"https://www.facebook.com/100200/posts/{number}",
        "full_picture": f"https://scontent.example/{number}.jpg?oh=signed",
        "from": {"id": "100200", "name": "ร้านสมุนไพรบ้านดอย"},
        **({"message": message} if message else {}),
        **more,
    }


POSTS = {
    "": [
        post(
            1,
            "ลดน้ำหนัก 10 กิโลใน 7 วัน 🔥🔥 ไม่โยโย่\nราคา 590 บาท #ลดน้ำหนัก #หุ่นดี สั่งเลย",
            attachments={
                "data": [
                    {
                        "title": "แคปซูลหุ่นเพรียว",
                        "description": "โปรเดือนนี้",
                        "media": {"image": {"src": "https://scontent.example/1b.jpg"}},
                    }
                ]
            },
            comments={
                "data": [
                    {
                        "id": "1_11",
                        "message": "สั่งซื้อไลน์ @baandoi-demo 💚",
                        "from": {"id": "100200", "name": "ร้าน"},
                    },
                    {
                        "id": "1_12",
                        "message": "我也想买 ได้ผลจริงไหมคะ 😊",
                        "from": {"id": "77", "name": "ชื่อพลเมือง"},
                        "permalink_url": "https://www.facebook.com/100200/posts/1?comment_id=12",
                    },
                ]
            },
        ),
        post(2, None),
    ],
    "c1": [],
    "c2": [post(3, "Herbal tea ชาสมุนไพร 草药茶 ☕️ #tea")],
}


def answer(platform: Platform, asked: Asked) -> Answer:
    if asked.headers.get("authorization") != f"Bearer {TOKEN}":
        return error(190, "Error validating access token: Session has expired", 401, error_subcode=463)
    parts = asked.path.strip("/").split("/")[1:]
    handlers = {"posts": _posts, "ads_archive": _ads, "ig_hashtag_search": _hashtag, "recent_media": _recent}
    if parts[-1] in handlers:
        return handlers[parts[-1]](platform, asked)
    if "business_discovery" in asked.query.get("fields", ""):
        return _discovery(platform, asked)
    return error(2500, "Unknown path components")


def _posts(platform: Platform, asked: Asked) -> Answer:
    if "/deleted-page/" in asked.path:
        return error(100, "Unsupported get request. Object does not exist", error_subcode=33)
    after = asked.query.get("after", "")
    if after == "c1" and platform.first("limit"):
        usage = '{"100200":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":0}]}'
        return error(
            32, "Page request limit reached", headers={"X-Business-Use-Case-Usage": usage, "Retry-After": "0"}
        )
    if after == "c2" and platform.first("gateway"):
        return Answer(GATEWAY_PAGE)
    following = {"": "c1", "c1": "c2", "c2": "c3"}[after]
    return page_of(asked, platform, POSTS[after], following, more=after != "c2")


def _ads(platform: Platform, asked: Asked) -> Answer:
    if int(asked.query["limit"]) > 50:
        return Answer(
            {
                "error": {
                    "code": 1,
                    "message": "Please reduce the amount of data you're asking for, then retry your request",
                }
            },
            500,
        )
    ad = {
        "id": "900100",
        "ad_creation_time": "2026-11-01",
        "ad_delivery_start_time": "2026-11-02",
        "ad_creative_bodies": ["ครีมหน้าเด้ง เห็นผลใน 3 วัน ✨ ราคา 299 บาท", "ครีมหน้าเด้ง ของแท้ ✨"],
        "ad_creative_link_titles": ["ครีมหน้าเด้ง"],
        "ad_creative_link_captions": ["shop.example"],
        "page_id": "300400",
        "page_name": "บิวตี้ตัวอย่าง",
        "publisher_platforms": ["facebook", "instagram"],
        "ad_snapshot_url": f"https://www.facebook.com/ads/archive/render_ad/?id=900100&access_token={OTHER_TOKEN}",
    }
    if asked.query.get("after") == "a1":
        return page_of(asked, platform, [], "a2", more=False)
    return page_of(asked, platform, [ad], "a1", more=True)


def _hashtag(platform: Platform, asked: Asked) -> Answer:
    return Answer({"data": [{"id": "17843"}]})


def _recent(platform: Platform, asked: Asked) -> Answer:
    media = {
        "id": "555",
        "caption": "น้ำมันเขียว ฿120 #สมุนไพรไทย 🌿",
        "permalink": "https://www.instagram.com/p/TAGGED/",
        "timestamp": "2026-11-19T00:00:00+0000",
        "media_type": "IMAGE",
        "media_url": "https://scontent.example/tagged.jpg",
    }
    # A cursor that leads to itself: the end has to be noticed.
    return page_of(asked, platform, [media] if not asked.query.get("after") else [], "same", more=True)


def _discovery(platform: Platform, asked: Asked) -> Answer:
    fields = asked.query["fields"]
    if "username(nobody)" in fields:
        return error(110, "Invalid user id", error_user_title="Cannot find User", error_subcode=2207013)
    if ".after(m1)" in fields:
        items = [
            {"id": "502", "caption": "อีกโพสต์ 🍵 ราคา 99 บาท", "permalink": "https://www.instagram.com/p/TWO/"}
        ]
        media: dict[str, Any] = {"data": items}
    else:
        first = {
            "id": "501",
            "caption": "คอลลาเจนผิวขาว 🌸 #ผิวขาว #collagen\nราคา 390 บาท",
            "permalink": "https://www.instagram.com/p/ONE/",
            "timestamp": "2026-11-18T00:00:00+0000",
            "media_type": "CAROUSEL_ALBUM",
            "media_url": "https://scontent.example/one.jpg",
            "like_count": 12,
            "children": {"data": [{"media_url": "https://scontent.example/one-b.jpg"}]},
        }
        media = {
            "data": [first, {"id": "503", "permalink": "https://www.instagram.com/p/NOTEXT/"}],
            "paging": {"cursors": {"after": "m1"}},
        }
    return Answer(
        {"business_discovery": {"username": "skin.demo", "name": "ผิวสวยตัวอย่าง", "media": media}, "id": "178"}
    )


def serving_graph() -> AbstractContextManager[Platform]:
    return serving(answer)
