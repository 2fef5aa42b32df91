"""TikTok's APIs: client tokens that run out, pages that are empty and not the last, a search id that is not known
yet, errors in a 200-shaped envelope."""

import json
from contextlib import AbstractContextManager
from typing import Any

from .base import Answer, Asked, Platform, serving

KEY, SECRET = "awFictitiousClientKey", "fictitious+client/secret"
TOKENS = ["clt.fictitious-first-token", "clt.fictitious-second-token"]


def envelope(data: Any, code: str = "ok", message: str = "", status: int = 200, **headers: str) -> Answer:
    return Answer(
        {"data": data, "error": {"code": code, "message": message, "log_id": "2026FICT"}}, status, headers
    )


def answer(platform: Platform, asked: Asked) -> Answer:
    if asked.path == "/v2/oauth/token/":
        if asked.form.get("client_key") != KEY or asked.form.get("client_secret") != SECRET:
            return Answer(
                {
                    "error": "invalid_client",
                    "error_description": "Client key or secret is incorrect.",
                    "log_id": "2026FICT",
                }
            )
        number = platform.times.get("tokens", 0)
        platform.times["tokens"] = number + 1
        return Answer({"access_token": TOKENS[min(number, 1)], "expires_in": 7200, "token_type": "Bearer"})
    token = asked.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in TOKENS:
        return envelope(
            {}, "access_token_invalid", "The access token is invalid or not found in the request.", 401
        )
    body = json.loads(asked.body)
    if asked.path == "/v2/research/video/query/":
        return _videos(platform, body)
    if asked.path == "/v2/research/adlib/ad/query/":
        return _ads(body)
    return Answer("404 page", 404)


def _videos(platform: Platform, body: dict[str, Any]) -> Answer:
    cursor = body.get("cursor")
    if cursor is None:
        return envelope({"videos": [], "cursor": 100, "search_id": "7201", "has_more": True})
    if cursor == 100:
        if platform.first("early"):
            return envelope({}, "invalid_params", "Search Id 7201 is invalid or expired", 400)
        if platform.first("limit"):
            return envelope({}, "rate_limit_exceeded", "Too many requests", 429, **{"Retry-After": "0"})
        video = {
            "id": 7301,
            "video_description": "ยาลดอ้วนสูตรเกาหลี 다이어트 💊 ราคา 450 บาท #ลดน้ำหนัก",
            "create_time": 1_763_500_000,
            "region_code": "TH",
            "username": "demo.slim",
            "hashtag_names": ["ลดน้ำหนัก", "หุ่นดี"],
            "voice_to_text": "กินแล้วผอมแน่นอนภายในสามวัน",
            "like_count": 3,
        }
        return envelope({"videos": [video], "cursor": 200, "search_id": "7201", "has_more": True})
    if platform.first("expired"):
        # Whichever token the source of videos was given: two sources ask for theirs in either order.
        return envelope({}, "access_token_invalid", "The access token is expired.", 401)
    video = {"id": 7302, "video_description": "ชาดีท็อกซ์ 🍃", "username": "demo.tea", "hashtag_names": []}
    return envelope(
        {
            "videos": [video, {"id": 7303, "username": "demo.silent"}],
            "cursor": 300,
            "search_id": "7201",
            "has_more": False,
        }
    )


def _ads(body: dict[str, Any]) -> Answer:
    if body.get("search_id"):
        return envelope({"ads": [], "search_id": "a1", "has_more": False})
    ad = {
        "ad": {
            "id": 8801,
            "first_shown_date": 20261101,
            "status": "active",
            "image_urls": ["https://p16.example/8801.jpg"],
            "ad_text": "เซรั่มหน้าใส 🌟 ฿350",
            "videos": [],
        },
        "advertiser": {"business_id": 66, "business_name": "บริษัทตัวอย่างความงาม", "paid_for_by": "x"},
    }
    return envelope({"ads": [ad], "search_id": "a1", "has_more": True})


def serving_tiktok() -> AbstractContextManager[Platform]:
    return serving(answer)
