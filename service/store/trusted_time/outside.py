"""Stamps of the audit trail as files, to be stored out of reach of anybody who can write the database."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from labels.files.private import make_folder
from labels.files.whole import write_whole
from service.store.trusted_time.tables import Stamped, TimeStamp
from service.store.trusted_time.tokens import digest_of

_NAME = re.compile(r"([0-9]+)-([A-Za-z0-9._-]+)\.tsr")


def write_stamps(rows: Iterable[TimeStamp], folder: Path) -> tuple[int, int]:
    """Write missing stamp files; returns how many were written, and how many exist.

    Raises ``OSError``.
    """
    make_folder(folder)
    written = there = 0
    for row in rows:
        path = folder / f"{int(row.subject):09}-{row.authority}.tsr"
        there += 1
        if not path.exists() and row.token is not None:
            write_whole(path, row.token)
            written += 1
    return written, there


def read_stamps(folder: Path) -> Iterator[TimeStamp]:
    """Read the stamps in a folder, as rows that belong to no database.

    Raises ``OSError``, and :class:`~service.store.trusted_time.tokens.TokenInvalid` for a file that is not a
    stamp.
    """
    for path in sorted(folder.iterdir()):
        named = _NAME.fullmatch(path.name)
        if named is not None:
            token = path.read_bytes()
            yield TimeStamp(
                kind=Stamped.TRAIL,
                subject=str(int(named[1])),
                digest=digest_of(token),
                authority=named[2],
                token=token,
            )
