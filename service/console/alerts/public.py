"""Public pages without login: the list of warnings, each warning, and the feeds.

No session, no cookie, no script.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from labels.letters import WESTERN_DIGITS
from labels.taxonomy import ProductClass
from service.alerts import feeds
from service.alerts.wording import QUOTED
from service.console.alerts.pictures import violation_of
from service.console.core.paging import Paging
from service.console.core.public_pages import ALERTS, FEEDS, AlertDesk, AlertDeskPart
from service.console.web import Console, ConsolePart, PageRoute
from service.http_cache import public_answer
from service.store.alerts.repository import AlertFilter
from service.store.tables.alert_tables import AlertRow

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE, FEED_SIZE = 20, 50
MAX_QUERY, MOST_WORDS = 100, 8
"""What a search reads at most: characters, words."""

_HTML = "text/html; charset=utf-8"
_READ = ["GET", "HEAD"]
_NUMBER = re.compile(r"(?:.{0,40}\s)?0*([1-9][0-9]{0,8})[/-]([0-9]{4})")


@router.api_route(ALERTS, methods=_READ)
def list_page(request: Request, part: ConsolePart, desk: AlertDeskPart) -> Response:
    """List the warnings, newest number first; ``class`` and ``q`` filter, ``page`` counts from 1."""
    typed = " ".join(request.query_params.get("q", "").split())[:MAX_QUERY]
    wanted = replace(_filter_of(request), words=tuple(typed.split()[:MOST_WORDS]))
    total = part.store.alerts.count(wanted)
    paging = Paging.of(total, PAGE_SIZE, request.query_params.get("page"))
    alerts = part.store.alerts.page(wanted, paging.offset, PAGE_SIZE)
    body = part.render_public(
        "public_alerts.html",
        desk,
        alerts=alerts,
        corrections=part.store.alert_corrections.of(alert.id for alert in alerts),
        again=part.store.alert_patterns.like([alert.id for alert in alerts]),
        marked_words=feeds.marked_words,
        chosen=wanted.product_class,
        typed=typed,
        classes=tuple(ProductClass),
        total=total,
        page=paging.page,
        pages=paging.pages,
        address_of=address_of,
    )
    return public_answer(request, body, _HTML)


@router.api_route(FEEDS["rss"], methods=_READ)
def rss(request: Request, part: ConsolePart, desk: AlertDeskPart) -> Response:
    """The latest changes as RSS 2.0."""
    return _feed(request, part, desk, FEEDS["rss"], feeds.rss, feeds.RSS)


@router.api_route(FEEDS["atom"], methods=_READ)
def atom(request: Request, part: ConsolePart, desk: AlertDeskPart) -> Response:
    """The latest changes as Atom."""
    return _feed(request, part, desk, FEEDS["atom"], feeds.atom, feeds.ATOM)


@router.api_route(FEEDS["json"], methods=_READ)
def json_feed(request: Request, part: ConsolePart, desk: AlertDeskPart) -> Response:
    """The latest changes as JSON Feed 1.1."""
    return _feed(request, part, desk, FEEDS["json"], feeds.json_feed, feeds.JSON)


@router.api_route(ALERTS + "/{number}/again", methods=_READ)
def pattern_page(request: Request, part: ConsolePart, desk: AlertDeskPart, number: str) -> Response:
    """Show the warnings about the same seller, or with nearly the same words, as this one."""
    alert = _alert(part, number)
    like = part.store.alert_patterns.like([alert.id]).get(alert.id, []) if alert else []
    if alert is None or not like:
        return Response(part.render_public("public_missing.html", desk), 404, media_type=_HTML)
    alerts = part.store.alert_patterns.with_ids([alert.id, *like])
    body = part.render_public(
        "public_pattern.html",
        desk,
        alert=alert,
        alerts=alerts,
        words=list(dict.fromkeys(quote for row in alerts for quote in feeds.marked_words(row))),
        classes=list(dict.fromkeys(row.product_class for row in alerts)),
    )
    return public_answer(request, body, _HTML)


@router.api_route(ALERTS + "/{number}/pictures/{sha256}.jpg", methods=_READ)
def picture(request: Request, part: ConsolePart, desk: AlertDeskPart, number: str, sha256: str) -> Response:
    """Serve a picture that a published warning shows, from the copy that was published with it."""
    alert = _alert(part, number)
    content = part.store.alert_pictures.content(alert.id, sha256) if alert is not None else None
    if alert is None or content is None:
        return Response(part.render_public("public_missing.html", desk), 404, media_type=_HTML)
    return public_answer(request, content, "image/jpeg")


@router.api_route(ALERTS + "/{number:path}", methods=_READ)
def alert_page(request: Request, part: ConsolePart, desk: AlertDeskPart, number: str) -> Response:
    """Show one warning under ``0007-2569``; its number as written in letters redirects there."""
    alert = _alert(part, number)
    if alert is None:
        return Response(part.render_public("public_missing.html", desk), 404, media_type=_HTML)
    if request.url.path != feeds.path_of(alert):
        return RedirectResponse(feeds.path_of(alert), 301)
    body = part.render_public(
        "public_alert.html",
        desk,
        alert=alert,
        lines=feeds.lines_of(alert),
        pictures=part.store.alert_pictures.of(alert.id),
        violation_of=violation_of,
        quoted=QUOTED,
        again=part.store.alert_patterns.like([alert.id]).get(alert.id, []),
        corrections=part.store.alert_corrections.of([alert.id]).get(alert.id, []),
    )
    return public_answer(request, body, _HTML)


def address_of(product_class: ProductClass | None, page: int = 1, path: str = ALERTS, words: str = "") -> str:
    """Return the address of the list, or of a feed, with a filter."""
    fields: dict[str, str | int] = {}
    if product_class is not None:
        fields["class"] = product_class.value
    if words:
        fields["q"] = words
    if page > 1:
        fields["page"] = page
    return path + (f"?{urlencode(fields)}" if fields else "")


def _alert(part: Console, number: str) -> AlertRow | None:
    found = _NUMBER.fullmatch(number.strip().translate(WESTERN_DIGITS))
    return part.store.alerts.find(int(found[2]), int(found[1])) if found else None


def _filter_of(request: Request) -> AlertFilter:
    value = request.query_params.get("class", "")
    return AlertFilter(ProductClass(value) if value in list(ProductClass) else None)


def _feed(
    request: Request,
    part: ConsolePart,
    desk: AlertDesk,
    path: str,
    write: Callable[[feeds.Feed], bytes],
    media_type: str,
) -> Response:
    wanted = _filter_of(request)
    base = desk.address or str(request.base_url).rstrip("/")
    alerts: list[AlertRow] = part.store.alerts.changes(wanted, FEED_SIZE)
    feed = feeds.Feed(
        home=base + address_of(wanted.product_class),
        base=base,
        address=base + address_of(wanted.product_class, path=path),
        office=desk.office,
        alerts=alerts,
        product_class=wanted.product_class,
        corrections=part.store.alert_corrections.of(alert.id for alert in alerts),
    )
    answer = public_answer(request, write(feed), media_type)
    # Feed readers on other sites may read it: it is public and the same for everybody.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
