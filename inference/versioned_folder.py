"""A folder of versions, each a folder of its own, and a pointer that says which one is in use.

::

    FOLDER/VERSION/       a version, written aside and renamed into its place
    FOLDER/current.json   the pointer, replaced whole

A reader never sees half of either, and two writers take turns. What a version holds and what the pointer
records is the business of the stores built on this, ``inference.bundle_store`` and
``inference.registry_store``.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from files.locks import alone
from files.whole import write_whole

POINTER: Final = "current.json"

_LOCK: Final = ".lock"
_STAGING: Final = ".incoming-"

StateT = TypeVar("StateT", bound=BaseModel)


class VersionedFolder(Generic[StateT]):
    """The folder.

    Args:
        folder: where it is; made when something is written.
        state: the model of the pointer's content; without arguments it says that nothing is in use.
        version: what the name of a version looks like.
        error: what is raised, with a message that says what to do.
        things: what a version is called, in the plural, for messages.
        remedy: what to do when the pointer is broken or gone.
        variable: the environment variable that names the folder, for messages.
    """

    def __init__(
        self,
        folder: Path,
        state: type[StateT],
        version: re.Pattern[str],
        error: type[Exception],
        things: str,
        remedy: str,
        variable: str,
    ) -> None:
        self.folder = folder
        self._state = state
        self._version = version
        self._error = error
        self._things = things
        self._remedy = remedy
        self._variable = variable

    def versions(self) -> list[str]:
        """The names of the versions there, in use or not, sorted."""
        try:
            return sorted(p.name for p in self.folder.iterdir() if p.is_dir() and self.names(p.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unreadable(self.folder, error) from error

    def names(self, name: str) -> bool:
        """Whether this could be the name of a version."""
        return bool(self._version.fullmatch(name))

    def read(self) -> StateT:
        """What the pointer says; an empty state where nothing was ever put in use.

        Raises:
            Exception: the kind given as ``error``: the pointer cannot be read, or is gone while versions are
                there.
        """
        path = self.folder / POINTER
        try:
            state = self._state.model_validate_json(path.read_bytes())
            if "current" not in state.model_fields_set:
                # Else any object at all would say that nothing is in use.
                raise self._error(
                    f"{path} is no pointer of ours, for it does not say what is current: {self._remedy}"
                )
            return state
        except FileNotFoundError:
            if self.versions():
                raise self._error(
                    f"{self.folder} holds {self._things} but no {POINTER}: {self._remedy}"
                ) from None
            return self._state()
        except ValidationError as error:
            raise self._error(f"{path} cannot be read: {error.errors()[0]['msg']}: {self._remedy}") from error
        except OSError as error:
            raise self._unreadable(path, error) from error

    def write(self, state: StateT) -> None:
        """Replace the pointer. Call it under :meth:`locked`, and before the first version is put in place:
        versions without a pointer are taken for a broken store."""
        path = self.folder / POINTER
        try:
            write_whole(path, (state.model_dump_json(indent=2) + "\n").encode(), private=False)
        except OSError as error:
            raise self._error(f"{path} cannot be written: {error.strerror}") from error

    def stamp(self) -> tuple[int, int] | None:
        """Something that changes whenever the pointer is replaced; cheap to ask."""
        try:
            found = (self.folder / POINTER).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder beside the versions to write one in; what :meth:`place` does not take is deleted."""
        folder = self.folder / f"{_STAGING}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise self._cannot_write(error) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def place(self, staged: Path, name: str) -> Path:
        """Give a complete staged folder its name; one that is there already is replaced."""
        target = self.folder / name
        replaced = staged.with_name(f"{staged.name}-replaced")
        try:
            if target.exists():
                target.rename(replaced)
            staged.rename(target)
        finally:
            shutil.rmtree(replaced, ignore_errors=True)
        return target

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time is in here."""
        with ExitStack() as stack:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(alone(self.folder / _LOCK))
            except OSError as error:
                raise self._cannot_write(error) from error
            yield

    def _unreadable(self, path: Path, error: OSError) -> Exception:
        return self._error(f"{path} cannot be read: {error.strerror}. Is {self._variable} right?")

    def _cannot_write(self, error: OSError) -> Exception:
        return self._error(
            f"{self.folder} cannot be written: {error.strerror}. Set {self._variable} to a writable folder"
        )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal; :class:`OSError` if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
