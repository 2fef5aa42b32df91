import pytest

from labels.taxonomy import Platform, Verdict
from service.console.core.links import filter_of, own_page, query_of, web_link
from service.console.core.permissions import PAGES
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.text.search_words import query_of as search_of


@pytest.mark.parametrize("url", ["https://shop.example/1", "http://ร้าน.example/สินค้า", "HTTPS://shop.example"])
def test_web_addresses_become_links(url: str) -> None:
    assert web_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//shop.example/1",
        "/logout",
        "https:",
        "https:///x",
        "https://shop.example/a b",
        "https://shop.example/\x85",
        "https://[bad/",
        "ftp://shop.example/1",
    ],
)
def test_everything_else_stays_text(url: str | None) -> None:
    assert web_link(url) is None


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "queue",
        "/queue\r\nX: 1",
        "/queue.evil.example",
        "/login",
    ],
)
def test_login_leads_to_our_own_pages_only(target: str | None) -> None:
    assert own_page(target) == "/queue"


def test_login_leads_back_to_the_page_that_was_wanted() -> None:
    assert own_page("/cases/7?verdict=clear") == "/cases/7?verdict=clear"


def test_login_leads_back_to_every_page_that_people_log_in_for() -> None:
    for path in PAGES:
        assert own_page(path) == path
        assert own_page(f"{path}?a=1#b") == f"{path}?a=1#b"


def test_a_filter_survives_the_query_string() -> None:
    wanted = QueueFilter(CaseState.WAITING, Verdict.CLEAR, None, Platform.LINE, search_of("a&b ค"))
    query = query_of(wanted, page=2)
    assert query.startswith("?state=waiting&verdict=clear&platform=line&q=a%26b+")
    assert filter_of({"state": "waiting", "verdict": "clear", "platform": "line", "q": "a&b ค"}) == wanted


def test_unknown_values_do_not_narrow() -> None:
    assert filter_of({"state": "x", "verdict": "<", "class": "", "platform": "moon"}) == QueueFilter()
    assert query_of(QueueFilter()) == ""
