"""Signs a request where it leaves, so that no queue, referrer or log ever holds the signed address."""

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from crawler.api.open_platform import OpenPlatformSpider


class SigningHandler(HTTP11DownloadHandler):
    """Download handler of the Open Platforms' spiders."""

    async def download_request(self, request: Request) -> Response:
        spider = self.crawler.spider
        if isinstance(spider, OpenPlatformSpider):
            request = request.replace(url=spider.signed(request))
        return await super().download_request(request)
