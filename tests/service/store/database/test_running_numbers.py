import pytest

from service.store.database.running_numbers import read


@pytest.mark.parametrize(
    "typed",
    [
        "รร 0012/2569",
        "12/2569",
        "๑๒/๒๕๖๙",
        "12-2569",
        "รร 0012-2569",
        "0012 / 2569",
        "12 - 2569",
        "0012/2569.",
        "เลขที่ รร 0012/2569 .",
        "สธ 1009.5-12/2569",
        "๑๒-๒๕๖๙",
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str) -> None:
    assert read(typed) == (2569, 12)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12",
        "2569",
        "12/69",
        "081-012-2569",
        "123456789/2569",
        "12/2569/1",
        "02 123-4567",
        "02 123-2569",
        "(02)123-2569",
        "(02) 123-2569",
        "1234-5678",
        "25-12-2569",
    ],
)
def test_what_is_no_number_is_not_read(typed: str) -> None:
    assert read(typed) is None
