"""Page objects for callbacks, as scrapy-poet builds them, with each plan made once.

scrapy-poet works out again for every response what a callback needs and in which order that is built, from
the signatures of all the classes involved.  That is some tenth of the time that a page takes.
"""

from collections.abc import Callable, Hashable
from typing import Any

import andi
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_poet.downloadermiddlewares import DEFAULT_PROVIDERS, InjectionMiddleware
from scrapy_poet.injection import Injector, get_callback


class PlannedInjector(Injector):
    """Keeps the plan of a callback for all addresses at which the same page objects stand in for others."""

    def __init__(self, crawler: Crawler, **kwargs: Any) -> None:
        super().__init__(crawler, **kwargs)
        self._plans: dict[Hashable, andi.Plan] = {}

    def build_plan(self, request: Request) -> andi.Plan:
        """The plan for a request's callback."""
        callback: Callable[..., Any] = get_callback(request, self.spider)  # type: ignore[no-untyped-call]
        # Functions made for one request would pile up; what a request itself names differs between them.
        if getattr(callback, "__self__", None) is not self.spider or request.meta.get("inject"):
            return super().build_plan(request)
        stand_ins = frozenset(self.registry.overrides_for(request.url).items())
        key = (callback.__name__, stand_ins)
        plan = self._plans.get(key)
        if plan is None:
            plan = super().build_plan(request)
            # The page object that an item comes from is chosen by the address.
            if not any(isinstance(step, andi.CustomBuilder) for step, _ in plan):
                self._plans[key] = plan
        return plan


class PlannedInjection(InjectionMiddleware):
    """Downloader middleware in the place of scrapy-poet's own."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.injector = PlannedInjector(crawler, default_providers=DEFAULT_PROVIDERS, registry=self.registry)
