import pytest
from web_poet import HttpResponse

from crawler.pages.document import NO_URL, PageDocument
from crawler.pages.topic import ForumTopicPage
from crawler.pipeline.mapping import listing_from_post
from tests.helpers.growth import LINEAR, growth


def read(html: bytes) -> object:
    response = HttpResponse(
        "https://board.example/topic/12", body=html, headers={"Content-Type": "text/html; charset=utf-8"}
    )
    return ForumTopicPage(PageDocument(response)).topic


@pytest.mark.costly
@pytest.mark.parametrize(
    "piece",
    [
        "<div class=post-content>ข</div>", "<div class=post-content>", "<span class=author>", "<h2>",
        '<script type="application/ld+json">[[{"@type":"Question"}],[1]]</script>',
    ],
)  # fmt: skip
def test_the_work_on_many_posts_is_linear(piece: str) -> None:
    assert growth(lambda n: f"<meta charset=utf-8><h1>ชา</h1>{piece * n}".encode(), read, 1_200) < LINEAR


def test_the_work_on_data_with_many_lists_is_linear() -> None:
    def page(size: int) -> bytes:
        return f'<script type="application/ld+json">[{",".join(["[1]"] * size)}]</script>'.encode()

    assert growth(page, read, 40_000) < LINEAR


BOARD = "https://board.example"


def address(url: str, declared: str) -> str | None:
    for head in (
        f'<link rel="canonical" href="{declared}">',
        f'<meta property="og:url" content="{declared}">',
    ):
        html = f"<meta charset=utf-8>{head}<h1>ชา</h1><div class=post-content>ชาใบหม่อนหอมอ่อน</div>"
        topic = ForumTopicPage(PageDocument(HttpResponse(url, body=html.encode()))).topic
        assert topic is not None
        found = listing_from_post(topic, url=url)
        assert found.extra["fetched_url"] == url
    return found.url


@pytest.mark.parametrize(
    "declared",
    [
        f"{BOARD}/",
        f"{BOARD}/topic/2",
        f"{BOARD}/topic/",
        f"{BOARD}/board-2024/",
        "https://else.example/topic/1",
    ],
)
def test_a_topic_keeps_its_own_address_where_another_is_declared(declared: str) -> None:
    assert address(f"{BOARD}/topic/1", declared) == f"{BOARD}/topic/1"


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        ("https://m.board.example/topic/12", f"{BOARD}/topic/12"),
        (f"{BOARD}/viewtopic.php?f=3&sid=9a&t=12", f"{BOARD}/viewtopic.php?t=12"),
        (f"{BOARD}/t/cha-7/12/5", f"{BOARD}/t/cha-7/12"),
    ],
)
def test_a_topics_shorter_address_is_its_own(url: str, declared: str) -> None:
    assert address(url, declared) == declared


def test_the_copies_of_a_saved_topic_have_no_address() -> None:
    html = (
        f"<meta charset=utf-8><link rel=canonical href={BOARD}/topic/1><h1>ชา</h1><div class=post-content>หอม"
        "<img src=ชา_files/1.jpg><img src=https://img.example/2.jpg></div>"
    )
    topic = ForumTopicPage(PageDocument(HttpResponse(NO_URL, body=html.encode()))).topic
    assert topic is not None
    assert [x.url for x in topic.mediaUrls or []] == ["https://img.example/2.jpg"]
