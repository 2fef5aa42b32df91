"""Spider for posts of Facebook pages, by the Graph API."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from crawler.api.graph import GraphSpider
from crawler.api.walk import Walk
from crawler.pipeline.mapping import listing_from_post
from crawler.plan.watches import FacebookWatch
from crawler.records.meta import COMMENT_FIELDS, POST_FIELDS, facebook_comment, facebook_post
from crawler.records.posts import dig
from labels.schema import Listing

_PER_PAGE = "50"


class FacebookSpider(GraphSpider):
    """Reads ``/{page}/posts``, with the first comments of each post if requested.

    Sellers put order links and claims into the first comments below their own posts; those are appended to
    the post's text. Comments of others are separate listings, without a name.
    """

    name = "facebook"

    def __init__(self, watch: FacebookWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch

    def walks(self) -> Iterable[Walk]:
        fields = POST_FIELDS
        if self.watch.comments != "none":
            fields += f",comments.limit(50){{{COMMENT_FIELDS}}}"
        for page in self.watch.pages:
            yield Walk(
                target=f"Facebook page {page}",
                url=self.path(page, "posts"),
                read="read",
                params={"fields": fields, "limit": _PER_PAGE},
                kept={"page": page},
            )

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of a page's posts and, if requested, comments."""
        page = walk.kept["page"]
        for record in data["data"]:
            post = facebook_post(record, page)
            if post is None:
                continue
            own, others = _comments(record, str(dig(record, "from", "id") or page))
            post.text = "\n".join([post.text or "", *own])
            yield listing_from_post(post)
            if self.watch.comments == "all":
                yield from self.each(walk, others, partial(facebook_comment, post=post))


def _comments(record: Mapping[str, Any], owner: str) -> tuple[list[str], list[Mapping[str, Any]]]:
    comments = dig(record, "comments", "data") or []
    own = [x["message"] for x in comments if str(dig(x, "from", "id")) == owner and x.get("message")]
    return own, [x for x in comments if str(dig(x, "from", "id")) != owner]
