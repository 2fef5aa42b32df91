"""A new SQLite database begins as a copy of one with every table: its migrations take half a second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from service.store import facade
from service.store.database.engine import Database, make_folder
from service.store.migrate import upgrade


@cache
def file_with_every_table() -> bytes:
    """The file of a migrated SQLite database without rows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ruthan.db"
        database = Database(f"sqlite:///{path}")
        upgrade(database)
        database.dispose()
        assert [file.name for file in path.parent.iterdir()] == [path.name], "all of it is in the one file"
        return path.read_bytes()


def install() -> None:
    """Let this process copy new databases from now on; for processes that tests fork."""
    facade.make_folder = _make_folder_and_tables  # type: ignore[attr-defined]
    file_with_every_table()


@contextmanager
def copied() -> Iterator[None]:
    """Copy new databases in the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facade, "make_folder", _make_folder_and_tables)
        yield


@contextmanager
def migrated() -> Iterator[None]:
    """Migrate new databases in the block, as the product does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facade, "make_folder", make_folder)
        yield


def _make_folder_and_tables(database: Database) -> None:
    make_folder(database)
    name = database.engine.url.database
    if not database.is_sqlite or name is None or Path(name).exists():
        return
    made = Path(f"{name}.{os.getpid()}")
    # What is wrong with the folder is for the store to say; another process may have been faster.
    with suppress(OSError):
        try:
            made.touch(0o600)
            made.write_bytes(file_with_every_table())
            os.link(made, name)
        finally:
            made.unlink(missing_ok=True)
