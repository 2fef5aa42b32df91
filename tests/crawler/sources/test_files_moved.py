"""Where a file goes that was read: it is neither lost nor taken for read."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from crawler.dropfolder.reading import read_file
from crawler.plan.watches import FilesWatch
from crawler.spiders.files import FilesSpider


def crawl(folder: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> FilesSpider:
    """Read the files of a folder; ``meanwhile`` is called after each listing."""
    monkeypatch.setattr(FilesSpider, "_now", lambda self: datetime(2026, 11, 1, tzinfo=UTC))
    spider = FilesSpider.from_crawler(
        get_crawler(FilesSpider), FilesWatch(source="files", folder=str(folder), origin="desk")
    )

    async def read() -> None:
        async for item in spider.start():
            meanwhile()
            spider.kept(item)

    asyncio.run(read())
    return spider


def names(folder: Path) -> set[str]:
    return {x.name for x in folder.iterdir() if x.is_file()}


def test_a_file_that_is_still_being_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,price\nก,1\n", encoding="utf-8")
    whole = "title,price\nก,1\nข,2\n"
    spider = crawl(tmp_path, monkeypatch, lambda: path.write_text(whole, encoding="utf-8"))
    assert names(tmp_path) == {"a.csv"}
    assert "still being written" in spider.failures[0][1]
    assert not spider.start_failures
    spider = crawl(tmp_path, monkeypatch, lambda: None)
    assert names(tmp_path / "done") == {"a.csv"}
    assert not spider.failures


def test_a_file_that_is_deleted_meanwhile_is_no_longer_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,price\nก,1\n", encoding="utf-8")
    spider = crawl(tmp_path, monkeypatch, path.unlink)
    assert spider.failures == [(str(path), "no longer there")]


def test_a_file_without_a_listing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.csv").write_text("title,price\n", encoding="utf-8")
    (tmp_path / "numbers.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "other.json").write_text('{"result": {"n": 1}}', encoding="utf-8")
    (tmp_path / "good.csv").write_text("title,price\nก,1\n,2\n", encoding="utf-8")
    spider = crawl(tmp_path, monkeypatch, lambda: None)
    assert names(tmp_path / "done") == {"good.csv", "good.csv.reason.txt"}
    refused = {"empty.csv", "numbers.csv", "other.json"}
    assert {Path(x).name for x in spider.start_failures} == refused
    assert names(tmp_path / "refused") == refused | {f"{name}.reason.txt" for name in refused}
    reason = (tmp_path / "refused" / "other.json.reason.txt").read_text(encoding="utf-8")
    assert "it holds no listing; docs/crawler/files.md says" in reason
    assert "entry 1: it has neither a title nor a description" in reason
    (shown,) = (why for path, why in spider.start_failures.items() if path.endswith("other.json"))
    assert shown.endswith("First problem: entry 1: it has neither a title nor a description")


def test_the_list_of_an_answer_of_a_shop_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    products = [{"title": "ครีม", "body_html": "<b>ขาว</b>", "images": [{"src": "https://a.example/1.jpg"}]}]
    (tmp_path / "products.json").write_text(json.dumps({"products": products}), encoding="utf-8")
    (tmp_path / "own.json").write_text('{"title": "ชา", "items": ["1"]}', encoding="utf-8")
    spider = crawl(tmp_path, monkeypatch, lambda: None)
    assert not spider.failures
    assert names(tmp_path / "done") == {"products.json", "own.json"}


@pytest.mark.parametrize(
    ("document", "titles"),
    [
        ({"status": "ok", "message": "success", "data": [{"title": "ครีม"}]}, ["ครีม"]),
        ({"name": "ร้านยา", "products": [{"title": "ครีม"}, {"title": "ชา"}]}, ["ครีม", "ชา"]),
        ({"name": "ชุดของขวัญ", "price": 5, "items": [{"name": "ชา"}]}, ["ชุดของขวัญ"]),
        ({"name": "ชุดของขวัญ", "description": "ชาและครีม", "items": [{"name": "ชา"}]}, ["ชุดของขวัญ"]),
        ({"title": "ชา", "items": [{"n": 1}]}, ["ชา"]),
    ],
)
def test_an_answer_is_told_from_a_product(tmp_path: Path, document: object, titles: list[str]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = [x.listing for x in read_file(path, "desk")]
    assert [x and x.title for x in found] == titles
