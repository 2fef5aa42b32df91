"""Spider for TikTok videos, by the Research API.

https://developers.tiktok.com/doc/research-api-specs-query-videos
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.api.answers import Busy
from crawler.api.tiktok import TiktokSpider
from crawler.api.walk import Walk
from crawler.plan.watches import TiktokWatch
from crawler.records.tiktok import VIDEO_FIELDS, tiktok_video
from labels.schema import Listing

_PER_PAGE = 100
_VALUES = 50
"""Maximum values of one condition, below the API's limit."""


class TiktokVideoSpider(TiktokSpider):
    """Combines conditions of one kind into one request; a request covers at most thirty days."""

    name = "tiktok"

    def __init__(self, watch: TiktokWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch

    def walks(self) -> Iterable[Walk]:
        watch = self.watch
        for field, values in (
            ("keyword", list(watch.terms)),
            ("username", [x.removeprefix("@") for x in watch.accounts]),
            ("hashtag_name", [x.removeprefix("#") for x in watch.hashtags]),
        ):
            for at in range(0, len(values), _VALUES):
                some = values[at : at + _VALUES]
                yield Walk(
                    target=f"TikTok {field} {', '.join(some[:3])}{' …' if len(some) > 3 else ''}",
                    url=f"{self.api_url}/v2/research/video/query/",
                    read="read",
                    params={"fields": VIDEO_FIELDS},
                    body=self._body(field, some),
                )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        error = data.get("error") if isinstance(data, dict) else None
        if isinstance(error, dict) and "search" in str(error.get("message", "")).lower() and status == 400:
            # A search id is often not known yet if the next page is requested immediately.
            raise Busy(str(error.get("message")))
        super().check(status, headers, data)

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of videos; a page may be empty and the next one not."""
        return self.each(walk, data["data"].get("videos") or [], tiktok_video)

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        page = data["data"]
        if not page.get("has_more"):
            return None
        cursor = page.get("cursor")
        return walk.onward_with_body(str(cursor), cursor=cursor, search_id=page.get("search_id"))

    def _body(self, field: str, values: list[str]) -> dict[str, Any]:
        until = datetime.now(UTC).date()
        since = until - timedelta(days=min(self.watch.days, 30))
        region = {"operation": "IN", "field_name": "region_code", "field_values": [self.watch.region]}
        # "keyword" takes one value per condition, so several become alternatives; the others take a list.
        wanted = [{"operation": "EQ", "field_name": field, "field_values": [x]} for x in values]
        if field != "keyword":
            wanted = [{"operation": "IN", "field_name": field, "field_values": values}]
        query: dict[str, Any] = {"and": [region]}
        if len(wanted) == 1:
            query["and"] = [region, *wanted]
        else:
            query["or"] = wanted
        return {
            "query": query,
            "start_date": f"{since:%Y%m%d}",
            "end_date": f"{until:%Y%m%d}",
            "max_count": _PER_PAGE,
        }
