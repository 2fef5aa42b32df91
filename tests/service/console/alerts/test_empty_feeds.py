"""The feeds of public warnings before there is any."""

import feedparser
import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
def test_an_empty_feed_is_a_feed(visitor: TestClient, kind: str) -> None:
    answer = visitor.get(f"/alerts.{kind}")
    assert answer.status_code == 200
    if kind == "json":
        assert answer.json()["items"] == []
    else:
        parsed = feedparser.parse(answer.content)
        assert not parsed.bozo
        assert parsed.entries == []
