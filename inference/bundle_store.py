"""Released bundles in one folder, which of them is in use, and how it came to be.

::

    FOLDER/NAME@VERSION+DIGEST/   a promoted bundle, copied whole
    FOLDER/current.json           the one in use, and every change with its time, person and reason

Without a ``current.json`` the bundle that ships with the project is in use. A store that is broken is an
error, never a reason to serve another bundle in silence.
"""

import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from inference.bundle import MANIFEST, Bundle, BundleError, load_bundle, shipped_bundle
from inference.versioned_folder import POINTER, VersionedFolder, sha256_of

VARIABLE = "RUTHAN_BUNDLES"
FOLDER = Path("var/bundles")
SHIPPED = "shipped"
"""The id of the bundle that comes with the project, whatever its name and version."""

_ID = re.compile(r"\w[\w.-]{0,99}@[\w.+-]{1,50}\+[0-9a-f]{8}")


class Change(BaseModel):
    """One change of the bundle in use.

    Attributes:
        manifest_sha256: the manifest of ``bundle`` when it was promoted; empty for the shipped one.
        figures: what a comparison with ``previous`` gave, by name of the figure; empty for a rollback.
        test_sha256: the file of listings on which they were compared.
    """

    at: AwareDatetime
    action: Literal["promote", "rollback"]
    bundle: str
    previous: str
    manifest_sha256: str = ""
    who: str = ""
    reason: str = ""
    forced: bool = False
    figures: dict[str, dict[str, float]] = Field(default_factory=dict)
    test_sha256: str = ""


