"""Meta's Graph API: its errors and its paging.

https://developers.facebook.com/docs/graph-api/guides/error-handling and …/results
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crawler.api.answers import ApiError, Busy, Gone, Refused, RequestTooLarge, check_status, wait_of
from crawler.api.keyed import KeyedSpider
from crawler.api.tokens import MetaOptions
from crawler.api.walk import Walk
from crawler.records.posts import dig

_TOKEN = {102, 190, 463, 467}
_BUSY = {1, 2}
_LIMIT = {4, 17, 32, 341, 368, 613}
_BUSINESS_LIMITS = range(80000, 80015)
_PERMISSION = {3, 10, *range(200, 300)}
_NOT_THERE = 33
_USAGE = ("x-business-use-case-usage", "x-app-usage", "x-ad-account-usage")
_MINUTE = 60.0
_NO_ESTIMATE = 300.0
"""Seconds to wait after a rate limit that names no duration."""


class GraphSpider(KeyedSpider[MetaOptions]):
    """Spider of the Graph API.

    It sends the token in a header, never in a URL, and pages by the ``after`` cursor.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(options=MetaOptions(), **kwargs)

    def credentials(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.options.secret('token')}"}

    def path(self, *parts: str) -> str:
        """Return the URL of an object or edge."""
        return "/".join([self.api_url, self.options.api_version, *(quote(x, safe="") for x in parts)])

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        error = data.get("error") if isinstance(data, dict) else None
        if isinstance(error, dict):
            raise _trouble(error, headers)
        check_status(status, headers)

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        # Use the cursor, not the "next" URL, which carries the token. A page in the middle may be empty.
        paging = data.get("paging") or {}
        after = dig(paging, "cursors", "after")
        return walk.onward(after, after=after) if after and paging.get("next") else None


def _trouble(error: Mapping[str, Any], headers: Mapping[str, str]) -> ApiError:  # noqa: PLR0911 (a table)
    code = int(error.get("code") or 0)
    message = f"{error.get('message') or 'no message'} (Graph API error {code})"
    if "reduce the amount of data" in message.lower():
        return RequestTooLarge(message)
    if code in _TOKEN:
        return Refused(f"the token is not accepted, renew RUTHAN_META_TOKEN: {message}")
    if code in _LIMIT or code in _BUSINESS_LIMITS:
        return Busy(message, _until_regained(headers))
    if code in _BUSY or error.get("is_transient"):
        return Busy(message, wait_of(headers))
    if code == 100 and error.get("error_subcode") == _NOT_THERE:
        return Gone(message)
    if code in {803, 21}:
        return Gone(message)
    if code in _PERMISSION:
        return ApiError(f"the token may not read this: {message}")
    return ApiError(message)


def _until_regained(headers: Mapping[str, str]) -> float:
    """Return the seconds until access is regained, from the usage headers (which count minutes)."""
    fields = {name.lower(): value for name, value in headers.items()}
    minutes: list[float] = []
    for name in _USAGE:
        try:
            stack: list[Any] = [json.loads(fields.get(name, "null"))]
        except ValueError:
            continue
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                minutes.append(float(value.get("estimated_time_to_regain_access") or 0))
            stack += (
                list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
            )
    if any(minutes):
        return max(minutes) * _MINUTE
    after = wait_of(headers)
    return _NO_ESTIMATE if after is None else after
