"""Videos of TikTok's Research API, and adverts of its Commercial Content API."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import Reactions

from crawler.pages.item import SocialPost
from crawler.records.posts import from_epoch, hashtags, integer, media
from labels.taxonomy import Platform

RESEARCH_API, COMMERCIAL_API = "tiktok-research-api", "tiktok-commercial-content-api"

VIDEO_FIELDS = (
    "id,video_description,create_time,region_code,share_count,view_count,like_count,comment_count,username,"
    "hashtag_names,voice_to_text"
)
AD_FIELDS = (
    "ad.id,ad.first_shown_date,ad.last_shown_date,ad.status,ad.image_urls,ad.videos,ad.reach,"
    "advertiser.business_id,advertiser.business_name,advertiser.paid_for_by"
)


def tiktok_video(record: Mapping[str, Any]) -> SocialPost | None:
    """Return a video's caption and transcript; ``None`` if it has neither."""
    caption, spoken = record.get("video_description") or "", record.get("voice_to_text") or ""
    tags = [str(x) for x in record.get("hashtag_names") or []] or hashtags(caption)
    if not (caption or spoken or tags):
        return None
    user = record.get("username") or ""
    return SocialPost(
        platform=Platform.TIKTOK,
        kind="video",
        url=f"https://www.tiktok.com/@{user}/video/{record['id']}",
        postId=str(record["id"]),
        text="\n".join(x for x in (caption, spoken) if x),
        datePublished=from_epoch(record.get("create_time")),
        hashtags=tags,
        reactions=Reactions(
            likes=integer(record.get("like_count")),
            replies=integer(record.get("comment_count")),
            reposts=integer(record.get("share_count")),
        ),
        reach=integer(record.get("view_count")),
        authorName=user or None,
        authorUrl=f"https://www.tiktok.com/@{user}" if user else None,
        source=RESEARCH_API,
    )


def tiktok_ad(record: Mapping[str, Any]) -> SocialPost:
    """Return an advert; the API gives pictures and advertiser, and text only where available."""
    ad, advertiser = record["ad"], record.get("advertiser") or {}
    videos = [x for x in ad.get("videos") or [] if isinstance(x, Mapping)]
    text = "\n".join(str(ad[x]) for x in ("ad_text", "title", "caption", "description") if ad.get(x))
    business = advertiser.get("business_id")
    return SocialPost(
        platform=Platform.TIKTOK,
        kind="ad",
        url=f"https://library.tiktok.com/ads/detail/?ad_id={ad['id']}",
        postId=str(ad["id"]),
        title=advertiser.get("business_name") if not text else None,
        text=text,
        datePublished=str(ad["first_shown_date"]) if ad.get("first_shown_date") else None,
        hashtags=hashtags(text),
        mediaUrls=media(
            [*(ad.get("image_urls") or []), *(x.get("cover_image_url") or x.get("url") for x in videos)]
        ),
        authorName=advertiser.get("business_name"),
        authorUrl=f"https://library.tiktok.com/ads?adv_biz_ids={business}" if business else None,
        source=COMMERCIAL_API,
    )
