"""Spider for YouTube, by the Data API v3: search, channels, videos, comments.

https://developers.google.com/youtube/v3/docs
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

from crawler.api.answers import ApiError, Busy, Gone, QuotaExhausted, Refused, check_status, wait_of
from crawler.api.keyed import KeyedSpider
from crawler.api.tokens import YoutubeOptions
from crawler.api.walk import Walk
from crawler.plan.watches import YoutubeWatch
from crawler.records.posts import dig
from crawler.records.youtube import youtube_comment, youtube_video
from labels.schema import Listing

_PER_PAGE = 50
_SEARCH_COST = 100
"""Quota units of a search; all other requests here cost 1."""
_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "backendError", "internalError", "SERVICE_UNAVAILABLE"}
_REFUSED = {
    "keyInvalid", "API_KEY_INVALID", "keyExpired", "accessNotConfigured", "ipRefererBlocked", "authError",
    "required",
}  # fmt: skip
_GONE = {"videoNotFound", "playlistNotFound", "channelNotFound", "channelClosed", "channelSuspended"}
_CLOSED = {"commentsDisabled"}


class YoutubeSpider(KeyedSpider[YoutubeOptions]):
    """Reads ids from search and channels, then the videos in blocks of fifty.

    A search result is shortened and its description truncated; only ``videos`` gives it in full.
    """

    name = "youtube"
    limit_name: ClassVar[str] = "maxResults"

    def __init__(self, watch: YoutubeWatch, **kwargs: Any) -> None:
        super().__init__(options=YoutubeOptions(), **kwargs)
        self.watch = watch
        self._seen: set[str] = set()

    def credentials(self) -> Mapping[str, str]:
        return {"X-Goog-Api-Key": self.options.secret("key")}

    def walks(self) -> Iterable[Walk]:
        for term in self.watch.terms:
            yield self._walk(
                f"YouTube search “{term}”",
                "search",
                "read_search",
                cost=_SEARCH_COST,
                part="snippet",
                type="video",
                q=term,
                regionCode="TH",
                relevanceLanguage="th",
                order="date",
                maxResults=str(_PER_PAGE),
            )
        for channel in self.watch.channels:
            named = "forHandle" if channel.startswith("@") else "id"
            params = {"part": "contentDetails", named: channel}
            url = f"{self.api_url}/youtube/v3/channels"
            yield Walk(target=f"YouTube channel {channel}", url=url, read="read_channel", params=params)
        videos = list(self.watch.videos)
        for at in range(0, len(videos), _PER_PAGE):
            yield self._videos("YouTube videos of the plan", videos[at : at + _PER_PAGE])

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        error = data.get("error") if isinstance(data, dict) else None
        if not isinstance(error, dict):
            check_status(status, headers)
            return
        details = [x for x in error.get("details") or [] if isinstance(x, dict)]
        reasons = {str(x.get("reason")) for x in [*(error.get("errors") or []), *details]}
        message = f"{error.get('message') or 'no message'} ({', '.join(sorted(reasons)) or status})"
        if reasons & _SPENT:
            raise QuotaExhausted(f"the quota of the day is used up: {message}")
        if reasons & _BUSY:
            raise Busy(message, wait_of(headers))
        if reasons & _REFUSED:
            raise Refused(f"the key is not accepted, see RUTHAN_YOUTUBE_KEY: {message}")
        if reasons & _GONE:
            raise Gone(message)
        if reasons & _CLOSED:
            raise Gone("its comments are switched off")
        if status < 500 and status not in {401, 429}:
            raise ApiError(message)
        check_status(status, headers, message)

    def read_search(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the videos found by a page of a search."""
        yield from self._new_videos(walk.target, (dig(x, "id", "videoId") for x in data.get("items") or []))

    def read_channel(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the playlist of a channel's uploads."""
        items = data.get("items") or []
        if not items:
            # The API does not report an unknown channel as an error: the response is just empty.
            self._failed_target(walk, "no such channel")
        for item in items:
            if uploads := dig(item, "contentDetails", "relatedPlaylists", "uploads"):
                yield self._walk(
                    walk.target,
                    "playlistItems",
                    "read_playlist",
                    part="contentDetails",
                    playlistId=uploads,
                    maxResults=str(_PER_PAGE),
                )

    def read_playlist(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the videos of a page of a playlist."""
        ids = (dig(x, "contentDetails", "videoId") for x in data.get("items") or [])
        yield from self._new_videos(walk.target, ids)

    def read_videos(self, data: Any, walk: Walk) -> Iterator[Listing | Walk]:
        """Yield the listings of videos; those missing from the response are deleted or private."""
        items = data.get("items") or []
        for _ in range(len(walk.params["id"].split(",")) - len(items)):
            self.count("gone")
        for record in items:
            yield from self.each(walk, [record], youtube_video)
            if self.watch.comments != "none":
                yield Walk(
                    target=f"comments of YouTube video {record['id']}",
                    url=f"{self.api_url}/youtube/v3/commentThreads",
                    read="read_comments",
                    params={
                        "part": "snippet",
                        "videoId": record["id"],
                        "maxResults": "100",
                        "textFormat": "plainText",
                    },
                    named=False,
                    kept={"channel": dig(record, "snippet", "channelId")},
                )

    def read_comments(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of comments: the channel's own, and others' if the plan says so."""
        for record in data.get("items") or []:
            author = dig(record, "snippet", "topLevelComment", "snippet", "authorChannelId", "value")
            owner = author == walk.kept["channel"]
            if not owner and self.watch.comments != "all":
                continue
            yield from self.each(walk, [record], partial(youtube_comment, owner=owner))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        token = data.get("nextPageToken") or ""
        return walk.onward(token, pageToken=token) if walk.read != "read_videos" else None

    def _new_videos(self, target: str, ids: Iterable[Any]) -> Iterator[Walk]:
        new = [x for x in dict.fromkeys(ids) if isinstance(x, str) and x not in self._seen]
        self._seen.update(new)
        for at in range(0, len(new), _PER_PAGE):
            yield self._videos(target, new[at : at + _PER_PAGE])

    def _videos(self, target: str, ids: list[str]) -> Walk:
        return self._walk(target, "videos", "read_videos", part="snippet,statistics", id=",".join(ids))

    def _walk(self, target: str, resource: str, read: str, *, cost: int = 1, **params: str) -> Walk:
        url = f"{self.api_url}/youtube/v3/{resource}"
        return Walk(target=target, url=url, read=read, params=params, cost=cost)
