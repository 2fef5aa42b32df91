"""TikTok's APIs: the token that a program gets for itself, and the errors.

https://developers.tiktok.com/doc/client-access-token-management and …/tiktok-api-v2-error-handling
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawler.api.answers import (
    ApiError,
    Busy,
    Gone,
    QuotaExhausted,
    Refused,
    check_status,
    read_json,
    wait_of,
)
from crawler.api.keyed import KeyedSpider
from crawler.api.tokens import TiktokOptions
from crawler.evidence.recorder import FROM_API
from crawler.middleware.limits import COST
from crawler.middleware.secrets import conceal

_REFUSED = {"access_token_invalid", "scope_not_authorized", "scope_permission_missed", "invalid_client"}
_BUSY = {"internal_error", "timeout", "system_error"}


class TiktokSpider(KeyedSpider[TiktokOptions]):
    """Obtains a client token, valid for two hours, with key and secret, and renews it when it expires."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(options=TiktokOptions(), **kwargs)
        self._token = ""

    def credentials(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def start(self) -> AsyncIterator[Any]:
        if not self.missing():
            await self._new_token()
        async for request in super().start():
            yield request

    async def renew(self, request: Request) -> bool:
        return await self._new_token()

    async def _new_token(self) -> bool:
        engine = self.crawler.engine
        assert engine is not None
        form = {
            "client_key": self.options.secret("client_key"),
            "client_secret": self.options.secret("client_secret"),
            "grant_type": "client_credentials",
        }
        request = Request(
            f"{self.api_url}/v2/oauth/token/",
            method="POST",
            body=urlencode(form),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"},
            meta={
                FROM_API: True,
                COST: 0,
                "handle_httpstatus_all": True,
                "dont_obey_robotstxt": True,
                "dont_retry": True,
            },
        )
        self._token = ""
        try:
            answer: Response = await engine.download_async(request)
            data = read_json(answer)
        except ApiError as trouble:
            self.logger.warning("no token: %s", trouble)
            return False
        except Exception as error:
            # Whatever the network error, this source reports it and the others continue.
            self.logger.warning("no token: %s", error)
            return False
        self._token = str(data.get("access_token") or "")
        if self._token:
            conceal(self._token)
        else:
            self.logger.warning("no token: %s", data.get("error_description") or data.get("error"))
        return bool(self._token)

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        error = data.get("error") if isinstance(data, dict) else None
        code = str(error.get("code")) if isinstance(error, dict) else "ok"
        if code == "ok":
            check_status(status, headers)
            return
        assert isinstance(error, dict)
        message = f"{error.get('message') or 'no message'} ({code}, log id {error.get('log_id') or 'none'})"
        if code in _REFUSED:
            raise Refused(f"not allowed, see RUTHAN_TIKTOK_CLIENT_KEY and _SECRET: {message}")
        if code == "daily_quota_limit_exceeded":
            raise QuotaExhausted(f"the quota of the day is used up: {message}")
        if code == "rate_limit_exceeded" or status == 429:
            raise Busy(message, wait_of(headers))
        if code in _BUSY or status >= 500:
            raise Busy(message, wait_of(headers))
        if status == 404:
            raise Gone(message)
        raise ApiError(message)
