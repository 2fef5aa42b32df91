"""Signs a request as it is sent, so that no queue, referrer or log ever holds the signed URL."""

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
