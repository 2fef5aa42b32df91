"""Spider for X, by the recent search of the API v2 (the last seven days).

https://docs.x.com/x-api/posts/search/introduction
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from crawler.api.answers import ApiError, Busy, QuotaExhausted, Refused, check_status, wait_of
from crawler.api.keyed import KeyedSpider
from crawler.api.tokens import XOptions
from crawler.api.walk import Walk
from crawler.plan.watches import XWatch
from crawler.records.x import x_post
from labels.schema import Listing

MAX_QUERY = 512
"""Maximum characters of one query."""
_ALWAYS = {
    "max_results": "100",
    "tweet.fields": "created_at,lang,entities,author_id,attachments,public_metrics,note_tweet",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "username,name",
    "media.fields": "url,preview_image_url",
}


class XSpider(KeyedSpider[XOptions]):
    """Combines as many terms as fit into one query, since queries are rationed."""

    name = "x"
    limit_name: ClassVar[str] = "max_results"
    smallest_limit: ClassVar[int] = 10

    def __init__(self, watch: XWatch, **kwargs: Any) -> None:
        super().__init__(options=XOptions(), **kwargs)
        self.watch = watch

    def credentials(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.options.secret('token')}"}

    def walks(self) -> Iterable[Walk]:
        language = f" lang:{self.watch.language}" if self.watch.language else ""
        terms = [f'"{x.replace(chr(34), " ")}"' for x in self.watch.terms]
        accounts = [f"from:{x.removeprefix('@')}" for x in self.watch.accounts]
        for group, suffix in ((terms, f" -is:retweet{language}"), (accounts, " -is:retweet")):
            for query in queries(group, suffix):
                yield Walk(
                    target=f"X search {query}",
                    url=f"{self.api_url}/2/tweets/search/recent",
                    read="read",
                    params={"query": query, **_ALWAYS},
                )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        if status < 400:
            return  # "errors" beside the data name posts that have been deleted or protected.
        said = data if isinstance(data, dict) else {}
        message = str(said.get("detail") or said.get("title") or "no reason given")
        kind = str(said.get("type", ""))
        if "usage-capped" in kind or "UsageCapExceeded" in message:
            raise QuotaExhausted(f"the posts of the month are used up: {message}")
        if status == 429:
            raise Busy(message, wait_of(headers))
        if status in {401, 403}:
            raise Refused(f"the token is not accepted, renew RUTHAN_X_TOKEN: {message}")
        if status == 400:
            raise ApiError(f"invalid query: {message}")
        check_status(status, headers, message)

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of posts; a response without any has no ``data`` at all."""
        for _ in data.get("errors") or []:
            self.count("gone")
        includes = data.get("includes") or {}
        yield from self.each(walk, data.get("data") or [], lambda x: x_post(x, includes))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        token = (data.get("meta") or {}).get("next_token") or ""
        return walk.onward(token, next_token=token)


def queries(parts: list[str], suffix: str) -> Iterator[str]:
    """Join the parts by OR into as few queries as fit into :data:`MAX_QUERY` with the suffix."""
    group: list[str] = []
    for part in parts:
        if group and len(f"({' OR '.join([*group, part])}){suffix}") > MAX_QUERY:
            yield f"({' OR '.join(group)}){suffix}"
            group = []
        group.append(part[: MAX_QUERY - len(suffix) - 2])
    if group:
        yield f"({' OR '.join(group)}){suffix}"
