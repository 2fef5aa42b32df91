"""Posts, media and adverts of Meta's Graph API."""

from collections.abc import Iterator, Mapping
from typing import Any

from zyte_common_items import Reactions

from crawler.pages.item import SocialPost
from crawler.records.posts import dig, hashtags, integer, media
from labels.taxonomy import Platform

GRAPH_API, AD_LIBRARY = "graph-api", "ad-library"

POST_FIELDS = (
    "id,message,story,created_time,permalink_url,full_picture,from{id,name,link},"
    "attachments{title,description,unshimmed_url,media,subattachments},shares"
)
COMMENT_FIELDS = "id,message,created_time,permalink_url,from{id,name},attachment"
MEDIA_FIELDS = (
    "id,caption,permalink,timestamp,media_type,media_url,thumbnail_url,like_count,comments_count,"
    "username,children{media_url}"
)
HASHTAG_FIELDS = "id,caption,permalink,timestamp,media_type,media_url,like_count,comments_count"
AD_FIELDS = (
    "id,ad_creation_time,ad_delivery_start_time,ad_delivery_stop_time,ad_creative_bodies,"
    "ad_creative_link_titles,ad_creative_link_captions,ad_creative_link_descriptions,languages,page_id,"
    "page_name,publisher_platforms"
)
"""``ad_snapshot_url`` is not requested because it carries the caller's token."""


def facebook_post(record: Mapping[str, Any], page: str) -> SocialPost | None:
    """Return a page's post with the texts of its links; ``None`` if it has no text."""
    attachments = list(_attachments(record))
    parts = [record.get("message") or record.get("story")]
    for each in attachments:
        parts += [each.get("title"), each.get("description")]
    text = "\n".join(dict.fromkeys(x.strip() for x in parts if isinstance(x, str) and x.strip()))
    if not text:
        return None
    author = record.get("from") or {}
    return SocialPost(
        platform=Platform.FACEBOOK,
        url=record.get("permalink_url") or f"https://www.facebook.com/{record['id']}",
        postId=str(record["id"]),
        text=text,
        datePublished=record.get("created_time"),
        hashtags=hashtags(text),
        mediaUrls=media(
            [record.get("full_picture"), *(dig(x, "media", "image", "src") for x in attachments)]
        ),
        reactions=Reactions(reposts=integer(dig(record, "shares", "count"))),
        authorName=author.get("name") or page,
        authorUrl=author.get("link") or f"https://www.facebook.com/{author.get('id') or page}",
        source=GRAPH_API,
    )


def facebook_comment(record: Mapping[str, Any], post: SocialPost) -> SocialPost | None:
    """Return a comment as a separate post. Its author is omitted, being mostly a private person."""
    text = record.get("message")
    if not text:
        return None
    return SocialPost(
        platform=post.platform,
        kind="comment",
        url=record.get("permalink_url") or f"{post.url}?comment_id={str(record['id']).rpartition('_')[2]}",
        postId=str(record["id"]),
        text=text,
        datePublished=record.get("created_time") or record.get("timestamp"),
        hashtags=hashtags(text),
        mediaUrls=media([dig(record, "attachment", "media", "image", "src")]),
        source=GRAPH_API,
    )


def instagram_media(record: Mapping[str, Any], account: str = "", name: str = "") -> SocialPost | None:
    """Return a media item with its caption; ``None`` without one."""
    text = record.get("caption")
    if not text:
        return None
    username = account or record.get("username") or ""
    children = dig(record, "children", "data") or []
    return SocialPost(
        platform=Platform.INSTAGRAM,
        kind="video" if record.get("media_type") == "VIDEO" else "post",
        url=record["permalink"],
        postId=str(record["id"]),
        text=text,
        datePublished=record.get("timestamp"),
        hashtags=hashtags(text),
        mediaUrls=media(
            [record.get("thumbnail_url") or record.get("media_url"), *(x.get("media_url") for x in children)]
        ),
        reactions=Reactions(
            likes=integer(record.get("like_count")), replies=integer(record.get("comments_count"))
        ),
        authorName=name or username or None,
        authorUrl=f"https://www.instagram.com/{username}/" if username else None,
        source=GRAPH_API,
    )


def library_ad(record: Mapping[str, Any]) -> SocialPost | None:
    """Return an advert of the Ad Library, its versions as one listing; ``None`` without any text."""
    bodies = [x for x in record.get("ad_creative_bodies") or [] if x]
    titles = [x for x in record.get("ad_creative_link_titles") or [] if x]
    others = [
        x
        for field in ("ad_creative_link_descriptions", "ad_creative_link_captions")
        for x in record.get(field) or []
        if x
    ]
    text = "\n".join(dict.fromkeys([*bodies, *titles[1:], *others]))
    if not text and not titles:
        return None
    platforms = [str(x).lower() for x in record.get("publisher_platforms") or []]
    page = record.get("page_id")
    return SocialPost(
        platform=Platform.INSTAGRAM if platforms == ["instagram"] else Platform.FACEBOOK,
        kind="ad",
        url=f"https://www.facebook.com/ads/library/?id={record['id']}",
        postId=str(record["id"]),
        title=titles[0] if titles else None,
        text=text,
        datePublished=record.get("ad_delivery_start_time") or record.get("ad_creation_time"),
        hashtags=hashtags(text),
        authorName=record.get("page_name"),
        authorUrl=f"https://www.facebook.com/{page}" if page else None,
        source=AD_LIBRARY,
    )


def _attachments(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in dig(record, "attachments", "data") or []:
        yield each
        yield from dig(each, "subattachments", "data") or []
