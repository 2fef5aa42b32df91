"""A folder of versions, each in its own subfolder, with a pointer to the active one.

::

    FOLDER/VERSION/       a version, staged and renamed into place
    FOLDER/current.json   the pointer, replaced atomically

Readers never see a partial version or pointer, and writers take turns. ``inference.model.bundle_store`` and
``inference.registry.store`` define the contents of versions and pointer.
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

from labels.files.locks import alone
from labels.files.whole import write_whole

POINTER: Final = "current.json"

_LOCK: Final = ".lock"
_STAGING: Final = ".incoming-"

StateT = TypeVar("StateT", bound=BaseModel)


class VersionedFolder(Generic[StateT]):
    """A versioned folder.

    Args:
        folder: its path; created on the first write.
        state: the model of the pointer's content; its defaults mean that nothing is active.
        version: the pattern of version names.
        error: the exception class to raise, with a message that says what to do.
        things: plural noun for the versions, for messages.
        remedy: what to do if the pointer is damaged or missing, for messages.
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
        """The names of all versions, active or not, sorted."""
        try:
            return sorted(p.name for p in self.folder.iterdir() if p.is_dir() and self.names(p.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unreadable(self.folder, error) from error

    def names(self, name: str) -> bool:
        """Whether this is a valid version name."""
        return bool(self._version.fullmatch(name))

    def read(self) -> StateT:
        """The pointer's content; the default state if nothing was ever activated.

        Raises:
            Exception: of the class given as ``error``: the pointer is unreadable, or missing although there
                are versions.
        """
        path = self.folder / POINTER
        try:
            state = self._state.model_validate_json(path.read_bytes())
            if "current" not in state.model_fields_set:
                # Else any object at all would say that nothing is in use.
                raise self._error(
                    f"{path} is not a valid pointer, for it does not say what is current: {self._remedy}"
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
        """Replace the pointer, under :meth:`locked` and before the first version is put in place.

        Versions without a pointer count as a damaged store.
        """
        path = self.folder / POINTER
        try:
            write_whole(path, (state.model_dump_json(indent=2) + "\n").encode(), private=False)
        except OSError as error:
            raise self._error(f"{path} cannot be written: {error.strerror}") from error

    def stamp(self) -> tuple[int, int] | None:
        """A value that changes whenever the pointer is replaced; cheap to read."""
        try:
            found = (self.folder / POINTER).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A temporary folder to write a version in; whatever :meth:`place` does not move is deleted."""
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
        """Move a complete staged folder into place under its name, replacing an existing one."""
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
        """Hold the folder's lock, so that only one process at a time is inside."""
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
    """The SHA-256 of a file's content in hexadecimal; raises :class:`OSError` if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
