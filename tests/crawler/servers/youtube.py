"""YouTube Data API v3: search snippets that are cut and escaped, deleted videos that are left out of the answer,
switched-off comments, a quota that runs out."""

from contextlib import AbstractContextManager
from typing import Any

from .base import Answer, Asked, Platform, serving

KEY = "AIzaFictitious-youtube-key-123"

VIDEOS: dict[str, dict[str, Any]] = {
    "vid00000001": {
        "title": "สมุนไพรล้างตับ & ลดไขมัน",
        "description": "สูตรคุณยาย 👵 ล้างพิษตับใน 7 วัน\nราคาชุดละ 1,290 บาท\nสั่งซื้อไลน์ @demo-liver #สมุนไพร",
        "channelId": "UCdemo",
        "channelTitle": "ช่องสุขภาพตัวอย่าง",
        "publishedAt": "2026-11-20T00:00:00Z",
        "tags": ["ล้าง ตับ", "detox"],
        "thumbnails": {
            "default": {"url": "https://i.ytimg.example/1/d.jpg"},
            "high": {"url": "https://i.ytimg.example/1/h.jpg"},
        },
    },
    "vid00000002": {
        "title": "Vlog ไปเที่ยวดอย 🏔️",
        "description": "no products here",
        "channelId": "UCdemo",
        "channelTitle": "ช่องสุขภาพตัวอย่าง",
    },
}


def error(status: int, reason: str, message: str) -> Answer:
    return Answer(
        {
            "error": {
                "code": status,
                "message": message,
                "errors": [{"message": message, "domain": "youtube.quota", "reason": reason}],
            }
        },
        status,
    )


def answer(platform: Platform, asked: Asked) -> Answer:  # noqa: PLR0911 (a table of resources)
    if asked.headers.get("x-goog-api-key") != KEY:
        return error(400, "keyInvalid", "API key not valid. Please pass a valid API key.")
    resource = asked.path.rsplit("/", 1)[-1]
    query = asked.query
    if resource == "search":
        if query["q"] == "quota":
            return error(
                403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota."
            )
        if query.get("pageToken") == "P2":
            return Answer(
                {"items": [{"id": {"kind": "youtube#video", "videoId": "vid0deleted"}, "snippet": {}}]}
            )
        snippet = {"title": "สมุนไพรล้างตับ &amp; ลดไขมัน", "description": "สูตรคุณยาย 👵 ล้าง..."}
        return Answer(
            {
                "nextPageToken": "P2",
                "items": [{"id": {"kind": "youtube#video", "videoId": "vid00000001"}, "snippet": snippet}],
            }
        )
    if resource == "videos":
        if platform.first("backend"):
            return error(503, "backendError", "Backend Error")
        items = [
            {
                "id": x,
                "snippet": VIDEOS[x],
                "statistics": {"likeCount": "7", "commentCount": "2", "viewCount": "15000"},
            }
            for x in query["id"].split(",")
            if x in VIDEOS
        ]
        return Answer({"items": items})
    if resource == "channels":
        if query.get("forHandle") == "@demo":
            return Answer(
                {"items": [{"id": "UCdemo", "contentDetails": {"relatedPlaylists": {"uploads": "UUdemo"}}}]}
            )
        return Answer({"pageInfo": {"totalResults": 0}})
    if resource == "playlistItems":
        return Answer({"items": [{"contentDetails": {"videoId": x}} for x in ("vid00000001", "vid00000002")]})
    if resource == "commentThreads":
        if query["videoId"] == "vid00000002":
            return error(403, "commentsDisabled", "The video has disabled comments.")
        return Answer(
            {
                "items": [
                    thread("c1", "UCdemo", "โอนมัดจำ 100 บาท ทักไลน์ @demo-liver 🙏"),
                    thread("c2", "UCother", "ได้ผลจริง รีวิวเลย 👍"),
                ]
            }
        )
    return Answer("not found", 404)


def thread(name: str, channel: str, text: str) -> dict[str, Any]:
    snippet = {
        "videoId": "vid00000001",
        "textOriginal": text,
        "authorDisplayName": f"@{channel.lower()}",
        "authorChannelId": {"value": channel},
        "likeCount": 1,
    }
    return {"snippet": {"topLevelComment": {"id": name, "snippet": snippet}, "totalReplyCount": 0}}


def serving_youtube() -> AbstractContextManager[Platform]:
    return serving(answer)
