from datetime import UTC, datetime

import pytest

from service.console.thai_time import thai_date, thai_time


def test_a_thai_official_writes_the_buddhist_year() -> None:
    assert thai_time(datetime(2026, 11, 24, 9, 30, tzinfo=UTC)) == "24 พ.ย. 2569 16:30 น."


def test_the_day_and_year_are_those_of_bangkok() -> None:
    assert thai_time(datetime(2025, 12, 31, 17, 5, tzinfo=UTC)) == "1 ม.ค. 2569 00:05 น."
    assert thai_date(datetime(2025, 12, 31, 16, 59, tzinfo=UTC)) == "31 ธ.ค. 2568"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        thai_time(datetime(2026, 11, 24))
