"""How deep a page lies: another page of the same list is no deeper than the one that led to it."""

from typing import Final

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.depth import DepthMiddleware

LIST_PAGE: Final = "ruthan_list_page"
"""Meta key: how many pages of a list were turned to get here, from 2 on."""
SAME_DEPTH: Final = "ruthan_same_depth"
"""Meta key of a request that is as deep as the page which led to it."""


class PagingDepth(DepthMiddleware):
    """Scrapy's bound of depth, which would cut a long category, but for what is marked as of the same depth.

    What marks it (:meth:`crawler.spiders.site.SiteSpider.onward`) bounds such pages by their number.
    """

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        if response is None or not request.meta.get(SAME_DEPTH):
            return super().get_processed_request(request, response)
        request.meta["depth"] = response.meta["depth"]
        return request
