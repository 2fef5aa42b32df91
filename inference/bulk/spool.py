"""The partial result of a bulk run, from which an interrupted run resumes.

Lines are appended to ``OUT.partial`` and synced to disk; only then is ``OUT.partial.json`` replaced
atomically. It records the number of valid bytes and the input position they reach. Anything beyond that is
truncated on resume, so no record is duplicated or missing.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from inference.bulk.result import is_result, partial_of
from inference.bulk.scoring import Line
from inference.input import InputError
from labels.files.locks import try_lock
from labels.files.private import open_bytes
from labels.files.whole import write_whole


class Place(BaseModel):
    """The progress of a run.

    Attributes:
        run: the parameters of the run up to that file; a run with others must not resume from here.
        file: index of the file being read, from 0.
        number: the next record of that file, from 0.
        size: number of valid bytes in the partial result.
        counts: number of lines of each kind.
    """

    run: str
    file: int = 0
    number: int = 0
    size: int = 0
    counts: dict[str, int] = {}


class Spool:
    """The partial result beside ``out``, which only one process at a time writes.

    Args:
        out: path of the finished result.
        runs: the parameters of the run (inputs, model, options) up to each of its files.
        restart: discard the results of an earlier run.

    Raises:
        InputError: ``out`` already exists, another process writes it, or the partial result belongs to
            another run.
    """

    def __init__(self, out: Path, runs: Sequence[str], restart: bool = False) -> None:
        self.path, self._state = partial_of(out)
        self._runs = runs
        if out.exists():
            if not is_result(out):
                raise InputError(f"{out} already exists and is no result of this command: name another file")
            if not restart:
                raise InputError(f"{out} already exists: name another file, or start over with --restart")
        out.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = open_bytes(self.path, "ab")
        try:
            if not self._is_alone():
                raise InputError(f"another run is writing {out}: wait for it to end, or name another file")
            if restart:
                self._state.unlink(missing_ok=True)
            self.place = self._left()
            self._file.truncate(self.place.size)
            self._file.seek(0, os.SEEK_END)
        except BaseException:
            self._file.close()
            raise

    def _is_alone(self) -> bool:
        with suppress(OSError):  # a file system without locks
            if not try_lock(self._file):
                return False
        try:
            # A run that ended meanwhile has made the result of this file.
            return os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def _left(self) -> Place:
        if not self._state.is_file():
            return Place(run=self._runs[0])
        try:
            place = Place.model_validate_json(self._state.read_bytes())
        except ValidationError as error:
            raise InputError(f"{self._state} is damaged: start over with --restart") from error
        if place.run not in self._runs[place.file : place.file + 1]:
            raise InputError(
                f"{self.path} was started with other files, another model or other options: use the "
                "same ones, or start over with --restart"
            )
        if not self.path.is_file() or self.path.stat().st_size < place.size:
            raise InputError(f"{self.path} is shorter than it was: start over with --restart")
        return place

    def add(self, lines: Sequence[Line]) -> None:
        """Append lines in record order and save the progress."""
        content = "".join(f"{line.text}\n" for line in lines).encode()
        self._file.write(content)
        self._file.flush()
        os.fsync(self._file.fileno())
        counts = dict(self.place.counts)
        for line in lines:
            counts[line.kind] = counts.get(line.kind, 0) + 1
        last = lines[-1]
        self.place = Place(
            run=self._runs[last.file],
            file=last.file,
            number=last.number + 1,
            size=self.place.size + len(content),
            counts=counts,
        )
        write_whole(self._state, self.place.model_dump_json().encode())

    def remove(self) -> None:
        """Delete the progress, after the partial result has become the finished one."""
        self._state.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file and keep the partial result for the next run."""
        self._file.close()
