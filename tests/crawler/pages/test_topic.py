import pytest
from web_poet import HttpResponse

from crawler.pages.document import PageDocument
from crawler.pages.topic import ForumTopicPage
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
