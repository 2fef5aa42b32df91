"""Spider for Meta's Ad Library, by the ``ads_archive`` edge of the Graph API."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from crawler.api.graph import GraphSpider
from crawler.api.walk import Walk
from crawler.plan.watches import MetaAdsWatch
from crawler.records.meta import AD_FIELDS, library_ad
from labels.schema import Listing

_PER_PAGE = "100"
_PAGES_A_QUESTION = 10
"""Maximum pages in one request."""


class MetaAdsSpider(GraphSpider):
    """Reads adverts that reached the plan's countries, by search term or page."""

    name = "meta_ads"

    def __init__(self, watch: MetaAdsWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch

    def walks(self) -> Iterable[Walk]:
        for term in self.watch.terms:
            yield self._walk(f"Ad Library search “{term}”", search_terms=term)
        pages = self.watch.pages
        for at in range(0, len(pages), _PAGES_A_QUESTION):
            some = pages[at : at + _PAGES_A_QUESTION]
            yield self._walk(f"Ad Library pages {', '.join(some)}", search_page_ids=json.dumps(some))

    def _walk(self, target: str, **params: str) -> Walk:
        return Walk(
            target=target,
            url=self.path("ads_archive"),
            read="read",
            params={
                **params,
                "ad_reached_countries": json.dumps(self.watch.countries),
                "ad_type": "ALL",
                "ad_active_status": "ALL",
                "fields": AD_FIELDS,
                "limit": _PER_PAGE,
            },
        )

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of adverts."""
        return self.each(walk, data["data"], library_ad)
