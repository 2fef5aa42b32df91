"""Facts about the model in use: bundle, thresholds, figures, policy, register."""

import hashlib
import json
import tomllib
from importlib import resources
from pathlib import Path

from inference.model.bundle import METRICS, Bundle
from inference.registry.source import Registry
from service.answers.model import BundleFacts, ModelFacts, PolicyFacts, RegistryFacts, WindowFacts


def facts_of(bundle: Bundle, registry: Registry | None) -> ModelFacts:
    """Return the facts of a bundle in use with this register."""
    return ModelFacts(
        model=bundle.model_id,
        bundle=_bundle(bundle),
        policy=shipped_policy(),
        registry=registry_facts(registry),
    )


def shipped_policy() -> PolicyFacts:
    """Return the facts of the shipped policy, the only one that the service uses."""
    raw = resources.files("inference").joinpath("policy.toml").read_bytes()
    version = tomllib.loads(raw.decode("utf-8"))["version"]
    return PolicyFacts(version=version, sha256=hashlib.sha256(raw).hexdigest())


def registry_facts(registry: Registry | None) -> RegistryFacts:
    """Return the facts of a snapshot; they say so if there is none."""
    if registry is None:
        return RegistryFacts(loaded=False)
    return RegistryFacts(loaded=True, snapshot_date=registry.snapshot_date, records=len(registry))


def _bundle(bundle: Bundle) -> BundleFacts:
    """Return the facts of a verified bundle."""
    manifest, thresholds = bundle.manifest, bundle.calibration.model_dump()
    return BundleFacts(
        name=manifest.name,
        version=manifest.version,
        base=manifest.base,
        base_licence=manifest.base_licence,
        created=manifest.created,
        window=WindowFacts(
            tokens=manifest.window, overlap=manifest.overlap, head=manifest.head, slack=manifest.slack
        ),
        label_thresholds=thresholds["label_thresholds"],
        risk_thresholds=thresholds["risk_thresholds"],
        test_figures=_figures(bundle.folder / METRICS) if METRICS in manifest.files else {},
        dataset_sha256=manifest.dataset_sha256,
        files=manifest.files,
    )


def _figures(path: Path) -> dict[str, float]:
    test = json.loads(path.read_text(encoding="utf-8")).get("test", {})
    return {
        name: value
        for name, value in test.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
