"""Parquet files of other programs: odd types and odd cells."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inference.bulk.on_ray import _read
from inference.bulk.parquet_rows import parquet_rows
from inference.bulk.sources import count_records, records_of
from inference.input import BadLine, InputError
from labels.schema import Listing

pa = pytest.importorskip("pyarrow", reason="needs the bulk extra")
parquet = pytest.importorskip("pyarrow.parquet")

FAR = 2**62
"""Microseconds from 1970 on, of which Python's dates have fewer."""


def texts(*values: bytes | None) -> Any:
    """A column of texts, which may hold any bytes."""
    return pa.array(values, pa.binary()).view(pa.string())


def read(folder: Path, **columns: Any) -> list[Listing | BadLine]:
    path = folder / "in.parquet"
    rows = len(next(iter(columns.values())))
    columns = {"id": [str(n) for n in range(rows)], "text": ["ครีม"] * rows} | columns
    parquet.write_table(pa.table(columns), path)
    return list(parquet_rows(path))


def listings(found: list[Listing | BadLine]) -> list[Listing]:
    return [each for each in found if isinstance(each, Listing)]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([FAR, 0], pa.timestamp("us")),
        pa.array([b"\xff\xfe", b"\x00"], pa.binary()),
        texts(b"\xff\xfe", b"a"),
        pa.array([float("inf"), 0.0]),
    ],
)
def test_columns_that_are_not_read_may_hold_anything(tmp_path: Path, column: Any) -> None:
    assert [one.extra for one in listings(read(tmp_path, other=column))] == [{}, {}]


def test_a_bad_cell_costs_its_own_row(tmp_path: Path) -> None:
    bad, good = read(tmp_path, text=texts(b"\xff\xfe", "ยา".encode()))
    assert isinstance(bad, BadLine)
    assert (bad.number, bad.id, bad.problem[:24]) == (1, "0", '"text" cannot be read: \'')
    assert isinstance(good, Listing)
    assert good.text == "ยา"
    bad, good = read(tmp_path, id=texts(b"\xff\xfe", b"7"))
    assert isinstance(bad, BadLine)
    assert (bad.number, bad.id) == (1, None)
    bad, good = read(tmp_path, images=pa.array([[b"\xff"], [b"a.png"]], pa.list_(pa.binary())))
    assert isinstance(bad, BadLine)
    assert isinstance(good, Listing)
    assert good.images == ["a.png"]


def test_bytes_reach_the_workers_of_ray(tmp_path: Path) -> None:
    column = pa.array([b"\xff", b"a"], pa.binary())
    read(tmp_path, other=column, seller=column)
    (block,) = _read({"file": [0], "path": [tmp_path / "in.parquet"], "skip": [0]})
    assert [bool(line) for line in block["bad_line"]] == [True, False]


@pytest.mark.parametrize(
    ("column", "price"),
    [
        (pa.array([Decimal("390.00")]), "390.00"),
        (pa.array([Decimal(0)], pa.decimal128(20, 10)), "0.0000000000"),
        (pa.array([390]), "390"),
        (pa.array(["390"]).dictionary_encode(), "390"),
        (pa.array([Decimal(-1)]), None),
    ],
)
def test_a_price_is_a_price_in_any_type(tmp_path: Path, column: Any, price: str | None) -> None:
    (found,) = listings(read(tmp_path, price=column))
    assert found.price == price
    assert found.is_offer_by_record == (price is not None)


@pytest.mark.parametrize(
    ("column", "moment"),
    [
        (pa.array([datetime(2027, 1, 5, 3, 4, 5)]), datetime(2027, 1, 5, 3, 4, 5, tzinfo=UTC)),
        (
            pa.array([datetime(2027, 1, 5, 3, tzinfo=UTC)], pa.timestamp("ms", "Asia/Bangkok")),
            datetime(2027, 1, 5, 3, tzinfo=UTC),
        ),
        (
            pa.array([1_700_000_000_123_456_789], pa.timestamp("ns")),
            datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC),
        ),
        (pa.array([date(2027, 1, 5)]), datetime(2027, 1, 5, tzinfo=UTC)),
        (pa.array([FAR], pa.timestamp("us")), None),
        (pa.array([None], pa.timestamp("us")), None),
    ],
)
def test_a_time_is_read_where_it_fits(tmp_path: Path, column: Any, moment: datetime | None) -> None:
    (found,) = listings(read(tmp_path, captured_at=column))
    assert found.captured_at == moment


def test_ids_are_whole_numbers_whatever_holds_them(tmp_path: Path) -> None:
    ids = pa.array([1.0, 2.5, None, 1e300, float("nan")])
    found = read(tmp_path, id=ids)
    assert [one.id for one in found] == ["1", None, None, None, None]
    assert [isinstance(one, BadLine) for one in found] == [False, True, True, True, True]
    assert [one.id for one in read(tmp_path, id=pa.array([Decimal(12)], pa.decimal128(20, 0)))] == ["12"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [(["id", "text", "text"], "two columns text"), (["sku", "text"], "columns sku, text")],
)
def test_its_columns_are_those_of_a_table(tmp_path: Path, names: list[str], problem: str) -> None:
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.Table.from_arrays([pa.array(["1"])] * len(names), names), path)
    for reading in (lambda: list(parquet_rows(path)), lambda: count_records(path)):
        with pytest.raises(InputError, match=problem):
            reading()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    rows = pa.table({"id": [str(n) for n in range(1000)], "text": [f"ครีม {n}" for n in range(1000)]})
    parquet.write_table(rows, path)
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged|cannot be read"):
        list(records_of(path, 0))
