"""Forum topics: the first post and its author's additions."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import attrs
from lxml.html import HtmlElement
from web_poet import Injectable

from crawler.pages.document import PageDocument
from crawler.pages.item import SocialPost
from crawler.pages.plain_text import element_text
from crawler.pages.readable import readable_facts
from crawler.pages.shown.nesting import outer
from crawler.pages.structured.facts import each, link, long_text, types_of, words
from crawler.records.posts import from_epoch, hashtags, media
from crawler.site import clean_url, identity_url, site_of
from labels.taxonomy import Platform

_TYPES = {"DiscussionForumPosting", "SocialMediaPosting", "BlogPosting", "QAPage", "Question"}
_STORY = (
    "display-post-story", "postbody", "post-body", "post_body", "message-body", "message-content",
    "bbwrapper", "post-content", "post_message", "cooked", "topic-body", "topic-content", "entry-content",
)  # fmt: skip
"""Words in the class or id of elements that hold a post: Pantip, phpBB, XenForo, vBulletin, SMF, Discourse.
"""
_AUTHOR = frozenset({"display-post-name", "username", "post-author", "poster", "author"})
TOPIC_PATH = re.compile(
    r"/(?:topic|thread|threads|t|post|posts|question|webboard)s?/[^/]*\d|viewtopic\.php\?|showthread\.php\?|"
    r"[?&]topic=\d|/index\.php\?topic=|-t\d+\.html|/\d{6,}/?$",
    re.IGNORECASE,
)
"""Typical addresses of topics."""
_NUMBER = re.compile(r"\d+")


@attrs.define(slots=False)
class ForumTopicPage(Injectable):
    """Reads a topic from JSON-LD, common forum markup, or the readable text of a topic's address."""

    document: PageDocument

    @cached_property
    def topic(self) -> SocialPost | None:
        """The topic, or ``None`` if the page is not one."""
        document = self.document
        node = next(self._nodes(), None)
        stories = list(self._stories())
        text = self._from_node(node) if node else ""
        author = words(node.get("author")) if node else ""
        if not text and stories:
            text = element_text(stories[0])
        if not text and self.is_topic_address and (facts := readable_facts(document, anyway=True)):
            text = facts.description
        if not text:
            return None
        author = author or self._author()
        pictures = map(document.absolute, self._pictures(stories))
        owned = _with_owners(document.tree)
        added = [element_text(x) for x in stories[1:] if _by_author(x, owned)]
        added += self._own_comments(node, author) if node else []
        text = "\n".join(dict.fromkeys([text, *(x for x in added if x)]))
        title = words((node or {}).get("headline") or (node or {}).get("name"))
        return SocialPost(
            platform=Platform.FORUM,
            kind="topic",
            url=_address(document),
            title=title or self._title() or None,
            text=text,
            datePublished=words((node or {}).get("datePublished")) or self._date() or None,
            hashtags=hashtags(text),
            mediaUrls=media(
                [*(x for x in pictures if not document.is_copy(x)), *document.metas.get("og:image", [])]
            ),
            authorName=author or None,
            authorUrl=document.absolute(link((node or {}).get("author"))) or None,
            source="json-ld" if node else "markup",
        )

    @property
    def is_topic_address(self) -> bool:
        """Whether the page's address is a topic's."""
        parts = urlsplit(self.document.url)
        return bool(TOPIC_PATH.search(f"{parts.path}?{parts.query}"))

    def _nodes(self) -> Iterator[Mapping[str, Any]]:
        queue = deque(self.document.json_ld)
        while queue:
            value = queue.popleft()
            if isinstance(value, list):
                queue.extendleft(reversed(value))
            elif isinstance(value, Mapping):
                if types_of(value) & _TYPES and self._from_node(value):
                    yield value
                queue += [value.get("@graph"), value.get("mainEntity")]

    @staticmethod
    def _from_node(node: Mapping[str, Any]) -> str:
        return long_text(node.get("articleBody") or node.get("text"))

    @staticmethod
    def _own_comments(node: Mapping[str, Any], author: str) -> list[str]:
        comments = [x for x in each(node.get("comment")) if isinstance(x, Mapping)]
        return [long_text(x.get("text")) for x in comments if author and words(x.get("author")) == author]

    def _stories(self) -> Iterator[HtmlElement]:
        inside: set[HtmlElement] = set()
        for node in outer(self.document.with_hint(*_STORY)):
            if node in inside or not element_text(node):
                continue
            inside.update(node.iter())
            yield node

    def _title(self) -> str:
        """Return the heading marked as a title, else the first heading, else the page's title."""
        nodes = [x for x in outer(self.document.tree.iter("h1", "h2", "h3")) if element_text(x)]
        marked = [x for x in nodes if "title" in (x.get("class") or "").lower()]
        chosen = next((x for x in [*marked, *nodes] if x in marked or x.tag == "h1"), None)
        return self.document.title if chosen is None else " ".join(element_text(chosen).split())

    def _author(self) -> str:
        nodes = self.document.tree.iter("a", "span", "div")
        marked = (x for x in nodes if not _AUTHOR.isdisjoint((x.get("class") or "").lower().split()))
        for node in outer(marked):
            if text := " ".join(element_text(node).split()):
                return text[:200]
        return self.document.meta("author", "article:author")

    def _date(self) -> str:
        for node in self.document.tree.iter("time", "abbr"):
            if node.get("datetime"):
                return node.get("datetime") or ""
            if node.get("data-utime"):
                raw = node.get("data-utime") or ""
                return from_epoch(raw) or raw
        return self.document.meta("article:published_time")

    @staticmethod
    def _pictures(stories: list[HtmlElement]) -> list[str]:
        return [src for x in stories[:1] for image in x.iter("img") if (src := image.get("src"))]


def _address(document: PageDocument) -> str:
    """Return a topic's address: the declared one if it is the same topic's, perhaps shortened."""
    own, named = document.url, clean_url(document.canonical)
    if named and named != own and TOPIC_PATH.search(named) and site_of(named) == site_of(own):
        numbers = [Counter(_NUMBER.findall(urlsplit(x)._replace(netloc="").geturl())) for x in (named, own)]
        if numbers[0] and numbers[0] <= numbers[1]:
            return named
    return identity_url(own, document.canonical)


def _with_owners(tree: HtmlElement) -> set[HtmlElement]:
    """Return the elements that are marked as the topic author's, and those around them."""
    found: set[HtmlElement] = set()
    for node in tree.iter("div", "span", "a", "article"):
        if not _OWNER.isdisjoint((node.get("class") or "").lower().split()):
            for each_one in (node, *node.iterancestors()):
                if each_one in found:
                    break
                found.add(each_one)
    return found


def _by_author(node: HtmlElement, owned: set[HtmlElement]) -> bool:
    """Whether the markup shows that the topic's author wrote this further post."""
    for parent in (node, *islice(node.iterancestors(), 3)):
        if "section-comment" in (parent.get("class") or "") or parent.tag == "article":
            return parent in owned
    return False


_OWNER = frozenset({"owner", "by-op", "topic-owner", "thread-starter"})
