"""X API v2 recent search: long posts cut in ``text``, deleted posts told beside the data, an answer without data,
429 with ``x-rate-limit-reset``."""

import time
from contextlib import AbstractContextManager

from .base import Answer, Asked, Platform, serving

TOKEN = "AAAAFictitious%2FX%3Dbearer"


def problem(status: int, title: str, detail: str, **headers: str) -> Answer:
    return Answer(
        {"title": title, "detail": detail, "type": "about:blank", "status": status}, status, headers
    )


def answer(platform: Platform, asked: Asked) -> Answer:
    if asked.headers.get("authorization") != f"Bearer {TOKEN}":
        return problem(401, "Unauthorized", "Unauthorized")
    if len(asked.query["query"]) > 512:
        return problem(400, "Invalid Request", "Rules must be 512 characters or less")
    if "from:" in asked.query["query"]:
        return Answer({"meta": {"result_count": 0}})
    if asked.query.get("next_token") == "n1":
        if platform.first("limit"):
            return problem(
                429, "Too Many Requests", "Too Many Requests", **{"x-rate-limit-reset": str(int(time.time()))}
            )
        return Answer(
            {
                "data": [
                    {
                        "id": "1002",
                        "text": "ครีมทาฝ้า http://t.co/ab 🌙",
                        "author_id": "8",
                        "entities": {
                            "urls": [{"url": "http://t.co/ab", "expanded_url": "https://shop.example/fa"}]
                        },
                    }
                ],
                "meta": {"result_count": 1},
            }
        )
    long = "ยาผีบอกรักษามะเร็ง 🙏 " + "เห็นผลจริง " * 30 + "ราคา 2,500 บาท #สมุนไพร"
    return Answer(
        {
            "data": [
                {
                    "id": "1001",
                    "text": long[:270] + "… https://t.co/zz",
                    "note_tweet": {"text": long, "entities": {"hashtags": [{"tag": "สมุนไพร"}]}},
                    "author_id": "7",
                    "created_at": "2026-11-25T00:00:00.000Z",
                    "attachments": {"media_keys": ["3_1"]},
                    "public_metrics": {"like_count": 5, "reply_count": 1, "retweet_count": 2},
                }
            ],
            "includes": {
                "users": [{"id": "7", "name": "หมอทิพย์ตัวอย่าง", "username": "demo_healer"}],
                "media": [{"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg"}],
            },
            "errors": [
                {
                    "title": "Not Found Error",
                    "resource_id": "999",
                    "type": "https://api.twitter.com/2/problems/resource-not-found",
                }
            ],
            "meta": {"result_count": 1, "next_token": "n1"},
        }
    )


def serving_x() -> AbstractContextManager[Platform]:
    return serving(answer)
