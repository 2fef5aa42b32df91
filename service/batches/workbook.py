"""Converts the first sheet of an Excel workbook to JSON Lines, one line per row, in a child process.

A workbook of a few megabytes can decompress to gigabytes: the process has bounded memory and time, and the
sheet bounded rows and cells.  ``python -m service.batches.workbook IN OUT MOST_LINES MOST_BYTES`` is that
process.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO, Final

from labels.files.private import open_bytes
from service.batches.examining import columns_of
from service.batches.problems import BadFile, FileTooLarge, too_many_bytes, too_many_lines

MEMORY: Final = 2**30
"""Bytes of address space."""
SECONDS: Final = 120
"""Seconds of processor time; the wall-clock limit is half as much again."""
MOST_CELLS: Final = 256
"""Most cells in a row."""

_REFUSED = 3
_BROKEN = (
    "the workbook is too large to read, or damaged: save the sheet as CSV UTF-8, or split it",
    "อ่านสมุดงานไม่ได้ภายในขอบเขตที่กำหนด หรือไฟล์เสียหาย ให้บันทึกเป็น CSV UTF-8 หรือแบ่งไฟล์",
)


def as_json_lines(path: Path, max_lines: int, max_bytes: int) -> None:
    """Replace a workbook with the rows of its sheet; line ``n`` of the new file is row ``n``.

    Raises ``OSError``, and :class:`~service.batches.problems.BadFile` for a workbook that cannot be used.
    """
    target = path.with_name(f"{path.name}.rows")
    command = [sys.executable, "-m", __name__, str(path), str(target), str(max_lines), str(max_bytes)]
    try:
        done = subprocess.run(  # noqa: S603 (no shell; our own module)
            command, capture_output=True, timeout=1.5 * SECONDS, check=False
        )
        if done.returncode == _REFUSED:
            said = json.loads(done.stdout)
            kind = FileTooLarge if said["large"] else BadFile
            raise kind(said["english"], said["thai"])
        if done.returncode:
            raise BadFile(*_BROKEN)
        target.replace(path)
    except subprocess.TimeoutExpired as error:
        raise BadFile(*_BROKEN) from error
    finally:
        target.unlink(missing_ok=True)


def convert(path: Path, target: Path, max_lines: int, max_bytes: int) -> None:
    """Write the rows of a workbook; raises :class:`~service.batches.problems.BadFile`, or anything."""
    size = received = 0
    columns: list[str] = []
    with path.open("rb") as file, open_bytes(target, "wb") as out:
        for cells in _rows(file):
            line = b"\n"  # a blank line for a blank row and for the header, so that lines are rows
            if any(cells) and not columns:
                columns = columns_of(_named(cells))
            elif any(cells):
                received += 1
                if received > max_lines:
                    raise too_many_lines(max_lines)
                record = {name: "" for name in columns if name}
                for n, cell in enumerate(cells):
                    if n < len(columns) and columns[n]:
                        record[columns[n]] = cell
                    elif cell:
                        record[_beside(n)] = cell
                line = json.dumps(record, ensure_ascii=False).encode(errors="replace") + line
            size += len(line)
            if size > max_bytes:
                raise too_many_bytes(max_bytes)
            out.write(line)


def _rows(file: BinaryIO) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 (only in the child process)

    book = load_workbook(file, read_only=True, data_only=True)
    taken = False
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some programs write wrong dimensions, which would hide rows
        blank, here = 0, False
        for row in sheet.iter_rows(values_only=True, max_col=MOST_CELLS + 1):
            cells = [_text(value) for value in row]
            if not here and not any(cells):
                blank += 1
                continue
            if not here and taken:
                raise BadFile(
                    "the workbook has rows on several sheets: keep one sheet",
                    "สมุดงานมีข้อมูลหลายชีต ให้เหลือเพียงชีตเดียว",
                )
            if not here:
                here = taken = True
                yield from ([] for _ in range(blank))
            if len(cells) > MOST_CELLS and cells[MOST_CELLS]:
                raise BadFile(
                    f"a row has more than {MOST_CELLS} cells: keep only the columns of the listings",
                    f"มีแถวที่ยาวเกิน {MOST_CELLS} ช่อง ให้เหลือเฉพาะคอลัมน์ของรายการ",
                )
            yield cells


def _named(cells: Sequence[str]) -> list[str]:
    named = [cell.strip() for cell in cells]
    while named and not named[-1]:
        named.pop()
    return named


def _beside(number: int) -> str:
    """Return the key under which a cell without a heading is kept aside."""
    return f"column {number + 1}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, (datetime, date, time)) else str(value)


def main(arguments: Sequence[str]) -> int:
    """Run the child process; exits with 0 on success, or 3 with the reason on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    path, target, max_lines, max_bytes = arguments
    try:
        convert(Path(path), Path(target), int(max_lines), int(max_bytes))
    except BadFile as error:
        large = isinstance(error, FileTooLarge)
        print(json.dumps({"english": str(error), "thai": error.thai, "large": large}))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
