"""Facts about the model in use: bundle, thresholds, figures, policy, register."""

import hashlib
import json
import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from inference.model.bundle import METRICS, Bundle
from inference.model.calibration import Thresholds
from inference.registry.source import Registry
from labels.taxonomy import ClaimLabel


class WindowFacts(BaseModel):
    """How texts are split into windows, in tokens."""

    tokens: int
    overlap: int
    head: int = Field(description="tokens from the start of the text that each later window repeats")


class BundleFacts(BaseModel):
    """A bundle as its manifest, calibration and metrics describe it."""

    name: str
    version: str
    base: str
    base_licence: str
    created: str
    window: WindowFacts
    label_thresholds: dict[ClaimLabel, Thresholds]
    risk_thresholds: Thresholds
    test_figures: dict[str, float] = Field(
        description="headline figures on the test split, from metrics.json; empty if the bundle has none"
    )
    dataset_sha256: dict[str, str]
    files: dict[str, str] = Field(description="file name -> SHA-256")

    @classmethod
    def of(cls, bundle: Bundle) -> Self:
        """Return the facts of a verified bundle."""
        manifest, calibration = bundle.manifest, bundle.calibration
        return cls(
            name=manifest.name,
            version=manifest.version,
            base=manifest.base,
            base_licence=manifest.base_licence,
            created=manifest.created,
            window=WindowFacts(tokens=manifest.window, overlap=manifest.overlap, head=manifest.head),
            label_thresholds=calibration.label_thresholds,
            risk_thresholds=calibration.risk_thresholds,
            test_figures=_figures(bundle.folder / METRICS) if METRICS in manifest.files else {},
            dataset_sha256=manifest.dataset_sha256,
            files=manifest.files,
        )


class PolicyFacts(BaseModel):
    """The verdict rules."""

    version: int
    sha256: str = Field(description="of policy.toml")

    @classmethod
    def shipped(cls) -> Self:
        """Return the facts of the shipped rules, the only ones that the service uses."""
        raw = resources.files("inference").joinpath("policy.toml").read_bytes()
        version = tomllib.loads(raw.decode("utf-8"))["version"]
        return cls(version=version, sha256=hashlib.sha256(raw).hexdigest())


class RegistryFacts(BaseModel):
    """The licence register that numbers are looked up in."""

    loaded: bool
    snapshot_date: date | None = None
    records: int | None = None

    @classmethod
    def of(cls, registry: Registry | None) -> Self:
        """Return the facts of a snapshot, or that there is none."""
        if registry is None:
            return cls(loaded=False)
        return cls(loaded=True, snapshot_date=registry.snapshot_date, records=len(registry))


class ModelFacts(BaseModel):
    """The model in use, as every assessment names it, and what is known about it."""

    model: str = Field(description="as `model` of an assessment")
    bundle: BundleFacts | None = Field(None, description="null for a model without a bundle")
    policy: PolicyFacts
    registry: RegistryFacts


def facts_of(bundle: Bundle, registry: Registry | None) -> ModelFacts:
    """Return the facts of a bundle in use with this register."""
    return ModelFacts(
        model=bundle.model_id,
        bundle=BundleFacts.of(bundle),
        policy=PolicyFacts.shipped(),
        registry=RegistryFacts.of(registry),
    )


def _figures(path: Path) -> dict[str, float]:
    test = json.loads(path.read_text(encoding="utf-8")).get("test", {})
    return {
        name: value
        for name, value in test.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
