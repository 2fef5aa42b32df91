"""The service's interface to the model, and loading it in the background."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from inference.model.cooperative import Turns
from inference.registry.source import RegistrySource
from labels.schema import Assessment, Listing
from service.answers.model import ModelFacts
from service.inference_pool.model_facts import facts_of, registry_facts, shipped_policy
from service.inference_pool.pool import InferencePool, Reader, cores
from service.settings import Settings

log = logging.getLogger(__name__)


class Assessor(Protocol):
    """Assesses listings; ``inference.classifier.Classifier`` is one."""

    @property
    def model_id(self) -> str:
        """Name, version and hash prefix of the bundle; part of each assessment."""

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """Return one assessment per listing, in order."""


class DescribedAssessor:
    """An assessor with the facts about its model from loading."""

    def __init__(self, assessor: Assessor, facts: ModelFacts, registry: RegistrySource) -> None:
        self._assessor = assessor
        self._facts = facts
        self._registry = registry

    @property
    def facts(self) -> ModelFacts:
        """Return the facts about the model and the registry currently in use."""
        registry = registry_facts(self._registry.now())
        return self._facts.model_copy(update={"registry": registry})

    @property
    def model_id(self) -> str:
        """The model's id."""
        return self._assessor.model_id

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """Return one assessment per listing, in order."""
        return self._assessor.classify(listings)

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """Assess one listing, yielding between its windows."""
        return _reader(self._assessor).turns(listing)


class AssessorUnavailable(RuntimeError):
    """The model is not loaded (yet); the message says why and what to do."""


def load_assessor(settings: Settings) -> DescribedAssessor:
    """Load the bundle of the settings (else the promoted, else the shipped one) and the registry.

    Raises the errors of both.
    """
    from inference.classifier import Classifier  # noqa: PLC0415 (brings in onnxruntime)
    from inference.model.bundle import load_bundle  # noqa: PLC0415
    from inference.model.bundle_store import default_bundle  # noqa: PLC0415
    from inference.model.onnx_runtime import Device  # noqa: PLC0415
    from inference.registry.store import registry_in_use  # noqa: PLC0415

    registry = registry_in_use(
        settings.registry.file, settings.registry.snapshots, settings.registry.max_age_days
    )
    # Resolved once, so that the facts are those of the bundle that was loaded.
    folder = settings.model.bundle or default_bundle(settings.model.bundles)
    facts = facts_of(load_bundle(folder), registry.now())
    classifier = Classifier(
        folder,
        registry,
        threads=settings.model.threads or None,
        device=Device(settings.model.device),
        seen_bytes=settings.model.seen_bytes,
    )
    return DescribedAssessor(classifier, facts, registry)


class SharedAssessor:
    """A thread-safe assessor: the pool gives each request its share."""

    def __init__(self, assessor: Assessor, pool: InferencePool) -> None:
        self._assessor = assessor
        self._reader = _reader(assessor)
        self._pool = pool

    @property
    def model_id(self) -> str:
        """The model's id."""
        return self._assessor.model_id

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """Return one assessment per listing, in order; waits without limit and is never refused.

        Raises :class:`~service.inference_pool.pool.PoolClosed`.
        """
        return self._pool.submit(self._reader, listings, bounded=False).result()

    def submit(self, listings: Sequence[Listing]) -> "Future[list[Assessment]]":
        """Assess a request within the pool's limits; raises as :meth:`InferencePool.submit`."""
        return self._pool.submit(self._reader, listings)


class AssessorHolder:
    """Holds an assessor that may still be loading, and its pool."""

    def __init__(self, load: Callable[[], Assessor], pool: InferencePool | None = None) -> None:
        self._load = load
        self.pool = pool or InferencePool()
        self._ready = threading.Event()
        self._assessor: Assessor | None = None
        self._problem = ""

    def start(self) -> threading.Thread:
        """Load in a background thread; a failure is logged and raised by :meth:`get`."""
        thread = threading.Thread(target=self.load, name="ruthan-load-model", daemon=True)
        thread.start()
        return thread

    def load(self) -> None:
        """Load now."""
        try:
            self._assessor = self._load()
            log.info("model %s is loaded", self._assessor.model_id)
        except Exception as error:  # whatever it is, the service must report it and stay up
            # The reason contains paths: it is for the operator, not for clients.
            log.error("the model cannot be loaded: %s", error)
            self._problem = "the model cannot be loaded; the operator finds the reason in the log"
        finally:
            self._ready.set()

    def wait(self, seconds: float) -> bool:
        """Wait until loading has succeeded or failed; returns whether it has."""
        return self._ready.wait(seconds)

    def get(self) -> SharedAssessor:
        """Return the thread-safe assessor; raises :class:`AssessorUnavailable`."""
        if self._assessor is None:
            raise AssessorUnavailable(
                self._problem or "the model is still being loaded: try again in a few seconds"
            )
        return SharedAssessor(self._assessor, self.pool)

    def facts(self) -> ModelFacts:
        """Return the facts about the model in use; raises :class:`AssessorUnavailable`."""
        model_id = self.get().model_id
        if isinstance(self._assessor, DescribedAssessor):
            return self._assessor.facts
        return ModelFacts(model=model_id, policy=shipped_policy(), registry=registry_facts(None))


class _Whole:
    """Adapts an assessor without windows: a whole listing is one turn."""

    def __init__(self, assessor: Assessor) -> None:
        self._assessor = assessor

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """Assess the listing in one turn."""
        (assessment,) = self._assessor.classify([listing])
        return assessment
        yield  # makes this a generator


def _reader(assessor: Assessor) -> Reader:
    return assessor if isinstance(assessor, Reader) else _Whole(assessor)


def pool_of(settings: Settings) -> InferencePool:
    """Create the pool from the settings."""
    return InferencePool(
        settings.model.lanes or cores(), settings.max.waiting_requests, settings.max.waiting_listings
    )
