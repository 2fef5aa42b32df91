"""Builds the background jobs, both for the server and for ``ruthan worker``."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext

from inference.pictures.likeness.comparer import PictureComparer
from inference.pictures.reader import PictureReader
from service.batches.running import BatchReport, BatchRunner
from service.complaints.delivery.channels import senders_of
from service.complaints.delivery.courier import ComplaintCourier
from service.inference_pool.assessor import Assessor
from service.pictures.comparing import PictureComparing
from service.pictures.reading import PictureReading
from service.privacy.daily import DailyRetention
from service.privacy.rules import Rule
from service.running import worker
from service.running.kept_forms import KeptFormSweep
from service.running.restarts import restarted
from service.running.sandbox import Sandbox, SandboxWork
from service.running.worker import WorkerReport, in_turn
from service.second_look.dealer import Dealer
from service.settings import Settings
from service.store import Store
from service.trusted_time.stamper import Stamper
from service.webhooks.courier import Courier


class Jobs:
    """The background jobs of one process.  Several processes may run them."""

    def __init__(
        self, store: Store, settings: Settings, rules: Sequence[Rule], trial: Sandbox | None = None
    ) -> None:
        """Prepare the jobs; raises :class:`~service.settings.SecretUnusable`."""
        self._store, self._settings = store, settings
        self._courier = Courier(store, settings)
        self._trial = trial
        self._trial_courier = None if trial is None else Courier(trial.store, trial.settings)
        self._answers = ComplaintCourier(store, senders_of(settings))
        self._retention = DailyRetention(store, rules, settings.evidence.folder)
        self._trial_retention = (
            None if trial is None else DailyRetention(trial.store, rules, trial.settings.evidence.folder)
        )
        self._stamper = Stamper(store, settings)
        self._dealer = Dealer(store, settings)
        self._kept_forms = KeptFormSweep(store)

    def threads(self) -> Mapping[str, Callable[[threading.Event], None]]:
        """Return functions by thread name, each to run in its own thread until an event is set.

        They are separate from the worker, so that deliveries wait neither for the model nor for a long batch.
        One that fails starts again.
        """
        found: dict[str, Callable[[threading.Event], None]] = {
            "ruthan-courier": self._courier.run,
            "ruthan-answers": self._answers.run,
        }
        if self._trial_courier is not None:
            found["ruthan-sandbox-courier"] = self._trial_courier.run
        if self._retention.rules:
            found["ruthan-retention"] = self._retention.run
            if self._trial_retention is not None:
                found["ruthan-sandbox-retention"] = self._trial_retention.run
        if self._stamper.authorities:
            found["ruthan-stamper"] = self._stamper.run
        return {name: restarted(run, name) for name, run in found.items()}

    def work(
        self,
        assessor: Assessor,
        stop: threading.Event,
        once: bool = False,
        progress: Callable[[WorkerReport], None] | None = None,
        reader: PictureReader | None = None,
    ) -> tuple[WorkerReport, BatchReport]:
        """Run the worker (:func:`service.running.worker.run`) with batches, dealing and the sweep of forms.

        With ``once``, also deliver and time-stamp what is due. ``reader`` reads pictures; by default a new
        one.
        """
        comparing = PictureComparing(self._store, PictureComparer(), self._settings)
        with nullcontext(reader) if reader is not None else PictureReader() as pictures:
            batches = BatchRunner(self._store, assessor, self._settings, reader=pictures)
            steps: list[Callable[[threading.Event], bool]] = [
                self._dealer.step,
                batches.step,
                self._kept_forms.step,
            ]
            if self._trial is not None:
                trial_batches = BatchRunner(self._trial.store, assessor, self._trial.settings)
                steps.append(SandboxWork(self._trial.store, assessor, trial_batches.step).step)
            report = worker.run(
                self._store,
                assessor,
                once,
                poll_seconds=self._settings.worker.poll_seconds,
                batch=self._settings.worker.batch,
                stop=stop,
                progress=progress,
                aside=in_turn(*steps),
                pictures=PictureReading(self._store, pictures, self._settings),
                compare=comparing.step,
            )
        if once:
            self._courier.run(stop, once=True)
            if self._trial_courier is not None:
                self._trial_courier.run(stop, once=True)
            self._answers.run(stop, once=True)
            self._stamper.once(stop)
        return report, batches.report
