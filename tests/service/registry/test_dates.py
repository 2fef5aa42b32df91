"""Dates as Thai registers write them."""

from datetime import date

import pytest

from service.registry.dates import is_no_date, read_date


@pytest.mark.parametrize(
    "written",
    ["2569-11-01", "2026-11-01", "1/11/2569", "01/11/2026", "๐๑/๑๑/๒๕๖๙", "1 พ.ย. 2569", "1 พ.ย. 69", "๑ พฤศจิกายน ๒๕๖๙",
     "1 พฤศจิกายน พ.ศ. 2569", "วันที่ 1 พฤศจิกายน 2569", "1 Nov 2026", "1-Nov-2026", "1 November 2569", "2026-11-01T08:30:00Z",
     "01/11/2569 08:30 น.", "25691101", "2026-11-01 00:00:00", "1พ.ย.2569"],
)  # fmt: skip
def test_one_day_in_many_ways(written: str) -> None:
    assert read_date(written) == date(2026, 11, 1)


def test_a_leap_day_of_the_buddhist_era() -> None:
    assert read_date("29/2/2567") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "written", ["29/2/2568", "31 เม.ย. 2569", "1/11/69", "1 Nov 26", "13/13/2569", "เร็ว ๆ นี้", "", "1 x 2569"]
)
def test_what_is_no_date(written: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        read_date(written)


def test_cells_that_say_there_is_none() -> None:
    assert all(map(is_no_date, ("", " - ", "ตลอดชีพ", "N/A")))
    assert not is_no_date("1/1/2569")
