"""Page objects for callbacks, as scrapy-poet builds them, with cached build plans.

For every response, scrapy-poet works out again what a callback needs and in which order to build it, from the
signatures of all the classes involved. That takes about a tenth of the time of a page.
"""

from collections.abc import Callable, Hashable
from typing import Any

import andi
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_poet.downloadermiddlewares import DEFAULT_PROVIDERS, InjectionMiddleware
from scrapy_poet.injection import Injector, get_callback


class PlannedInjector(Injector):
    """Caches a callback's plan for all addresses with the same overrides of page objects."""

    def __init__(self, crawler: Crawler, **kwargs: Any) -> None:
        super().__init__(crawler, **kwargs)
        self._plans: dict[Hashable, andi.Plan] = {}

    def build_plan(self, request: Request) -> andi.Plan:
        """Return the plan for a request's callback."""
        callback: Callable[..., Any] = get_callback(request, self.spider)  # type: ignore[no-untyped-call]
        # Functions created per request would pile up; dependencies named in the request itself vary.
        if getattr(callback, "__self__", None) is not self.spider or request.meta.get("inject"):
            return super().build_plan(request)
        stand_ins = frozenset(self.registry.overrides_for(request.url).items())
        key = (callback.__name__, stand_ins)
        plan = self._plans.get(key)
        if plan is None:
            plan = super().build_plan(request)
            # The page object that an item comes from depends on the address.
            if not any(isinstance(step, andi.CustomBuilder) for step, _ in plan):
                self._plans[key] = plan
        return plan


class PlannedInjection(InjectionMiddleware):
    """Downloader middleware that replaces scrapy-poet's own."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.injector = PlannedInjector(crawler, default_providers=DEFAULT_PROVIDERS, registry=self.registry)
