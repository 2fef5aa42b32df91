"""A folder of released bundles and a record of which one is in use.

::

    FOLDER/NAME@VERSION+DIGEST/   a promoted bundle, copied whole
    FOLDER/current.json           the active one, and every change with its time, person and reason

Without a ``current.json`` the bundle shipped with the project is used. A damaged store raises an error; it
never falls back silently to another bundle.
"""

import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from inference.model.bundle import MANIFEST, Bundle, BundleError, load_bundle, shipped_bundle
from inference.model.versioned_folder import POINTER, VersionedFolder, sha256_of

VARIABLE, OLD_VARIABLE = "RUTHAN_MODEL_BUNDLES", "RUTHAN_BUNDLES"
FOLDER = Path("var/bundles")
SHIPPED = "shipped"
"""The id of the shipped bundle, whatever its name and version."""

_ID = re.compile(r"\w[\w.-]{0,99}@[\w.+-]{1,50}\+[0-9a-f]{8}")


class Change(BaseModel):
    """One change of the active bundle.

    Attributes:
        manifest_sha256: hash of the manifest of ``bundle`` when it was promoted; empty for the shipped one.
        figures: results of the comparison with ``previous``, by metric name; empty for a rollback.
        test_sha256: hash of the listings on which they were compared.
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
            raise ValueError(f"{bad[0]!r} is not a bundle id")
        return self

    def served(self) -> list[str]:
        """The promoted ids in order, the active one last.

        A promotion appends one; a rollback removes those after its target.
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
        """The manifest hash from a bundle's latest promotion; empty if it was never promoted."""
        return next((c.manifest_sha256 for c in reversed(self.history) if c.bundle == bundle), "")


class BundleStore:
    """The folder of released bundles.

    Args:
        folder: its path; by default the environment variable :data:`VARIABLE`, else :data:`FOLDER`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get(VARIABLE) or os.environ.get(OLD_VARIABLE) or FOLDER)
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
        """The active bundle and the history.

        Raises:
            BundleError: ``current.json`` is unreadable, or missing although the store holds bundles.
        """
        return self._files.read()

    def ids(self) -> list[str]:
        """All bundles in the folder, active or not, sorted."""
        return self._files.versions()

    def folder_of(self, bundle: str) -> Path:
        """The path of a bundle with this id, whether or not it exists."""
        return shipped_bundle() if bundle == SHIPPED else self.folder / bundle

    def verified(self, bundle: str) -> Bundle:
        """Load a bundle by id and check every hash, including the manifest's against the promoted one.

        Raises:
            BundleError: it does not exist or is not the one that was promoted.
        """
        self._check_manifest(self.state(), bundle)
        loaded = load_bundle(self.folder_of(bundle))
        if bundle not in {SHIPPED, loaded.model_id}:
            raise BundleError(f"{loaded.folder} holds {loaded.model_id}: it is not what its name says")
        return loaded

    def current_folder(self) -> Path:
        """The folder of the active bundle; its files are hashed when it is loaded.

        Raises:
            BundleError: the store is damaged, or the bundle is missing or was replaced.
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
        """Copy a bundle into the store, verify the copy and activate it, without any comparison.

        Args:
            candidate: folder of the bundle.
            expected: the id that was active when the caller decided; ``None`` skips this check.

        Raises:
            BundleError: the bundle fails its hashes, is already active, or another was activated meanwhile.
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
            # Write the pointer first: a store with bundles but no pointer counts as damaged.
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
        """Activate the previous bundle again, or the one with the id ``to``.

        Raises:
            BundleError: there is no previous bundle, ``to`` was never promoted, or it fails its hashes.
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
                # An existing copy is from an earlier promotion and may be damaged.
                self._files.place(staged, source.model_id)
        except OSError as error:
            raise BundleError(f"{source.folder} cannot be copied to {self.folder}: {error}") from error

    def _append(self, state: State, change: Change) -> None:
        self._files.write(State(current=change.bundle, history=[*state.history, change]))


def default_bundle(folder: Path | None = None) -> Path:
    """The folder of the active bundle: the promoted one, else the shipped one.

    Args:
        folder: the store; see :class:`BundleStore`.

    Raises:
        BundleError: a bundle was promoted, but it or the store is damaged.
    """
    return BundleStore(folder).current_folder()
