"""A folder of imported register snapshots and a record of which one is in use.

::

    FOLDER/ID/registry.sqlite   the records (inference.registry.snapshot)
    FOLDER/ID/manifest.json     source files and their dates, when and by whom it was imported, what changed
    FOLDER/ID/remarks.csv       every row that was skipped or is doubtful, and why
    FOLDER/current.json         the active one, and every change with its time and person

Snapshots and ``current.json`` are replaced atomically, so a reader never sees a partial one. A damaged store
raises an error; it never silently disables the check.
"""

import logging
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from inference.model.versioned_folder import VersionedFolder, sha256_of
from inference.registry.snapshot import SnapshotRecords
from inference.registry.source import MAX_AGE_DAYS, Registry, RegistryError, RegistrySource
from labels.schema import LicenceKind

log = logging.getLogger(__name__)

VARIABLE: Final = "RUTHAN_REGISTRY_SNAPSHOTS"
FOLDER: Final = Path("var/registry")
MANIFEST: Final = "manifest.json"
RECORDS: Final = "registry.sqlite"
REMARKS: Final = "remarks.csv"

_USE: Final = "ruthan registry use"
_ID: Final = re.compile(r"\d{4}-\d\d-\d\d\+[0-9a-f]{8}")


class Source(BaseModel):
    """One imported source file."""

    name: str
    sha256: str
    as_of: date
    rows: int = Field(ge=0, description="non-empty rows, without the header")
    not_taken: int = Field(ge=0)


class Manifest(BaseModel):
    """The content of ``manifest.json``."""

    format: Literal[1] = 1
    id: str
    as_of: date = Field(description="the oldest date of the files and of any snapshot that was added to")
    imported_at: AwareDatetime
    by: str
    sources: list[Source]
    records: int
    kinds: Mapping[LicenceKind, int]
    duplicates: int = Field(description="rows identical to an earlier one")
    contradictions: int = Field(description="rows that contradict an earlier one about the same number")
    added_to: str = Field("", description="the snapshot whose remaining records were copied")
    compared_with: str = Field("", description="the snapshot that was active at the time of the import")
    new: int = 0
    changed: int = 0
    gone: int = 0
    sha256: str = Field(description="of registry.sqlite")


class Change(BaseModel):
    """One change of the active snapshot."""

    at: AwareDatetime
    snapshot: str
    previous: str
    by: str


class State(BaseModel):
    """The content of ``current.json``."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    current: str = ""
    history: list[Change] = Field(default_factory=list, description="oldest first")


class RegistryStore:
    """The folder of imported snapshots.

    Args:
        folder: its path; by default the environment variable :data:`VARIABLE`, else :data:`FOLDER`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get(VARIABLE) or FOLDER)
        self._files = VersionedFolder(
            self.folder,
            State,
            version=_ID,
            error=RegistryError,
            things="snapshots",
            remedy=f'restore it from a backup, or write {{"current": ""}} into it and then: {_USE} ID',
            variable=VARIABLE,
        )

    def state(self) -> State:
        """The active snapshot and the history.

        Raises:
            RegistryError: ``current.json`` is unreadable, or missing although the store holds snapshots.
        """
        return self._files.read()

    def ids(self) -> list[str]:
        """All snapshots in the folder, active or not, oldest first."""
        return self._files.versions()

    def manifest(self, snapshot: str) -> Manifest:
        """The manifest of a snapshot; raises :class:`RegistryError` if it is missing or unreadable."""
        path = self.folder / snapshot / MANIFEST
        if not self._files.names(snapshot) or not path.is_file():
            known = ", ".join(self.ids()) or "none: ruthan registry import FILE"
            raise RegistryError(f"there is no snapshot {snapshot!r} in {self.folder}; there are: {known}")
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise RegistryError(f"{path} cannot be read: {error}") from error

    def records_of(self, snapshot: str) -> Path:
        """The path of a snapshot's records, whether or not it exists."""
        return self.folder / snapshot / RECORDS

    def open(self, snapshot: str, max_age_days: int = MAX_AGE_DAYS) -> Registry:
        """Open a snapshot for lookups.

        Raises:
            RegistryError: it is missing, or its file is not the one that was imported.
        """
        manifest = self.manifest(snapshot)
        path = self.records_of(snapshot)
        try:
            found = sha256_of(path)
        except OSError as error:
            raise RegistryError(f"{path} cannot be read: {error.strerror}") from error
        if found != manifest.sha256:
            raise RegistryError(
                f"{path} is not what was imported: import the files again, or {_USE} another one"
            )
        return Registry(SnapshotRecords(path), manifest.as_of, max_age_days)

    def current(self, max_age_days: int = MAX_AGE_DAYS) -> Registry | None:
        """The active snapshot, or ``None``; raises :class:`RegistryError` if it is damaged."""
        state = self.state()
        return self.open(state.current, max_age_days) if state.current else None

    def use(self, snapshot: str, by: str) -> Change:
        """Check a snapshot and activate it; raises :class:`RegistryError` if it is unusable."""
        self.open(snapshot)
        with self._files.locked():
            state = self.state()
            change = Change(at=datetime.now(UTC), snapshot=snapshot, previous=state.current, by=by)
            self._files.write(State(current=snapshot, history=[*state.history, change]))
        return change

    def staging(self) -> AbstractContextManager[Path]:
        """A temporary folder to write a snapshot in.

        Whatever :meth:`keep` does not move is deleted at the end.
        """
        return self._files.staging()

    def keep(self, staged: Path, manifest: Manifest) -> None:
        """Move a complete staged folder into place under the manifest's id.

        Raises:
            RegistryError: the same content was imported before.
        """
        target = self.folder / manifest.id
        (staged / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        with self._files.locked():
            if target.exists():
                raise RegistryError(f"this content was imported before: {_USE} {manifest.id}")
            # Write the pointer first: a store with snapshots but no pointer counts as damaged.
            self._files.write(self.state())
            self._files.place(staged, manifest.id)

    def stamp(self) -> tuple[int, int] | None:
        """A value that changes whenever another snapshot is activated; cheap to read."""
        return self._files.stamp()


class RegistryInUse:
    """The active snapshot, reloaded while the service runs whenever another one is activated.

    Raises:
        RegistryError: the active snapshot is damaged at startup. Later on, the loaded one is kept and the
            error is logged.
    """

    def __init__(self, store: RegistryStore, max_age_days: int = MAX_AGE_DAYS) -> None:
        self._store = store
        self._max_age_days = max_age_days
        self._stamp = store.stamp()
        self._registry = store.current(max_age_days)

    def now(self) -> Registry | None:
        """The current registry; ``None`` until a first snapshot is imported."""
        stamp = self._store.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._registry = self._store.current(self._max_age_days) or self._registry
                log.info("numbers are looked up in the snapshot %s", self._store.state().current)
            except RegistryError as error:
                log.error("the loaded snapshot stays in use: %s", error)
        return self._registry


def registry_in_use(
    file: Path | None, folder: Path | None = None, max_age_days: int = MAX_AGE_DAYS
) -> RegistrySource:
    """The named CSV file, else the active imported snapshot, which may change during use.

    Args:
        folder: the store; see :class:`RegistryStore`.

    Raises:
        RegistryError: the file or the snapshot is damaged. A missing one is not an error.
    """
    if file is not None:
        return Registry.load(file, max_age_days)
    return RegistryInUse(RegistryStore(folder), max_age_days)
