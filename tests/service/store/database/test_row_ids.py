"""Numbers that no row can have find nothing, on any database."""

from pathlib import Path

import service
from service.store.database.row_ids import MAX_ROW_ID, NO_ROW, is_row_id, row_id


def test_only_positive_32_bit_numbers_are_rows() -> None:
    assert [is_row_id(n) for n in (-1, 0, 1, MAX_ROW_ID, MAX_ROW_ID + 1)] == [False, False, True, True, False]
    assert [row_id(n) for n in (7, -7, 2**40)] == [7, NO_ROW, NO_ROW]


def test_the_limit_is_written_once() -> None:
    (root,) = (Path(path) for path in service.__path__)
    found = {
        p.relative_to(root).as_posix()
        for p in root.rglob("*.py")
        if "2**31" in p.read_text(encoding="utf-8") and "migrations" not in p.parts
    }
    assert found == {"store/database/row_ids.py"}
