"""Reads a workbook's rows in a separate process, since a small file may unpack to more than memory holds.

Run as a module, it reads the workbook from standard input and writes one line of JSON per row.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from threading import Timer
from typing import IO, Any, Final, NamedTuple

MAX_ROWS: Final = 500_000
MAX_COLUMNS: Final = 500
MAX_CELLS: Final = 10_000_000
MAX_ROW: Final = 4_000_000
"""Maximum characters of a row as JSON."""
MAX_UNPACKED: Final = 1_000_000_000
"""Maximum bytes of the workbook's parts together, as its directory declares them."""
MAX_MEMORY: Final = 1_000_000_000
"""Memory limit of the reading process, in bytes."""
MAX_SECONDS: Final = 120.0


class BadWorkbook(ValueError):
    """A workbook that cannot be read or exceeds a limit; the message says why and what to do."""


class SheetRow(NamedTuple):
    """A row of a sheet, numbered from 1; ``problem`` is set if cells were too long."""

    sheet: str
    number: int
    cells: list[Any]
    problem: str = ""


def workbook_rows(
    body: bytes, *, seconds: float = MAX_SECONDS, memory: int = MAX_MEMORY
) -> Iterator[SheetRow]:
    """Yield the rows of all non-empty sheets, and each sheet's first row. Raises :class:`BadWorkbook`."""
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.seek(0)
        process = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", __name__, str(memory)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Use one thread: each thread of a numerical library allocates memory of its own.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": _PATH},
        )
        is_late = False

        def end() -> None:
            nonlocal is_late
            is_late = True
            process.kill()

        timer = Timer(seconds, end)
        timer.start()
        try:
            assert process.stdout is not None
            is_whole = False
            for line in process.stdout:
                told = json.loads(line) if line.endswith(b"\n") else {}
                if "error" in told:
                    raise BadWorkbook(told["error"])
                is_whole = bool(told.get("end"))
                if "row" in told:
                    yield SheetRow(told["sheet"], told["row"], told["cells"], told.get("problem", ""))
            if is_late:
                raise BadWorkbook(f"not read within {seconds:g} seconds: {_SPLIT}")
            if not is_whole:
                raise BadWorkbook(f"it takes more than {memory // 1_000_000} MB of memory to read: {_SPLIT}")
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


_SPLIT: Final = "save it as CSV, or split it into smaller files"
_PATH: Final = os.pathsep.join(x for x in sys.path if x)


def _main(memory: int) -> None:
    _limit(memory)
    out = sys.stdout
    try:
        for row in _rows(sys.stdin.buffer):
            out.write(json.dumps(row, default=str) + "\n")
        out.write('{"end": true}\n')
    except MemoryError:
        raise SystemExit(1) from None
    except Exception as error:
        # Whatever the library fails on, the file is no valid workbook.
        kind = "" if isinstance(error, BadWorkbook) else "not a readable workbook: "
        text = f"{kind}{error}" + ("" if isinstance(error, BadWorkbook) else ". Save it as .xlsx again")
        out.write(json.dumps({"error": text}) + "\n")
    out.flush()


def _limit(memory: int) -> None:
    try:
        import resource  # noqa: PLC0415 (not on Windows)
    except ImportError:
        return
    for what in (resource.RLIMIT_DATA, resource.RLIMIT_AS):
        resource.setrlimit(what, (memory, memory))


def _rows(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    import openpyxl  # noqa: PLC0415 (slow to import)

    with zipfile.ZipFile(file) as archive:
        if sum(x.file_size for x in archive.infolist()) > MAX_UNPACKED:
            raise BadWorkbook(f"it unpacks to more than {MAX_UNPACKED // 1_000_000} MB: {_SPLIT}")
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    count = cells = 0
    for sheet in book.worksheets:
        width = MAX_COLUMNS
        for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
            if number == 1:
                width = max((n for n, x in enumerate(row, 1) if x not in (None, "")), default=0)
            count, cells = count + 1, cells + len(row)
            if count > MAX_ROWS or cells > MAX_CELLS:
                raise BadWorkbook(f"more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells: {_SPLIT}")
            values = list(row[:width])
            if number > 1 and all(x in (None, "") for x in values):
                continue
            told: dict[str, Any] = {"sheet": sheet.title, "row": number, "cells": values}
            if sum(len(x) for x in values if isinstance(x, str)) > MAX_ROW:
                told |= {"cells": [], "problem": f"longer than {MAX_ROW:,} characters: shorten it"}
            yield told


if __name__ == "__main__":
    _main(int(sys.argv[1]))
