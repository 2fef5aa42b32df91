"""The warnings as feeds: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1.

Atom and JSON Feed show a correction or withdrawal as an update of the entry.  RSS has no updates, and readers
skip items they have seen, so there the latest change is an additional item next to the updated original.
https://www.rssboard.org/rss-specification, https://www.jsonfeed.org/version/1.1/
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from lxml import etree
from markupsafe import escape

from labels.taxonomy import ProductClass
from service.alerts.paragraphs import Paragraph, paragraphs
from service.alerts.wording import QUOTED, UNLAWFUL, category_words
from service.store.tables.alert_tables import AlertCorrection, AlertRow
from service.text.thai_calendar import letter_date

RSS, ATOM, JSON = (
    "application/rss+xml; charset=utf-8",
    "application/atom+xml; charset=utf-8",
    "application/feed+json; charset=utf-8",
)
_READING: Final = re.compile(r" \(อ่านว่า “([^”]*)”\)\Z")
TITLE = "ประกาศเตือนโฆษณาผลิตภัณฑ์สุขภาพ"
DESCRIPTION = f"โฆษณาผลิตภัณฑ์สุขภาพที่เจ้าหน้าที่พิจารณาแล้วว่า{UNLAWFUL} และประกาศที่ถอนแล้ว"
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PublishedWords:
    """Words of an advertisement that a warning quotes, with their reading, empty for a plain spelling."""

    text: str
    reading: str


@dataclass(frozen=True)
class Feed:
    """The input of a feed: absolute URLs, the publisher, and alerts with the latest change first."""

    home: str
    """URL of the list page, with its filter."""
    base: str
    """Base URL to which the paths of alerts are appended."""
    address: str
    """URL of the feed itself."""
    office: str
    alerts: Sequence[AlertRow]
    product_class: ProductClass | None = None
    corrections: Mapping[int, Sequence[AlertCorrection]] = field(default_factory=dict)
    """Corrections of these alerts by alert id, oldest first."""

    @property
    def title(self) -> str:
        """Title of the feed."""
        return TITLE if self.product_class is None else f"{TITLE}: {category_words(self.product_class)}"

    @property
    def updated(self) -> datetime:
        """Time of the latest change; the Unix epoch for an empty feed."""
        return max((alert.changed_at for alert in self.alerts), default=_NEVER)

    def link(self, alert: AlertRow) -> str:
        """Return the URL of a warning."""
        return self.base + path_of(alert)

    def corrections_of(self, alert: AlertRow) -> Sequence[AlertCorrection]:
        """Return the corrections of a warning that was not withdrawn, oldest first."""
        return () if alert.withdrawn else self.corrections.get(alert.id, ())

    def title_of(self, alert: AlertRow) -> str:
        """Return the title, marked if the warning was withdrawn or corrected."""
        if alert.withdrawn:
            return f"ถอนประกาศแล้ว: {alert.title}"
        return f"แก้ไขแล้ว: {alert.title}" if self.corrections_of(alert) else alert.title

    def html_of(self, alert: AlertRow) -> str:
        """Return the corrections with their times, and the warning, as HTML."""
        corrected = corrections_in_words(self.corrections_of(alert))
        return html_of([*corrected, *lines_of(alert)])


def path_of(alert: AlertRow) -> str:
    """Return the path of a warning's page: ``/alerts/0007-2569``."""
    return f"/alerts/{alert.serial:04d}-{alert.year}"


def lines_of(alert: AlertRow) -> list[Paragraph]:
    """Return what the public reads: the text, or, for a withdrawn warning, when and why it was withdrawn."""
    if alert.withdrawn_at is None:
        return paragraphs(alert.text)
    return paragraphs(
        f"ประกาศเตือน {alert.number} ซึ่งเผยแพร่เมื่อวันที่ {letter_date(alert.published_at)}"
        f" ถูกถอนเมื่อวันที่ {letter_date(alert.withdrawn_at)} และไม่มีผลอีกต่อไป\nเหตุผลที่ถอน: {alert.reason}"
    )


def marked_words(alert: AlertRow) -> tuple[PublishedWords, ...]:
    """Return the advertisement's words that a published warning quotes; a withdrawn one quotes none."""
    if alert.withdrawn:
        return ()
    lists = (line.items for line in paragraphs(alert.text) if line.text == QUOTED)
    return tuple(map(_published, next(lists, ())))


def _published(item: str) -> PublishedWords:
    found = _READING.search(item)
    return PublishedWords(item[: found.start() if found else None].strip("“”"), found[1] if found else "")


def corrections_in_words(corrections: Sequence[AlertCorrection]) -> list[Paragraph]:
    """Return each correction with its time, the latest first."""
    if not corrections:
        return []
    said = [f"{letter_date(row.corrected_at)}: {' '.join(row.what.split())}" for row in reversed(corrections)]
    return [Paragraph("ประกาศนี้มีการแก้ไขเมื่อวันที่", tuple(said))]


