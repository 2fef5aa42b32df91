"""Videos and comments of the YouTube Data API."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import Reactions

from crawler.pages.item import SocialPost
from crawler.records.posts import dig, hashtags, integer, media
from labels.taxonomy import Platform

YOUTUBE_API = "youtube-api"
_SIZES = ("maxres", "standard", "high", "medium", "default")


def youtube_video(record: Mapping[str, Any]) -> SocialPost:
    """Return a video with full description and tags. Raises ``KeyError`` for a record without a snippet."""
    snippet = record["snippet"]
    text = snippet.get("description") or ""
    channel = snippet.get("channelId")
    thumbnails = snippet.get("thumbnails") or {}
    picture = next((dig(thumbnails, x, "url") for x in _SIZES if x in thumbnails), None)
    numbers = record.get("statistics") or {}
    tags = [f"{x}".replace(" ", "_") for x in snippet.get("tags") or []]
    return SocialPost(
        platform=Platform.YOUTUBE,
        kind="video",
        url=f"https://www.youtube.com/watch?v={record['id']}",
        postId=str(record["id"]),
        title=snippet.get("title") or None,
        text=text,
        datePublished=snippet.get("publishedAt"),
        hashtags=[*(hashtags(text) or []), *tags] or None,
        mediaUrls=media([picture]),
        reactions=Reactions(
            likes=integer(numbers.get("likeCount")), replies=integer(numbers.get("commentCount"))
        ),
        reach=integer(numbers.get("viewCount")),
        authorName=snippet.get("channelTitle"),
        authorUrl=f"https://www.youtube.com/channel/{channel}" if channel else None,
        source=YOUTUBE_API,
    )


def youtube_comment(record: Mapping[str, Any], *, owner: bool) -> SocialPost | None:
    """Return a thread's top-level comment; its author's name only if the channel's ``owner`` wrote it."""
    comment = record["snippet"]["topLevelComment"]
    snippet = comment["snippet"]
    text = snippet.get("textOriginal") or snippet.get("textDisplay") or ""
    if not text:
        return None
    return SocialPost(
        platform=Platform.YOUTUBE,
        kind="comment",
        url=f"https://www.youtube.com/watch?v={snippet['videoId']}&lc={comment['id']}",
        postId=str(comment["id"]),
        text=text,
        datePublished=snippet.get("publishedAt"),
        hashtags=hashtags(text),
        reactions=Reactions(
            likes=integer(snippet.get("likeCount")),
            replies=integer(record["snippet"].get("totalReplyCount")),
        ),
        authorName=snippet.get("authorDisplayName") if owner else None,
        authorUrl=snippet.get("authorChannelUrl") if owner else None,
        source=YOUTUBE_API,
    )
