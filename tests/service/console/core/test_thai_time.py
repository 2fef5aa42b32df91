from datetime import UTC, date, datetime

import pytest

from service.console.core.thai_time import day_for_form, day_in, thai_date, thai_time


def test_a_thai_official_writes_the_buddhist_year() -> None:
    assert thai_time(datetime(2026, 11, 24, 9, 30, tzinfo=UTC)) == "24 พ.ย. 2569 16:30 น."


def test_the_day_and_year_are_those_of_bangkok() -> None:
    assert thai_time(datetime(2025, 12, 31, 17, 5, tzinfo=UTC)) == "1 ม.ค. 2569 00:05 น."
    assert thai_date(datetime(2025, 12, 31, 16, 59, tzinfo=UTC)) == "31 ธ.ค. 2568"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        thai_time(datetime(2026, 11, 24))


def test_a_day_typed_in_either_calendar_is_shown_in_the_buddhist_one() -> None:
    for text in ("24/11/2569", "๒๔/๑๑/๒๕๖๙", "2026-11-24", " 2569-11-24 ", "24/11/2026"):
        assert day_in(text) == date(2026, 11, 24)
        assert day_for_form(text) == "24/11/2569"
    for text in ("", "24/11/69", "30/2/2569", "1/1/9999", "1/1/1899", "²/1/2569", "1/1/2569/"):
        with pytest.raises(ValueError):
            day_in(text)
        assert day_for_form(text) == text
