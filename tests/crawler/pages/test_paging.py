"""Which addresses are pages of the same list."""

import pytest

from crawler.pages.paging import is_page_of, list_of


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://a.example/tea?page=2", "https://a.example/tea"),
        ("https://a.example/tea?page=3&sale=1", "https://a.example/tea?page=2&sale=1"),
        ("https://a.example/tea/page/2/", "https://a.example/tea/"),
        ("https://a.example/tea/page/12", "https://a.example/tea/page/11"),
        ("https://a.example/page/2", "https://a.example/"),
        ("https://a.example/tea?start=48", "https://a.example/tea?start=24"),
        ("https://a.example/v.php?n=%A4%C3&page=2", "https://a.example/v.php?n=%A4%C3"),
    ],
)
def test_pages_of_one_list(url: str, other: str) -> None:
    assert is_page_of(url, other)
    assert list_of(url) == list_of(other)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://a.example/tea", "https://a.example/tea?page=2"),  # carries no number: any link
        ("https://a.example/balm?page=2", "https://a.example/tea"),
        ("https://a.example/v.php?n=%A4%C3&page=2", "https://a.example/v.php?n=%A1%A2"),
        ("https://a.example/tea?page=2&sale=1", "https://a.example/tea"),
        ("https://a.example/tea?page=all", "https://a.example/tea"),
        ("https://a.example/page/2/tea", "https://a.example/tea/page/2/x"),
    ],
)
def test_pages_of_other_lists(url: str, other: str) -> None:
    assert not is_page_of(url, other)
