"""Spider for Instagram: business accounts by Business Discovery, and hashtags."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from crawler.api.graph import GraphSpider
from crawler.api.walk import Walk
from crawler.plan.watches import InstagramWatch
from crawler.records.meta import HASHTAG_FIELDS, MEDIA_FIELDS, instagram_media
from crawler.records.posts import dig
from labels.schema import Listing


class InstagramSpider(GraphSpider):
    """Sends requests in the name of one's own Instagram business account, as the platform requires.

    A hashtag is first looked up. An account's media are nested in the account's response, so the cursor is
    part of the fields.
    """

    name = "instagram"
    per_page: ClassVar[int] = 25

    def __init__(self, watch: InstagramWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch

    def missing(self) -> str:
        if self.options.instagram_user:
            return super().missing()
        return (
            "RUTHAN_META_INSTAGRAM_USER not set (the id of your own Instagram business account): "
            "docs/crawler/access.md says how to get access"
        )

    def walks(self) -> Iterable[Walk]:
        user = self.options.instagram_user or "INSTAGRAM_USER"
        for account in self.watch.accounts:
            name = account.removeprefix("@")
            yield Walk(
                target=f"Instagram account {name}",
                url=self.path(user),
                read="read_account",
                params={"fields": self._discovery(name)},
                kept={"account": name},
            )
        for tag in self.watch.hashtags:
            yield Walk(
                target=f"Instagram hashtag {tag}",
                url=self.path("ig_hashtag_search"),
                read="read_hashtag",
                params={"user_id": user, "q": tag.removeprefix("#")},
                kept={"tag": tag},
            )

    def read_account(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of an account's media."""
        found = data["business_discovery"]
        name = found.get("name") or ""
        records = dig(found, "media", "data") or []
        return self.each(walk, records, lambda x: instagram_media(x, walk.kept["account"], name))

    def read_hashtag(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the walk through a hashtag's recent media."""
        for record in data["data"]:
            yield Walk(
                target=walk.target,
                url=self.path(str(record["id"]), "recent_media"),
                read="read_media",
                params={"user_id": walk.params["user_id"], "fields": HASHTAG_FIELDS, "limit": "50"},
            )

    def read_media(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of media; those of a hashtag lack their account."""
        return self.each(walk, data["data"], instagram_media)

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        if walk.read != "read_account":
            return super().next_page(data, walk)
        after = dig(data, "business_discovery", "media", "paging", "cursors", "after")
        return walk.onward(after, fields=self._discovery(walk.kept["account"], after)) if after else None

    def _discovery(self, account: str, after: str = "") -> str:
        page = f".after({after})" if after else ""
        media = f"media.limit({self.per_page}){page}{{{MEDIA_FIELDS}}}"
        return f"business_discovery.username({account}){{username,name,{media}}}"
