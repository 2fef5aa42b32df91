"""Spiders of APIs whose credentials come from the environment."""

from typing import Any, Generic, TypeVar

from crawler.api.spider import ApiSpider
from crawler.api.tokens import ApiOptions

Options = TypeVar("Options", bound=ApiOptions)


class KeyedSpider(ApiSpider, Generic[Options]):
    """Takes its address from the platform's settings, and asks nothing while one that it needs is not set."""

    def __init__(self, options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options
        self.api_url = options.api_url

    def missing(self) -> str:
        return self.options.lacking()
