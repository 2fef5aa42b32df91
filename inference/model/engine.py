"""Runs a bundle's models over readings, preparing texts while the model computes.

Windows of all listings run one by one, each in its own thread and never padded. ONNX Runtime releases the
interpreter lock meanwhile, so the caller prepares the next texts. An answer is bit-identical whatever runs
beside it (decision 0001).
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from inference.model.bundle import Bundle
from inference.model.cooperative import Turns
from inference.model.encoding import Encoder, Tokens
from inference.model.lexical import LexicalModel, LexicalScores
from inference.model.onnx_runtime import Device, OnnxRuntime
from inference.model.scores import ListingScores, WindowOutput, merge, score_in_turns, window_ids
from inference.model.windows import Window, plan_windows
from inference.text.reading import Reading

AHEAD = 8
"""Windows per thread that are queued before the first answer is due: enough to keep all threads busy while
one text takes long to prepare."""


def processors() -> int:
    """The number of processors available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Started:
    reading: Reading
    tokens: Tokens
    windows: Sequence[Window]
    outputs: Sequence["Future[WindowOutput]"]


class Engine:
    """Scores readings with one bundle; safe to use from several threads.

    Args:
        bundle: the loaded bundle.
        threads: windows run in parallel; default: one per processor.
        device: where the model runs; on a GPU one thread feeds it.

    Raises:
        BundleError: the bundle's model cannot be run.
        DeviceError: the device is not available.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None, device: Device = Device.CPU) -> None:
        self.threads = 1 if device is Device.CUDA else threads or processors()
        self._shape = bundle.manifest.shape
        self._encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
        self._runtime = OnnxRuntime(bundle.model_path, 1, device)
        self._lexical = LexicalModel.load(bundle.lexical_path) if bundle.lexical_path else None
        self._pool = ThreadPoolExecutor(self.threads, "ruthan-model")

    def scores(self, readings: Iterable[Reading]) -> Iterator[ListingScores]:
        """One result per reading, in order; readings are consumed a little ahead of the results."""
        waiting: deque[_Started] = deque()
        windows = 0
        try:
            for reading in readings:
                waiting.append(self._start(reading))
                windows += len(waiting[-1].windows)
                while windows > AHEAD * self.threads:
                    windows -= len(waiting[0].windows)
                    yield self._finish(waiting.popleft())
            while waiting:
                yield self._finish(waiting.popleft())
        finally:
            for left in waiting:
                for output in left.outputs:
                    output.cancel()

    def turns(self, reading: Reading) -> Turns[ListingScores]:
        """Score one reading in the caller's thread, yielding between its windows."""
        scores = yield from score_in_turns(reading, self._encoder, self._runtime, self._shape)
        return replace(scores, lexical=self._words(reading))

    def _words(self, reading: Reading) -> LexicalScores | None:
        return None if self._lexical is None else self._lexical.score(reading)

    def _start(self, reading: Reading) -> _Started:
        tokens = self._encoder.encode(reading)
        windows = plan_windows(tokens.word_start.tolist(), self._shape)
        outputs = [
            self._pool.submit(self._runtime.run, window_ids(self._encoder, tokens, window))
            for window in windows
        ]
        return _Started(reading, tokens, windows, outputs)

    def _finish(self, started: _Started) -> ListingScores:
        # The bag-of-words model runs while windows are still computing.
        lexical = self._words(started.reading)
        outputs = [output.result() for output in started.outputs]
        return replace(merge(started.tokens, started.windows, outputs), lexical=lexical)
