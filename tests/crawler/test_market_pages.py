"""184 pages of marketplaces and shops, built after real ones: nearly every field of each is found."""

import pytest

from .market_pages.measure import FIELDS, Completeness, measure, pages

AT_LEAST = 0.98
pytestmark = pytest.mark.costly


@pytest.fixture(scope="module")
def completeness() -> Completeness:
    found = measure(pages())
    print("\n" + found.table())
    return found


def test_there_are_184_pages_of_23_shapes(completeness: Completeness) -> None:
    assert len(pages()) == 184
    assert len(completeness.shapes) == 23


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_found_on_98_of_100_pages(completeness: Completeness, name: str) -> None:
    assert completeness.share(name) >= AT_LEAST, "\n".join(completeness.missed)
