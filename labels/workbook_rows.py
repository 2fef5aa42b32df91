"""Reads the rows of an XLSX workbook in a child process, since small files may unpack to huge ones.

The same rules apply to all workbooks:

- Every sheet is read, in order, as a separate table. With ``one_sheet``, for callers that identify rows by
  number alone, a second sheet with rows is an error.
- Blank rows are skipped, and the others keep their numbers.
- A row with more than :data:`MAX_COLUMNS` cells, or more text than a CSV row may have, is never truncated: it
  has a problem and no cells.
- Cells are text as displayed: whole numbers without a decimal point and with the leading zeros of their
  format, dates as ``2026-11-01``.

Run as a module, it reads the workbook from standard input and writes one line of JSON per row.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from labels.csv_rows import MOST

MAX_ROWS: Final = 1_048_576
"""Maximum rows of all sheets together, blank ones included: what one sheet may hold (ECMA-376)."""
MAX_COLUMNS: Final = 500
MAX_CELLS: Final = 10_000_000
"""Maximum cells with content of all sheets together."""
MAX_UNPACKED: Final = 1_000_000_000
"""Maximum bytes of the workbook's parts together, as its directory declares them."""
MAX_MEMORY: Final = 1_000_000_000
"""Memory limit of the reading process, in bytes."""
MAX_SECONDS: Final = 120.0
"""Limit of the reading process in seconds of CPU time, so that a slow consumer does not count."""

_SPLIT: Final = "save it as CSV UTF-8, or split it into smaller files"
_SPLIT_THAI: Final = "ให้บันทึกเป็น CSV UTF-8 หรือแบ่งเป็นไฟล์เล็กลง"
_ESCAPED: Final = re.compile("_x(?![dD][89a-fA-F])([0-9a-fA-F]{4})_")
"""A character as Excel writes it, such as a carriage return (ECMA-376, ST_Xstring); not half an emoji."""
_ZEROS: Final = re.compile("0+")
_PATH: Final = os.pathsep.join(x for x in sys.path if x)


class BadWorkbook(ValueError):
    """A workbook that cannot be read or exceeds a limit; the message and ``thai`` say why and what to do."""

    def __init__(self, english: str, thai: str, too_large: bool = False) -> None:
        super().__init__(english)
        self.thai, self.too_large = thai, too_large


class SheetRow(NamedTuple):
    """A row of a sheet, numbered from 1; has no cells if there is a ``problem``, in English and Thai."""

    sheet: str
    number: int
    cells: list[str]
    problem: str = ""
    problem_thai: str = ""

    @property
    def where(self) -> str:
        """The sheet and row, for messages."""
        return f"sheet {self.sheet}, row {self.number}"


def workbook_rows(
    workbook: Path | bytes,
    *,
    one_sheet: bool = False,
    seconds: float = MAX_SECONDS,
    memory: int = MAX_MEMORY,
) -> Iterator[SheetRow]:
    """Yield the rows of a workbook that are not blank.

    Raises:
        BadWorkbook: it cannot be read, exceeds a limit, or has rows on several sheets despite ``one_sheet``.
        OSError: the file cannot be opened.
    """
    with tempfile.TemporaryFile() if isinstance(workbook, bytes) else workbook.open("rb") as file:
        if isinstance(workbook, bytes):
            file.write(workbook)
            file.seek(0)
        process = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", __name__, str(memory), str(seconds)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Use one thread: each thread of a numerical library allocates memory of its own.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": _PATH},
        )
        assert process.stdout is not None
        row: SheetRow | None = None
        try:
            for line in process.stdout:
                told = json.loads(line) if line.endswith(b"\n") else None
                if isinstance(told, dict):
                    raise BadWorkbook(**told)
                if told is None:
                    break
                if not told:
                    return
                before, row = row, SheetRow(*told)
                if one_sheet and before is not None and before.sheet != row.sheet:
                    raise BadWorkbook(
                        f"the workbook has rows on several sheets, {before.sheet} and {row.sheet}: keep one",
                        f"สมุดงานมีข้อมูลหลายชีต ({before.sheet} และ {row.sheet}) ให้เหลือเพียงชีตเดียว",
                    )
                yield row
            raise _given_up(process.wait(), row, seconds, memory)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _given_up(status: int, row: SheetRow | None, seconds: float, memory: int) -> BadWorkbook:
    after = f" (after {row.where})" if row else ""
    after_thai = f" (หลังชีต {row.sheet} แถว {row.number})" if row else ""
    if status == -getattr(signal, "SIGPROF", 0):
        return BadWorkbook(
            f"the workbook takes more than {seconds:g} seconds to read{after}: {_SPLIT}",
            f"อ่านสมุดงานไม่เสร็จใน {seconds:g} วินาที{after_thai} {_SPLIT_THAI}",
            too_large=True,
        )
    return BadWorkbook(
        f"the workbook takes more than {memory // 1_000_000:,} MB of memory to read{after}: {_SPLIT}",
        f"การอ่านสมุดงานใช้หน่วยความจำเกิน {memory // 1_000_000:,} MB{after_thai} {_SPLIT_THAI}",
        too_large=True,
    )


