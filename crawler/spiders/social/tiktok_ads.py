"""Spider for adverts on TikTok, by the Commercial Content API.

https://developers.tiktok.com/doc/commercial-content-api-query-ads
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.api.tiktok import TiktokSpider
from crawler.api.walk import Walk
from crawler.plan.watches import TiktokAdsWatch
from crawler.records.tiktok import AD_FIELDS, tiktok_ad
from labels.schema import Listing

_PER_PAGE = 50
_LONGEST_TERM = 50


class TiktokAdsSpider(TiktokSpider):
    """Pages by ``search_id``, which stays the same while the server advances."""

    name = "tiktok_ads"

    def __init__(self, watch: TiktokAdsWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch

    def walks(self) -> Iterable[Walk]:
        for term in self.watch.terms:
            yield self._walk(f"TikTok ads “{term}”", search_term=term[:_LONGEST_TERM])
        if self.watch.advertisers:
            ids = [int(x) if x.isdigit() else x for x in self.watch.advertisers]
            yield self._walk("TikTok ads of advertisers", filters={"advertiser_business_ids": ids})

    def _walk(self, target: str, **fields: Any) -> Walk:
        until = datetime.now(UTC).date()
        since = until - timedelta(days=self.watch.days)
        filters: dict[str, Any] = {
            "ad_published_date_range": {"min": f"{since:%Y%m%d}", "max": f"{until:%Y%m%d}"},
            **fields.pop("filters", {}),
        }
        if self.watch.country != "ALL":
            filters["country_code"] = self.watch.country
        return Walk(
            target=target,
            url=f"{self.api_url}/v2/research/adlib/ad/query/",
            read="read",
            params={"fields": AD_FIELDS},
            body={"filters": filters, "max_count": _PER_PAGE, **fields},
        )

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of adverts."""
        return self.each(walk, data["data"].get("ads") or [], tiktok_ad)

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        page = data["data"]
        if not page.get("has_more") or not page.get("search_id"):
            return None
        # The id is the same for all pages, so their number distinguishes them; an empty page ends a loop.
        number = str(len(walk.cursors) + 1)
        if not page.get("ads"):
            return None
        return walk.onward_with_body(number, search_id=page["search_id"])
