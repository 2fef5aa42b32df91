"""The seam to the model: what the service needs of it, and loading it without holding anything up."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from inference.registry import RegistrySource
from labels.schema import Assessment, Listing
from service.model_facts import ModelFacts, PolicyFacts, RegistryFacts, facts_of
from service.settings import Settings

log = logging.getLogger(__name__)


class Assessor(Protocol):
    """Assesses listings; ``inference.classifier.Classifier`` is one."""

    @property
    def model_id(self) -> str:
        """Name, version and the first digits of the hash of the bundle; stands in each assessment."""

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """One assessment a listing, in their order."""


class DescribedAssessor:
    """An assessor with what was known about its model when it was loaded."""

    def __init__(self, assessor: Assessor, facts: ModelFacts, registry: RegistrySource) -> None:
        self._assessor = assessor
        self._facts = facts
        self._registry = registry

    @property
    def facts(self) -> ModelFacts:
        """The facts of the model, and of the registry that is in use at this moment."""
        registry = RegistryFacts.of(self._registry.now())
        return self._facts.model_copy(update={"registry": registry})

    @property
    def model_id(self) -> str:
        """The model's id."""
        return self._assessor.model_id

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """One assessment a listing, in their order."""
        return self._assessor.classify(listings)


class AssessorUnavailable(RuntimeError):
    """The model is not loaded (yet); the message says why and what to do."""


def load_assessor(settings: Settings) -> DescribedAssessor:
    """Load the bundle (else the promoted, else the shipped one) and the registry of the settings.

    Raises what they raise.
    """
    from inference.bundle import load_bundle  # noqa: PLC0415
    from inference.bundle_store import default_bundle  # noqa: PLC0415
    from inference.classifier import Classifier  # noqa: PLC0415 (brings in onnxruntime)
    from inference.registry_store import registry_in_use  # noqa: PLC0415

    registry = registry_in_use(settings.registry, settings.registry_snapshots, settings.registry_max_age_days)
    # Decided once: what is told about the model is told about the bundle that was loaded.
    folder = settings.bundle or default_bundle(settings.bundles)
    facts = facts_of(load_bundle(folder), registry.now())
    return DescribedAssessor(Classifier(folder, registry), facts, registry)


class AssessorHolder:
    """Holds an assessor that may still be loading, and lets one thread at a time use it."""

    def __init__(self, load: Callable[[], Assessor]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._assessor: Assessor | None = None
        self._problem = ""

    def start(self) -> threading.Thread:
        """Load in a thread of its own; a failure is logged and kept for :meth:`get`."""
        thread = threading.Thread(target=self.load, name="ruthan-load-model", daemon=True)
        thread.start()
        return thread

    def load(self) -> None:
        """Load now."""
        try:
            self._assessor = self._load()
            log.info("model %s is loaded", self._assessor.model_id)
        except Exception as error:  # whatever it is, the service must say it and stay up
            self._problem = f"the model cannot be loaded: {error}"
            log.error("%s", self._problem)
        finally:
            self._ready.set()

    def wait(self, seconds: float) -> bool:
        """Wait until loading has ended, well or badly; whether it has."""
        return self._ready.wait(seconds)

    def get(self) -> Assessor:
        """The assessor, safe to use from any thread; raises :class:`AssessorUnavailable`."""
        if self._assessor is None:
            raise AssessorUnavailable(
                self._problem or "the model is still being loaded: try again in a few seconds"
            )
        return _OneAtATime(self._assessor, self._lock)

    def facts(self) -> ModelFacts:
        """What is known about the model in use; raises :class:`AssessorUnavailable`."""
        model_id = self.get().model_id
        if isinstance(self._assessor, DescribedAssessor):
            return self._assessor.facts
        return ModelFacts(model=model_id, policy=PolicyFacts.shipped(), registry=RegistryFacts.of(None))


class _OneAtATime:
    """An assessor behind a lock: the runtime is not promised to be safe from two threads."""

    def __init__(self, assessor: Assessor, lock: threading.Lock) -> None:
        self._assessor = assessor
        self._lock = lock

    @property
    def model_id(self) -> str:
        return self._assessor.model_id

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        with self._lock:
            return self._assessor.classify(listings)