def rss(feed: Feed) -> bytes:
    """Render the feed as RSS 2.0."""
    root = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": _ATOM})
    channel = etree.SubElement(root, "channel")
    for name, value in (
        ("title", feed.title),
        ("link", feed.home),
        ("description", DESCRIPTION),
        ("language", "th"),
        ("lastBuildDate", format_datetime(feed.updated)),
        ("ttl", "60"),
    ):
        _child(channel, name, value)
    own = {"href": feed.address, "rel": "self", "type": RSS.partition(";")[0]}
    etree.SubElement(channel, f"{{{_ATOM}}}link", own)
    for alert in feed.alerts:
        if alert.withdrawn_at is not None:
            _item(channel, feed, alert, f"{feed.link(alert)}#withdrawn", alert.withdrawn_at)
        elif corrected := feed.corrections_of(alert):
            guid = f"{feed.link(alert)}#corrected-{len(corrected)}"
            _item(channel, feed, alert, guid, corrected[-1].corrected_at)
        _item(channel, feed, alert, feed.link(alert), alert.published_at)
    return _xml(root)


def atom(feed: Feed) -> bytes:
    """Render the feed as Atom."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "th")
    for name, value in (
        ("id", feed.address),
        ("title", feed.title),
        ("subtitle", DESCRIPTION),
        ("updated", _time(feed.updated)),
    ):
        _child(root, f"{{{_ATOM}}}{name}", value)
    _child(etree.SubElement(root, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", feed.office)
    _link(root, feed.address, "self", ATOM.partition(";")[0])
    _link(root, feed.home, "alternate", "text/html")
    for alert in feed.alerts:
        entry = etree.SubElement(root, f"{{{_ATOM}}}entry")
        for name, value in (
            ("id", feed.link(alert)),
            ("title", feed.title_of(alert)),
            ("published", _time(alert.published_at)),
            ("updated", _time(alert.changed_at)),
        ):
            _child(entry, f"{{{_ATOM}}}{name}", value)
        _link(entry, feed.link(alert), "alternate", "text/html")
        words = category_words(ProductClass(alert.product_class))
        etree.SubElement(entry, f"{{{_ATOM}}}category", {"term": alert.product_class, "label": words})
        content = _child(entry, f"{{{_ATOM}}}content", feed.html_of(alert))
        content.set("type", "html")
    return _xml(root)


def json_feed(feed: Feed) -> bytes:
    """Render the feed as JSON Feed 1.1; fields outside that format are under ``_ruthan``."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "description": DESCRIPTION,
        "language": "th",
        "authors": [{"name": feed.office}],
        "items": [_json_item(feed, alert) for alert in feed.alerts],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def html_of(lines: Iterable[Paragraph]) -> str:
    """Render paragraphs and lists as escaped HTML."""
    found = []
    for line in lines:
        if line.items:
            items = "".join(f"<li>{escape(item)}</li>" for item in line.items)
            found.append(f"<p>{escape(line.text)}</p><ul>{items}</ul>" if line.text else f"<ul>{items}</ul>")
        else:
            found.append(f"<p>{escape(line.text)}</p>")
    return "".join(found)


def _json_item(feed: Feed, alert: AlertRow) -> dict[str, object]:
    return {
        "id": feed.link(alert),
        "url": feed.link(alert),
        "title": feed.title_of(alert),
        "content_html": feed.html_of(alert),
        "date_published": _time(alert.published_at),
        "date_modified": _time(alert.changed_at),
        "tags": [category_words(ProductClass(alert.product_class))],
        "_ruthan": {
            "number": alert.number,
            "status": "withdrawn" if alert.withdrawn else "published",
            "product_class": alert.product_class,
            "withdrawn_at": None if alert.withdrawn_at is None else _time(alert.withdrawn_at),
            "corrections": [
                {"at": _time(row.corrected_at), "what": row.what} for row in feed.corrections_of(alert)
            ],
        },
    }


def _item(channel: etree._Element, feed: Feed, alert: AlertRow, guid: str, at: datetime) -> None:
    item = etree.SubElement(channel, "item")
    _child(item, "title", feed.title_of(alert))
    _child(item, "link", feed.link(alert))
    _child(item, "guid", guid).set("isPermaLink", "true")
    _child(item, "pubDate", format_datetime(at))
    _child(item, "category", category_words(ProductClass(alert.product_class)))
    _child(item, "description", feed.html_of(alert))


def _child(parent: etree._Element, name: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, name)
    child.text = text
    return child


def _link(parent: etree._Element, href: str, rel: str, kind: str) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}link", {"href": href, "rel": rel, "type": kind})


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _xml(root: etree._Element) -> bytes:
    found: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return found
