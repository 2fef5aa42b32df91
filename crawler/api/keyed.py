"""Spiders of APIs whose credentials come from the environment."""

from typing import Any, Generic, TypeVar

from crawler.api.spider import ApiSpider
from crawler.api.tokens import ApiOptions

Options = TypeVar("Options", bound=ApiOptions)


class KeyedSpider(ApiSpider, Generic[Options]):
    """Spider that takes its URL from the platform's settings.

    It sends nothing until all required settings are there.
    """

    def __init__(self, options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options
        self.api_url = options.api_url

    def missing(self) -> str:
        return self.options.lacking()
