import json
import pickle
from typing import Any

import pytest
from scrapy import FormRequest, Request, Spider
from scrapy.http import JsonRequest, Response
from twisted.python.failure import Failure

from crawler.frontier.requests import dump, load


class Reader(Spider):
    name = "reader"

    def read(self, response: Response, *args: Any, **kwargs: Any) -> None: ...

    def failed(self, failure: Failure) -> None: ...


def outside(response: Response, *args: Any, **kwargs: Any) -> None: ...


SPIDER = Reader()


def test_a_request_comes_back_whole() -> None:
    meta = {
        "depth": 2,
        "hops": ["ก", None, 1.5],
        "nested": {"a": True},
        "odd": {1: b"\x00\xff", "$bytes": "x"},
    }
    given = Request(
        "https://shop.example/ก?a=1", SPIDER.read, errback=SPIDER.failed, method="POST", body=b"\x00\xff",
        headers={"X-A": ["1", "2"]}, meta=meta, priority=7, dont_filter=True, cb_kwargs={"page": 3}, flags=["f"],
    )  # fmt: skip
    found = load(dump(given, SPIDER), SPIDER)
    assert found.to_dict(spider=SPIDER) == given.to_dict(spider=SPIDER)
    assert found.callback == SPIDER.read


@pytest.mark.parametrize("kind", [JsonRequest, FormRequest])
def test_other_kinds_of_requests_stay_what_they_are(kind: type[Request]) -> None:
    found = load(dump(kind("https://shop.example/", SPIDER.read), SPIDER), SPIDER)
    assert type(found) is kind


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        dump(Request("https://shop.example/", meta={"x": object()}), SPIDER)
    with pytest.raises(ValueError, match="is not an instance method"):
        dump(Request("https://shop.example/", outside), SPIDER)


def test_what_another_put_there_is_no_code() -> None:
    fields = json.loads(dump(Request("https://shop.example/"), SPIDER))
    for bad in (
        json.dumps({**fields, "_class": "subprocess.Popen"}),
        json.dumps({**fields, "callback": "no_such_method"}),
        json.dumps({"args": ["touch", "/tmp/x"]}),
        "[]",
        pickle.dumps(fields).decode("latin-1"),
    ):
        with pytest.raises(ValueError):
            load(bad, SPIDER)
