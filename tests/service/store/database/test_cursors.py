import pytest

from service.store import BadCursor
from service.store.database.cursors import pack, unpack


def test_values_come_back_and_the_text_fits_into_a_url() -> None:
    cursor = pack("ก", 0.25, 7)
    assert unpack(cursor, 3) == ["ก", 0.25, 7]
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?")


@pytest.mark.parametrize("cursor", ["x", "ก", "%%%", pack(1, 2), "bnVsbA", "e30", "W" * 20_000])
def test_what_is_no_cursor_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor, match="next_cursor"):
        unpack(cursor, 3)
