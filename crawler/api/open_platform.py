"""Base spider of the Open Platforms, where each shop authorizes us and has its own tokens."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy import Request
from scrapy.http import Response

from crawler.api.answers import ApiError, Refused, WrongKey, headers_of, read_json
from crawler.api.grants import Grant, GrantFile, GrantsUnusable
from crawler.api.keyed import KeyedSpider
from crawler.api.tokens import OpenPlatformOptions
from crawler.api.walk import Walk
from crawler.evidence.recorder import FROM_API
from crawler.middleware.limits import COST
from crawler.middleware.secrets import conceal, redact
from crawler.site import site_of

Options = TypeVar("Options", bound=OpenPlatformOptions)

_SIGNED_WITH = "ruthan_signed_with"
"""Meta key: number of the shop's token that signed the request."""


class OpenPlatformSpider(KeyedSpider[Options]):
    """Signs every request for the shop that its walk belongs to (``kept["shop"]``).

    A shop that can no longer be read ends only its own walks. New tokens are written to the file before
    further use, because platforms accept a refresh token once.
    """

    platform_name: ClassVar[str]
    renewable: ClassVar[bool] = True
    """Whether the platform issues new tokens for a refresh token."""
    key_header: ClassVar[str] = ""
    """Header that carries a shop's token; empty where the signed URL carries it."""
    custom_settings = {  # noqa: RUF012 (Scrapy declares it)
        **(KeyedSpider.custom_settings or {}),
        # The URL of a response is signed, so no later request may send it as a referrer.
        "REFERER_ENABLED": False,
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.api.signing.SigningHandler",
            "https": "crawler.api.signing.SigningHandler",
        },
    }

    def __init__(self, shops: Iterable[str], options: Options, **kwargs: Any) -> None:
        super().__init__(options=options, **kwargs)
        self.shops = list(dict.fromkeys(shops))
        self.file = GrantFile()
        self.closed: set[str] = set()
        """Shops that can no longer be read."""
        self._grants: dict[str, Grant] = {}
        self._number: dict[str, int] = {}
        """How often each shop's token was renewed in this run."""
        self._why: dict[str, str] = {}
        self._with_wrong_key: set[str] = set()
        """Shops whose code or token was not checked because the application was rejected."""

    @property
    def sites(self) -> set[str]:
        return {site_of(self.api_url), site_of(self.options.token_url)}

    def signature(self, shop: str, path: str, params: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """Return the parameters that sign a shop's request; empty where the platform needs none."""
        return {}

    def credentials_for(self, request: Request) -> Mapping[str, str]:
        walk = request.cb_kwargs.get("walk")
        if not self.key_header or not isinstance(walk, Walk):
            return self.credentials()
        return {self.key_header: self.token_of(walk.kept["shop"])}

    def grant_request(self, shop: str, grant: Grant) -> Request:
        """Return the signed request that exchanges a code or a refresh token for tokens."""
        raise NotImplementedError

    def grant_from(self, data: Any) -> Grant:
        """Parse the tokens in the response. Raises :class:`~crawler.api.answers.ApiError`."""
        raise NotImplementedError

    def token_of(self, shop: str) -> str:
        """Return the access token for a shop's requests; empty if there is none."""
        return self._grants.get(shop, Grant()).access_token

    def target(self, shop: str) -> str:
        """Return the shop's display name."""
        return f"{self.platform_name} shop {shop}"

    def open_shops(self) -> list[str]:
        """Return the shops that can be read."""
        return [x for x in self.shops if x not in self.closed]

    def signed(self, request: Request) -> str:
        """Return the signed URL that is actually requested."""
        walk = request.cb_kwargs.get("walk")
        if not isinstance(walk, Walk):
            return request.url
        parts = urlsplit(request.url)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        shop = walk.kept["shop"]
        request.meta[_SIGNED_WITH] = self._number.get(shop, 0)
        signature = self.signature(shop, parts.path, params, request.body)
        return urlunsplit(parts._replace(query=urlencode({**params, **signature})))

    def ask(self, walk: Walk) -> Request:
        request = super().ask(walk)
        request.meta["dont_redirect"] = True  # a signature is for one address
        request.meta["handle_httpstatus_list"] = list(range(300, 600))
        return request

    def would_fetch(self) -> list[str]:
        lines = super().would_fetch()
        for shop in self.shops:
            try:
                lacking = self._lacking(shop) if self.file.read(self.name, shop).is_empty else ""
            except GrantsUnusable as error:
                lacking = str(error)
            lines += [f"! {lacking}"] if lacking else []
        return list(dict.fromkeys(lines))

    async def start(self) -> AsyncIterator[Any]:
        if not self.missing():
            for shop in self.shops:
                await self._open(shop)
        async for request in super().start():
            yield request

    async def renew(self, request: Request) -> bool:
        shop = request.cb_kwargs["walk"].kept["shop"]
        number = request.meta.get(_SIGNED_WITH, 0)
        return self.renewable and shop not in self.closed and await self._renew(shop, number)

    def refused(self, trouble: Refused, walk: Walk) -> None:
        if isinstance(trouble, WrongKey):
            super().refused(trouble, walk)
        shop = walk.kept["shop"]
        told = f" ({self._why[shop]})" if shop in self._why else ""
        self._close(
            shop, f"{trouble}{told}: let the shop authorize again, see docs/crawler/open-platforms.md"
        )

    async def _open(self, shop: str) -> None:
        try:
            grant = self._grants[shop] = self.file.read(self.name, shop)
        except GrantsUnusable as error:
            self._close(shop, str(error))
            return
        if grant.is_empty:
            self._close(shop, self._lacking(shop))
        elif self.renewable and grant.is_stale() and not await self._renew(shop, 0):
            self._close(shop, self._not_renewed(shop, grant))

    async def _renew(self, shop: str, number: int) -> bool:
        """Obtain the token that follows the one of this number, unless that has happened already."""
        try:
            async with self.file.held_async():
                if self._number.get(shop, 0) > number:
                    return True  # renewed since the request left
                kept = self.file.read(self.name, shop)
                if kept.access_token != self.token_of(shop) and not kept.is_stale():
                    grant: Grant | None = kept  # another process was quicker
                else:
                    grant = await self._fetch_grant(shop, kept)
                    if grant is not None:
                        self._keep(shop, grant)
        except (OSError, GrantsUnusable) as error:
            self._why[shop] = str(error)
            return False
        if grant is None:
            return False
        self._grants[shop] = grant
        self._number[shop] = self._number.get(shop, 0) + 1
        return True

    async def _fetch_grant(self, shop: str, kept: Grant) -> Grant | None:
        if not (kept.refresh_token or kept.code):
            return None
        engine = self.crawler.engine
        assert engine is not None
        request = self.grant_request(shop, kept)
        request.meta.update(
            {
                FROM_API: True,
                COST: 0,
                "handle_httpstatus_all": True,
                "dont_obey_robotstxt": True,
                "dont_redirect": True,
                "dont_retry": True,
            }
        )
        request.headers["Accept-Encoding"] = "identity"
        try:
            answer: Response = await engine.download_async(request)
            data = read_json(answer)
            self.check(answer.status, headers_of(answer), data)
            grant = self.grant_from(data)
        except ApiError as trouble:
            self._why[shop] = redact(str(trouble))
            if isinstance(trouble, WrongKey):
                self._with_wrong_key.add(shop)
            return None
        except Exception as error:
            # Whatever the network error, this shop reports it and the others continue.
            self._why[shop] = redact(f"{type(error).__name__}: {error}")
            return None
        for secret in (grant.access_token, grant.refresh_token):
            if secret:
                conceal(secret)
        return grant if grant.access_token else None

    def _keep(self, shop: str, grant: Grant) -> None:
        try:
            self.file.write(self.name, shop, grant)
        except (OSError, GrantsUnusable) as error:
            # The token works for this run, but the stored refresh token is already used up for the next.
            self.note_failure(
                self.target(shop),
                f"the new token could not be kept in {self.file.path} ({error}); when this run has ended "
                f"write a new one with: {self._to_do(shop)}",
            )

    def _not_renewed(self, shop: str, grant: Grant) -> str:
        why = self._why.get(shop, "there is no refresh token")
        if shop in self._with_wrong_key:
            return f"no token: {why}"
        if grant.code:
            why = f"the code was not taken ({why}); a code lasts some minutes and is taken once"
        return f"no new token: {why}: let the shop authorize again, then: {self._to_do(shop)}"

    def _lacking(self, shop: str) -> str:
        return f"no token of {self.target(shop)}: {self._to_do(shop)}"

    def _to_do(self, shop: str) -> str:
        return f"ruthan crawl --authorize {self.name}:{shop}"

    def _close(self, shop: str, reason: str) -> None:
        if shop in self.closed:
            return
        self.closed.add(shop)
        self.note_failure(self.target(shop), reason)
        self.start_failures[self.target(shop)] = redact(reason)