class State(BaseModel):
    """The content of ``current.json``."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    current: str = SHIPPED
    history: list[Change] = Field(default_factory=list, description="oldest first")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        last = self.history[-1].bundle if self.history else SHIPPED
        if self.current != last:
            raise ValueError(f"current is {self.current}, but the history ends with {last}")
        if bad := [c.bundle for c in self.history if not (c.bundle == SHIPPED or _ID.fullmatch(c.bundle))]:
            raise ValueError(f"{bad[0]!r} is no bundle id")
        return self

    def served(self) -> list[str]:
        """The ids that a rollback goes back through, the one in use last.

        A promotion adds one; a rollback takes off what came after its target.
        """
        stack = [SHIPPED]
        for change in self.history:
            if change.action == "rollback" and change.bundle in stack:
                while stack[-1] != change.bundle:
                    stack.pop()
            else:
                stack.append(change.bundle)
        return stack

    def manifest_of(self, bundle: str) -> str:
        """SHA-256 of the manifest under which a bundle was promoted last; empty if it never was."""
        return next((c.manifest_sha256 for c in reversed(self.history) if c.bundle == bundle), "")


class BundleStore:
    """The folder of released bundles.

    Args:
        folder: where it is; by default :data:`VARIABLE` of the environment, else :data:`FOLDER`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get(VARIABLE) or FOLDER)
        self._files = VersionedFolder(
            self.folder,
            State,
            version=_ID,
            error=BundleError,
            things="bundles",
            remedy=f"restore {POINTER} from a backup, or move {self.folder} away (the shipped bundle then "
            "serves) and promote again",
            variable=VARIABLE,
        )

    def state(self) -> State:
        """What is in use, and the history.

        Raises:
            BundleError: ``current.json`` cannot be read, or is gone while bundles are there.
        """
        return self._files.read()

    def ids(self) -> list[str]:
        """The bundles in the folder, in use or not, sorted."""
        return self._files.versions()

    def folder_of(self, bundle: str) -> Path:
        """Where a bundle lies, by its id. It need not be there."""
        return shipped_bundle() if bundle == SHIPPED else self.folder / bundle

    def verified(self, bundle: str) -> Bundle:
        """A bundle by its id, every hash checked, the manifest against the one that was promoted.

        Raises:
            BundleError: it is not there or not what was promoted.
        """
        self._check_manifest(self.state(), bundle)
        loaded = load_bundle(self.folder_of(bundle))
        if bundle not in {SHIPPED, loaded.model_id}:
            raise BundleError(f"{loaded.folder} holds {loaded.model_id}: it is not what its name says")
        return loaded

    def current_folder(self) -> Path:
        """The folder of the bundle in use; its files are hashed when it is loaded.

        Raises:
            BundleError: the store is broken, or the bundle is gone or was swapped for another.
        """
        state = self.state()
        self._check_manifest(state, state.current)
        return self.folder_of(state.current)

    def promote(
        self,
        candidate: Path,
        who: str,
        reason: str = "",
        forced: bool = False,
        expected: str | None = None,
        figures: Mapping[str, Mapping[str, float]] | None = None,
        test_sha256: str = "",
    ) -> Bundle:
        """Copy a bundle into the store, verify the copy and put it in use. Compares nothing.

        Args:
            candidate: folder of the bundle.
            expected: the id that was in use when the caller decided; ``None`` skips that check.

        Raises:
            BundleError: the bundle fails its hashes, is in use already, or another one came in between.
        """
        source = load_bundle(candidate)
        name = source.model_id
        if not _ID.fullmatch(name):
            raise BundleError(f"{name!r} cannot name a folder: train it again with another --name")
        with self._files.locked():
            state = self.state()
            if state.current == name:
                raise BundleError(f"{name} is in use already")
            if expected is not None and state.current != expected:
                raise BundleError(f"{state.current} was put in use meanwhile: compare with it and try again")
            # The pointer first: bundles without one are taken for a broken store.
            self._files.write(state)
            self._copy(source)
            self._append(
                state,
                Change(
                    at=datetime.now(UTC),
                    action="promote",
                    bundle=name,
                    previous=state.current,
                    manifest_sha256=source.digest,
                    who=who,
                    reason=reason,
                    forced=forced,
                    figures={key: dict(value) for key, value in (figures or {}).items()},
                    test_sha256=test_sha256,
                ),
            )
        return load_bundle(self.folder / name)

    def rollback(self, who: str, reason: str = "", to: str | None = None) -> Change:
        """Put the bundle that served before in use again, or the one with the id ``to``.

        Raises:
            BundleError: nothing served before, ``to`` was never promoted, or it fails its hashes.
        """
        with self._files.locked():
            state = self.state()
            served = state.served()
            if to is None:
                if len(served) < 2:
                    raise BundleError(f"{state.current} is in use and nothing served before it")
                to = served[-2]
            if to == state.current:
                raise BundleError(f"{to} is in use already")
            if to != SHIPPED and not state.manifest_of(to):
                known = ", ".join([SHIPPED, *self.ids()])
                raise BundleError(f"{to} was never promoted: name one of {known}")
            self._check_manifest(state, to)
            load_bundle(self.folder_of(to))
            change = Change(
                at=datetime.now(UTC),
                action="rollback",
                bundle=to,
                previous=state.current,
                manifest_sha256=state.manifest_of(to),
                who=who,
                reason=reason,
            )
            self._append(state, change)
        return change

    def _check_manifest(self, state: State, bundle: str) -> None:
        expected = state.manifest_of(bundle)
        if not expected:
            return
        path = self.folder_of(bundle) / MANIFEST
        back = "copy it there again, or go back with: ruthan bundle rollback"
        if not path.is_file():
            raise BundleError(f"the bundle {bundle} was promoted, but is not at {path.parent}: {back}")
        if sha256_of(path) != expected:
            raise BundleError(f"{path.parent} is not the bundle that was promoted: {back}")

    def _copy(self, source: Bundle) -> None:
        try:
            with self._files.staging() as staged:
                for name in (*source.manifest.files, MANIFEST):
                    shutil.copyfile(source.folder / name, staged / name)
                if load_bundle(staged).digest != source.digest:
                    raise BundleError(f"{source.folder} changed while it was copied: promote it again")
                # One that is there is of an earlier promotion, perhaps damaged since.
                self._files.place(staged, source.model_id)
        except OSError as error:
            raise BundleError(f"{source.folder} cannot be copied to {self.folder}: {error}") from error

    def _append(self, state: State, change: Change) -> None:
        self._files.write(State(current=change.bundle, history=[*state.history, change]))


def default_bundle(folder: Path | None = None) -> Path:
    """The folder of the bundle in use: the promoted one of the store, else the shipped one.

    Args:
        folder: the store; see :class:`BundleStore`.

    Raises:
        BundleError: a bundle was promoted, but it or the store is broken.
    """
    return BundleStore(folder).current_folder()
