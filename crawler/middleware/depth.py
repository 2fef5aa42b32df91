"""Depth limit that does not count the pages of one list as ever deeper."""

from typing import Final

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.depth import DepthMiddleware

LIST_PAGE: Final = "ruthan_list_page"
"""Meta key: how many pages of a list led here, from 2 on."""
SAME_DEPTH: Final = "ruthan_same_depth"
"""Meta key of a request that is as deep as the page that led to it."""


class PagingDepth(DepthMiddleware):
    """Scrapy's depth limit, which would cut off long categories, without counting marked requests.

    The code that marks them (:meth:`crawler.spiders.websites.site.SiteSpider.onward`) limits their number
    instead.
    """

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        if response is None or not request.meta.get(SAME_DEPTH):
            return super().get_processed_request(request, response)
        request.meta["depth"] = response.meta["depth"]
        return request