def _main(memory: int, seconds: float) -> None:
    _limit(memory, seconds)
    out = sys.stdout
    try:
        for row in _rows(sys.stdin.buffer):
            out.write(json.dumps(row) + "\n")
        out.write("[]\n")
    except MemoryError:
        raise SystemExit(1) from None
    except Exception as error:
        # Whatever the library fails on, the file is not a valid workbook.
        if not isinstance(error, BadWorkbook):
            error = BadWorkbook(
                f"not a readable workbook: {error}. Save it as .xlsx again, or as CSV UTF-8",
                "อ่านสมุดงานไม่ได้ ไฟล์อาจเสียหาย ให้บันทึกเป็น .xlsx อีกครั้ง หรือเป็น CSV UTF-8",
            )
        out.write(
            json.dumps({"english": str(error), "thai": error.thai, "too_large": error.too_large}) + "\n"
        )
    out.flush()


def _limit(memory: int, seconds: float) -> None:
    try:
        import resource  # noqa: PLC0415 (not on Windows)
    except ImportError:
        return
    for what in (resource.RLIMIT_DATA, resource.RLIMIT_AS):
        resource.setrlimit(what, (memory, memory))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends the process


def _rows(file: IO[bytes]) -> Iterator[SheetRow]:
    import openpyxl  # noqa: PLC0415 (slow to import)

    with zipfile.ZipFile(file) as archive:
        if sum(x.file_size for x in archive.infolist()) > MAX_UNPACKED:
            raise BadWorkbook(
                f"the workbook unpacks to more than {MAX_UNPACKED // 1_000_000:,} MB: {_SPLIT}",
                f"สมุดงานคลายออกแล้วเกิน {MAX_UNPACKED // 1_000_000:,} MB {_SPLIT_THAI}",
                too_large=True,
            )
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    rows = filled = 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # Some programs write wrong dimensions, which would hide rows.
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = [_text(cell) for cell in row]
            while cells and not cells[-1].strip():
                cells.pop()
            rows, filled = rows + 1, filled + sum(map(bool, cells))
            if rows > MAX_ROWS or filled > MAX_CELLS:
                raise BadWorkbook(
                    f"the workbook has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells"
                    f" (at sheet {sheet.title}, row {number}): {_SPLIT}",
                    f"สมุดงานมีเกิน {MAX_ROWS:,} แถว หรือ {MAX_CELLS:,} ช่อง (ที่ชีต {sheet.title} แถว {number})"
                    f" {_SPLIT_THAI}",
                    too_large=True,
                )
            if len(cells) > MAX_COLUMNS:
                yield SheetRow(
                    sheet.title,
                    number,
                    [],
                    f"has a cell in column {len(cells):,}, beyond column {MAX_COLUMNS}: remove it",
                    f"มีข้อมูลในคอลัมน์ที่ {len(cells):,} ซึ่งเกินคอลัมน์ที่ {MAX_COLUMNS} ให้ลบออก",
                )
            elif sum(map(len, cells)) > MOST:
                problem = f"longer than {MOST:,} characters: shorten it", f"ยาวเกิน {MOST:,} อักขระ ให้ตัดให้สั้นลง"
                yield SheetRow(sheet.title, number, [], *problem)
            elif cells:
                yield SheetRow(sheet.title, number, cells)


def _text(cell: Any) -> str:
    """Return a cell's value as text."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{int(value):0{_zeros(cell) + (value < 0)}d}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (datetime, date, time)) else str(value)


def _zeros(cell: Any) -> int:
    """Return the digits that a number's format shows at least, such as 5 for ``00000``."""
    try:
        shown = cell.number_format
    except IndexError:  # a style that the workbook lacks
        return 0
    return len(shown) if _ZEROS.fullmatch(shown) else 0


if __name__ == "__main__":
    _main(int(sys.argv[1]), float(sys.argv[2]))
