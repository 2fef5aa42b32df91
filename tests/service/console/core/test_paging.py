"""Lists in numbered pages."""

import pytest

from service.console.core.paging import Paging


@pytest.mark.parametrize(
    ("total", "asked", "page", "pages", "offset"),
    [
        (0, None, 1, 1, 0),
        (50, "1", 1, 1, 0),
        (51, "2", 2, 2, 50),
        (51, "9", 2, 2, 50),
        (51, "-3", 1, 2, 0),
        (51, "ก", 1, 2, 0),
    ],
)
def test_the_page_asked_for_is_one_that_exists(
    total: int, asked: str | None, page: int, pages: int, offset: int
) -> None:
    paging = Paging.of(total, 50, asked)
    assert (paging.page, paging.pages, paging.offset) == (page, pages, offset)
