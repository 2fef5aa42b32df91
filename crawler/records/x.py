"""Posts of the X API v2, with the ``includes`` of the response."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import Reactions

from crawler.pages.item import SocialPost
from crawler.records.posts import dig, hashtags, integer, media
from labels.taxonomy import Platform

X_API = "x-api"


def x_post(record: Mapping[str, Any], includes: Mapping[str, Any]) -> SocialPost:
    """Return a post with its author and pictures.

    A long post is truncated in ``text`` and complete in ``note_tweet``; shortened links are expanded. Raises
    ``KeyError`` for a record without an id.
    """
    note = record.get("note_tweet") or {}
    entities = note.get("entities") or record.get("entities") or {}
    text = note.get("text") or record.get("text") or ""
    for link in entities.get("urls") or []:
        if link.get("url") and link.get("expanded_url"):
            text = text.replace(link["url"], link["expanded_url"])
    users = {x["id"]: x for x in includes.get("users") or [] if "id" in x}
    pictures = {x["media_key"]: x for x in includes.get("media") or [] if "media_key" in x}
    author = users.get(record.get("author_id"), {})
    username = author.get("username")
    shown = [pictures.get(x, {}) for x in dig(record, "attachments", "media_keys") or []]
    numbers = record.get("public_metrics") or {}
    tags = [x["tag"] for x in entities.get("hashtags") or [] if x.get("tag")]
    return SocialPost(
        platform=Platform.X,
        url=f"https://x.com/{username or 'i'}/status/{record['id']}",
        postId=str(record["id"]),
        text=text,
        datePublished=record.get("created_at"),
        hashtags=tags or hashtags(text),
        mediaUrls=media(x.get("url") or x.get("preview_image_url") for x in shown),
        reactions=Reactions(
            likes=integer(numbers.get("like_count")),
            replies=integer(numbers.get("reply_count")),
            reposts=integer(numbers.get("retweet_count")),
        ),
        reach=integer(numbers.get("impression_count")),
        authorName=author.get("name") or username,
        authorUrl=f"https://x.com/{username}" if username else None,
        source=X_API,
    )
