"""The candidate of a shadow run: a bundle, a policy, or both."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from service.inference_pool.assessor import Assessor
from service.settings import Settings


@dataclass(frozen=True)
class Candidate:
    """The candidate, with the names that identify its answers."""

    assessor: Assessor
    policy: str
    """``shipped`` or the name of the policy file, with the first digits of its hash."""
    registry: str = "none"
    """Date and size of the register's snapshot: another register may give other answers."""

    @property
    def model(self) -> str:
        """The model's id."""
        return self.assessor.model_id


def load_candidate(settings: Settings, bundle: Path | None, policy: Path | None) -> Candidate:
    """Load the candidate: the bundle (else the one in use) with the policy (else the shipped one).

    Numbers are looked up in the register of the settings.  Raises
    :class:`~inference.model.bundle.BundleError`, :class:`~inference.policy.PolicyError`, ``OSError`` for a
    file that cannot be read, and what the register raises.
    """
    from inference.classifier import Classifier  # noqa: PLC0415 (brings in onnxruntime)
    from inference.model.bundle_store import default_bundle  # noqa: PLC0415
    from inference.policy import Policy  # noqa: PLC0415
    from inference.registry.store import registry_in_use  # noqa: PLC0415

    registry = registry_in_use(
        settings.registry.file, settings.registry.snapshots, settings.registry.max_age_days
    )
    folder = bundle or settings.model.bundle or default_bundle(settings.model.bundles)
    snapshot = registry.now()
    register = "none" if snapshot is None else f"{snapshot.snapshot_date} ({len(snapshot):,})"
    if policy is None:
        # A later release ships another one, which must not continue the run of this one.
        content = (resources.files("inference") / "policy.toml").read_bytes()
        return Candidate(Classifier(folder, registry), _named("shipped", content), register)
    name = _named(policy.name, policy.read_bytes())
    return Candidate(Classifier(folder, registry, Policy.load(policy)), name, register)


def _named(name: str, content: bytes) -> str:
    return f"{name} ({hashlib.sha256(content).hexdigest()[:8]})"
