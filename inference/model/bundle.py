"""A released model on disk: a manifest names every file with its SHA-256, and loading verifies them.

Nothing in a bundle is ever unpickled; it holds only ONNX, JSON, NumPy arrays and Markdown.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from inference.model.calibration import Calibration
from inference.model.encoding import Preprocessing
from inference.model.versioned_folder import sha256_of
from inference.model.windows import WindowShape
from labels.taxonomy import CLASSES, LABELS

MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
CALIBRATION = "calibration.json"
LEXICAL = "lexical.npz"
SCREEN = "screen.npz"
DETECTOR = "detector.onnx"
CARD = "MODEL_CARD.md"
METRICS = "metrics.json"

COMPACT, SMALL = "compact", "small"
SHIPPED_NAMES = (COMPACT, SMALL)
"""The bundles that ship with the project; the first is used unless another is chosen."""

_REQUIRED = (MODEL, TOKENIZER, CALIBRATION)


class BundleError(RuntimeError):
    """A bundle is missing, incomplete or fails its hashes; the message says what to do."""


class Manifest(BaseModel):
    """The manifest of a bundle: its identity, its files and how to run it."""

    format: Literal[2] = 2
    name: str
    version: str
    base: str = Field(description="the pretrained encoder it was fine-tuned from")
    base_licence: str
    created: str = Field(description="ISO 8601 date")
    preprocessing: Preprocessing
    window: int = Field(gt=8, description="tokens per window, including special ones")
    overlap: int = Field(ge=0, description="tokens that neighbouring windows share")
    head: int = Field(0, ge=0, description="tokens of the text's beginning that start each later window")
    slack: int = Field(0, ge=0, description="tokens by which the last window may exceed the window")
    labels: list[str]
    classes: list[str]
    dataset_sha256: dict[str, str] = Field(default_factory=dict, description="split file -> hash")
    made_with: dict[str, str] = Field(
        default_factory=dict, description="seeds, commit and versions of libraries, by name"
    )
    files: dict[str, str] = Field(description="file name -> SHA-256")

    @model_validator(mode="after")
    def _windows_advance(self) -> Self:
        assert self.shape
        return self

    @property
    def shape(self) -> WindowShape:
        """The window shape for long texts."""
        return WindowShape(self.window, self.overlap, self.head, self.slack)


@dataclass(frozen=True)
class Bundle:
    """A verified bundle."""

    folder: Path
    manifest: Manifest
    calibration: Calibration
    digest: str

    @property
    def model_id(self) -> str:
        """Name, version and the first digits of the manifest's hash."""
        return f"{self.manifest.name}@{self.manifest.version}+{self.digest[:8]}"

    @property
    def model_path(self) -> Path:
        """The ONNX graph."""
        return self.folder / MODEL

    @property
    def lexical_path(self) -> Path | None:
        """The bag-of-words linear model, if the bundle has one."""
        return self.folder / LEXICAL if LEXICAL in self.manifest.files else None

    @property
    def screen_path(self) -> Path | None:
        """The prefilter for bulk work, if the bundle has one."""
        return self.folder / SCREEN if SCREEN in self.manifest.files else None

    @property
    def detector_path(self) -> Path | None:
        """The prefilter's claim detector, if the bundle has one."""
        return self.folder / DETECTOR if DETECTOR in self.manifest.files else None

    @property
    def tokenizer_path(self) -> Path:
        """The tokenizer file."""
        return self.folder / TOKENIZER


def shipped_bundle(name: str = COMPACT) -> Path:
    """The folder of a bundle shipped with the project, one of :data:`SHIPPED_NAMES`."""
    return Path(str(resources.files("inference"))) / "bundles" / name


def located(bundle: Path) -> Path:
    """The folder of a bundle given by its path, or by its name if it is shipped; an existing folder wins."""
    named = str(bundle) in SHIPPED_NAMES and not bundle.exists()
    return shipped_bundle(str(bundle)) if named else bundle


def load_bundle(folder: Path) -> Bundle:
    """Read and verify a bundle.

    Args:
        folder: its path, or the name of a shipped one (:func:`located`).

    Raises:
        BundleError: the folder is not a bundle, a file is missing, or a hash does not match.
    """
    folder = located(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(
            f"no model bundle at {folder} (there is no {MANIFEST}): name a bundle folder with --bundle or "
            f"RUTHAN_MODEL_BUNDLE, or a shipped bundle ({', '.join(SHIPPED_NAMES)}), or train one with: "
            "ruthan train"
        )
    raw = path.read_bytes()
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "manifest"
        if where == "format":
            raise BundleError(
                f"{folder} was made by another version of Ruthan. To use the bundle that comes with this "
                "version: ruthan bundle rollback --to shipped. Then train and promote yours again"
            ) from error
        raise BundleError(f"{path} cannot be read: {where}: {problem['msg']}") from error
    if manifest.labels != list(LABELS) or manifest.classes != list(CLASSES):
        raise BundleError(f"{folder} was trained for another taxonomy: retrain it with: ruthan train")
    for name in _REQUIRED:
        if name not in manifest.files:
            raise BundleError(f"{path} names no {name}: the bundle is incomplete; release it again")
    for name, expected in manifest.files.items():
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise BundleError(f"{folder}: {name} is missing; copy the whole bundle again")
        found = sha256_of(file)
        if found != expected:
            raise BundleError(
                f"{file} is not the file that was released (SHA-256 {found[:12]}…, the manifest says "
                f"{expected[:12]}…): do not use it; copy the bundle again from a source that you trust"
            )
    try:
        calibration = Calibration.model_validate_json((folder / CALIBRATION).read_bytes())
    except ValidationError as error:
        raise BundleError(f"{folder / CALIBRATION} cannot be read: {error.errors()[0]['msg']}") from error
    return Bundle(folder, manifest, calibration, hashlib.sha256(raw).hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Hash the files of a finished bundle folder and write its manifest last."""
    files = {p.name: sha256_of(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name != MANIFEST}
    manifest = manifest.model_copy(update={"files": files})
    text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
