from pathlib import Path

import pytest
from click.testing import CliRunner

from labels.schema import Listing
from ruthan import main
from service.running.indexing import index_some
from service.store import open_store
from service.store.index.finding import QueueFilter
from service.text.search_words import VERSION, query_of


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with open_store(url) as store:
        for number in range(3):
            store.deposit(Listing(id=str(number), description=f"รักษาเบาหวาน {number}"))
    return url


def test_reindex_fills_what_is_missing_and_everything_if_asked(url: str) -> None:
    for options, said in (((), "indexed 3 "), ((), "indexed 0 "), (("--all",), "indexed 3 ")):
        result = CliRunner().invoke(main, ["reindex", "--database", url, *options])
        assert result.exit_code == 0, result.output
        assert said in result.output
        assert "0 are left" in result.output
    with open_store(url) as store:
        assert store.search.waiting(VERSION) == 0
        assert len(store.find.page(QueueFilter(search=query_of("เบาหวาน"))).rows) == 3


def test_an_interrupted_run_is_gone_on_with(url: str) -> None:
    with open_store(url) as store:
        assert index_some(store, 1) == 1
    result = CliRunner().invoke(main, ["reindex", "--database", url])
    assert "indexed 2 listings; 0 are left" in result.output


def test_a_database_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["reindex", "--database", "mysql://x"])
    assert result.exit_code == 1
    assert "sqlite or postgresql" in result.output
