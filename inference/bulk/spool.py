"""The unfinished result of a bulk run, which a killed run goes on from.

Lines are appended to ``OUT.partial`` and forced to the disk; only then ``OUT.partial.json`` is replaced
whole. It says how many bytes count and where in the input they end. What a killed run wrote beyond that is
cut off, so that no record is there twice and none is missing.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from files.private import open_bytes
from files.whole import write_whole
from inference.bulk.scoring import Line
from inference.input import InputError


class Place(BaseModel):
    """How far a run has come.

    Attributes:
        run: what the run is made of; another run may not go on from here.
        file: the file of the run that is being read, from 0.
        number: the next record of that file, from 0.
        size: bytes of the partial result that count.
        counts: lines of each kind.
    """

    run: str
    file: int = 0
    number: int = 0
    size: int = 0
    counts: dict[str, int] = {}


class Spool:
    """The partial result beside ``out``.

    Args:
        out: where the finished result is to lie.
        run: what the run is made of (inputs, model, options).
        restart: throw away what an earlier run left.

    Raises:
        InputError: ``out`` is there already, or what an earlier run left is of another run.
    """

    def __init__(self, out: Path, run: str, restart: bool = False) -> None:
        self.path = out.with_name(out.name + ".partial")
        self._state = out.with_name(out.name + ".partial.json")
        if restart:
            self.remove()
        elif out.exists():
            raise InputError(f"{out} is there already: name another file, or begin anew with --restart")
        self.place = self._left(run)
        out.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = open_bytes(self.path, "ab")
        self._file.truncate(self.place.size)
        self._file.seek(0, os.SEEK_END)

    def _left(self, run: str) -> Place:
        if not self._state.is_file():
            return Place(run=run)
        try:
            place = Place.model_validate_json(self._state.read_bytes())
        except ValidationError as error:
            raise InputError(f"{self._state} is damaged: begin anew with --restart") from error
        if place.run != run:
            raise InputError(
                f"{self.path} was begun with other files, another model or other options: use the same ones, "
                "or begin anew with --restart"
            )
        if not self.path.is_file() or self.path.stat().st_size < place.size:
            raise InputError(f"{self.path} is shorter than it was: begin anew with --restart")
        return place

    def add(self, lines: Sequence[Line]) -> None:
        """Append lines, in the order of the records, and note that they are there."""
        content = "".join(f"{line.text}\n" for line in lines).encode()
        self._file.write(content)
        self._file.flush()
        os.fsync(self._file.fileno())
        counts = dict(self.place.counts)
        for line in lines:
            counts[line.kind] = counts.get(line.kind, 0) + 1
        last = lines[-1]
        self.place = Place(
            run=self.place.run,
            file=last.file,
            number=last.number + 1,
            size=self.place.size + len(content),
            counts=counts,
        )
        write_whole(self._state, self.place.model_dump_json().encode())

    def close(self) -> None:
        """Close the file; what is there stays for the next run."""
        self._file.close()

    def remove(self) -> None:
        """Take away what is left of a run."""
        for path in (self._state, self.path):
            path.unlink(missing_ok=True)
