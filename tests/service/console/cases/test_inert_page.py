"""A stored page is made inert."""

import re

import pytest

from service.console.cases.inert_page import MAX_PICTURES, show


def test_bytes_that_fit_no_letters_do_not_end_in_an_error() -> None:
    for content in (b"\xff\xfe\xfa", bytes(range(256)), b"\x00" * 9, "ก".encode()[:2]):
        for kind in ("text/html", "text/html; charset=utf-8", "text/html; charset=utf-16", "text/plain"):
            assert show(content, kind) is not None


HOSTILE = [
    "<script>x()</script>", "<img src=x onerror=x()>", "<img srcset='https://t.example/a 1x'>",
    "<svg onload=x()><script href=//t.example/x></script><image href=//t.example/></svg>",
    "<iframe src=//t.example></iframe>", "<iframe srcdoc='<script>x()</script>'></iframe>",
    "<object data=//t.example></object>", "<embed src=//t.example>", "<link rel=stylesheet href=//t.example>",
    "<link rel=dns-prefetch href=//t.example>", "<link rel=preconnect href=//t.example>",
    "<meta http-equiv=refresh content='0;url=//t.example'>", "<base href=//t.example>",
    "<form action=//t.example><button formaction=//t.example>ก</button></form>", "<a href=//t.example ping=//t.example>ก</a>",
    "<a href='java&#10;script:x()'>ก</a>", "<video poster=//t.example src=//t.example></video>", "<body background=//t.example>",
    "<noscript><img src=//t.example></noscript>", "<template><img src=//t.example></template>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=x()>", "<svg><a xlink:href='javascript:x()'>ก</a></svg>",
    "<input autofocus onfocus=x()>", "<table background='//t.example'>", "<audio src=//t.example>", "<isindex type=image src=1 onerror=x()>",
]  # fmt: skip


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_that_runs_or_fetches_is_left(bad: str) -> None:
    shown = show(f"<p>ก่อน</p>{bad}<p>หลัง</p>".encode(), "text/html")
    assert shown is not None
    document = re.sub(r"(?s)(<style[^>]*>).*?</style>", r"\1", shown.document.partition("<body")[2])
    assert "ก่อน" in document
    # A style that nothing closes takes the rest of the page with it, as in a browser.
    assert "หลัง" in document or "<style>" in bad
    for tag in re.findall(r"<[a-zA-Z][^>]*>", document):
        assert not re.search(
            r"\s(?:on\w+|src|srcset|action|formaction|ping|poster|data|background|href)\b\s*=", tag
        )
        assert not re.match(r"<(?:script|link|meta|base|iframe|object|embed|video|audio|svg|math)\b", tag)


def test_a_link_says_where_it_led_and_own_pictures_stay() -> None:
    picture = "data:image/png;base64,AAAA"
    page = f"<style>p {{ color: red }}</style><a href='https://shop.example/?a=1&amp;b=2'>ร้าน</a><img src='{picture}'>"
    shown = show(page.encode(), "text/html")
    assert shown is not None
    assert '<a title="https://shop.example/?a=1&amp;b=2">ร้าน</a>' in shown.document
    assert f'<img src="{picture}">' in shown.document
    assert "color: red" in shown.document


def test_a_page_cannot_fill_the_memory_by_showing_one_picture_ever_again() -> None:
    asked: list[str] = []

    def kept(address: str) -> str:
        asked.append(address)
        return "data:image/jpeg;base64," + "A" * 2**20

    shown = show(b"<p>first</p>" + b"<img src=/a.jpg>" * 500, "text/html", kept)
    assert shown is not None
    assert MAX_PICTURES <= len(shown.document) < 2 * MAX_PICTURES
    assert asked == ["/a.jpg"]


def test_other_kinds_are_text_pictures_or_nothing() -> None:
    text = show(b'{"a": "<script>x()</script>"}', "application/json; charset=utf-8")
    assert text is not None
    assert "&lt;script&gt;" in text.document
    picture = show(b"\x89PNG", "image/png")
    assert picture is not None
    assert '<img src="data:image/png;base64,iVBORw=="' in picture.document
    for kind in ("application/pdf", "image/svg+xml", "application/octet-stream", "video/mp4"):
        assert show(b"<svg onload=x()>", kind) is None


def test_a_page_nested_too_deeply_is_shown_in_part_and_says_so() -> None:
    deep = show(b"<p>first</p>" + b"<div>" * 20_000 + b"last", "text/html")
    assert deep is not None
    assert deep.cut
    assert "first" in deep.document
    plain = show(b"<div>" * 500 + b"last", "text/html")
    assert plain is not None
    assert not plain.cut
    assert "last" in plain.document
