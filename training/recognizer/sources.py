"""Where the lines come from that the recognizer is trained on, and a process that draws them.

Nothing here loads PyTorch: the drawing process does without it.
"""

import multiprocessing
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Final

from training.recognizer.drawing import DrawnLine, draw_lines
from training.recognizer.fonts import families
from training.recognizer.texts import LineTexts, training_texts

SECONDS: Final = 10.0
"""How often it is checked that lines are still drawn."""


@dataclass(frozen=True)
class Sources:
    """Where lines come from.

    Attributes:
        fonts: a folder (see :func:`training.recognizer.fonts.families`).
        texts: files with a JSON object with ``text`` per line.
        start: the published recognizer PP-OCRv6_rec_tiny, whose convolutions are the start, or one of ours.
        is_trained: whether it is one of ours.
    """

    fonts: Path
    texts: Sequence[Path]
    start: Path
    is_trained: bool = False

    def lines(self, seed: int) -> Iterator[DrawnLine]:
        """Lines without end, the same for the same seed."""
        chance = random.Random(seed)
        return draw_lines(families(self.fonts), LineTexts(training_texts(self.texts), chance), chance)


def drawn_aside(sources: Sources, seed: int, count: int) -> Iterator[list[DrawnLine]]:
    """The lines of each round, drawn in another process.

    Raises:
        RuntimeError: that process has ended.
    """
    context = multiprocessing.get_context("spawn")
    queue: Queue[list[DrawnLine]] = context.Queue(4)
    process = context.Process(target=_draw_for, args=(sources, seed, count, queue), daemon=True)
    process.start()
    try:
        while True:
            try:
                yield queue.get(timeout=SECONDS)
            except Empty:
                if not process.is_alive():
                    raise RuntimeError(
                        "the process that draws lines has ended; see its error above"
                    ) from None
    finally:
        process.terminate()


def _draw_for(sources: Sources, seed: int, count: int, queue: "Queue[list[DrawnLine]]") -> None:
    lines = sources.lines(seed)
    while True:
        queue.put(list(islice(lines, count)))
