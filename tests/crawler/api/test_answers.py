from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.http import TextResponse

from crawler.api.answers import ApiError, Busy, Gone, Refused, check_status, read_json, wait_of
from crawler.api.walk import Walk
from crawler.spiders.social.x import MAX_QUERY, queries

NOW = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"retry-after": "Sat, 28 Nov 2026 00:01:00 GMT"}, 60.0),
        ({"Retry-After": "Fri, 27 Nov 2026 00:00:00 GMT"}, 0.0),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_asks_to_wait(headers: Mapping[str, str], wait: float | None) -> None:
    assert wait_of(headers, NOW) == wait


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Busy), (503, Busy), (404, Gone), (410, Gone), (401, Refused), (403, Refused), (400, ApiError)],
)
def test_what_a_status_means(status: int, kind: type[ApiError]) -> None:
    with pytest.raises(kind):
        check_status(status, {})


def test_an_html_page_with_status_200_is_no_answer() -> None:
    page = TextResponse("https://a.example/", body=b"  <!DOCTYPE html><p>sorry", status=200)
    with pytest.raises(Busy, match="an HTML page with HTTP 200"):
        read_json(page)
    with pytest.raises(Busy, match="no JSON"):
        read_json(TextResponse("https://a.example/", body=b'{"cut": ', status=200))
    with pytest.raises(Refused):
        read_json(TextResponse("https://a.example/", body=b"<html>", status=403))
    assert read_json(TextResponse("https://a.example/", body=b'{"error": 1}', status=400)) == {"error": 1}


def walk(**more: Any) -> Walk:
    return Walk("search", "https://a.example/list", "read", {"limit": "5", "after": ""}, **more)


def test_a_walk_ends_in_a_loop() -> None:
    first = walk()
    assert first.address == "https://a.example/list?limit=5"
    second = first.again(tries=2).onward("c1", after="c1")
    assert second is not None
    assert (second.address, second.tries) == ("https://a.example/list?limit=5&after=c1", 0)
    assert second.onward("c1", after="c1") is None
    assert second.onward("") is None
    assert (first.page, second.page) == (1, 2)


def test_terms_share_queries_as_far_as_they_fit() -> None:
    terms = [f'"คำค้นที่ {n}"' for n in range(200)]
    found = list(queries(terms, " lang:th"))
    assert all(len(x) <= MAX_QUERY for x in found)
    assert [t for x in found for t in x.removesuffix(" lang:th").strip("()").split(" OR ")] == terms
    assert list(queries([], " lang:th")) == []
