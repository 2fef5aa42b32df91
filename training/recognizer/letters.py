"""Counts which letters follow one another in texts, for the reader of pictures."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from inference.pictures.ocr.letters import EDGE, ORDER, STEP, folded
from labels.version import VERSION
from training.recognizer.texts import readable, training_texts

FEWEST: Final = (1, 2, 3, 4, 5)
"""How often a sequence of one letter, two letters and so on must stand in the texts to be kept."""

SHORTEST: Final = 3
"""Letters of a line that is counted."""


def write_letters(files: Sequence[Path], out: Path) -> int:
    """Count the letters of texts, write the model of letters, and return how many sequences it has."""
    costs = letter_costs(training_texts(files))
    sequences = sorted(costs)
    origin = {
        "texts": {path.name: sha256(path.read_bytes()).hexdigest() for path in files},
        "versions": {"ruthan": VERSION},
    }
    np.savez_compressed(
        out,
        sequences=np.array(sequences, f"<U{ORDER}"),
        costs=np.array([costs[sequence] for sequence in sequences], np.uint8),
        origin=np.array(json.dumps(origin, sort_keys=True)),
    )
    return len(sequences)


def letter_costs(texts: Sequence[str]) -> dict[str, int]:
    """Sequence of letters -> the cost of its last one after the others, in steps; equal lines count once."""
    lines = [EDGE + line + EDGE for line in sorted(set(_lines(texts)))]
    costs: dict[str, int] = {}
    for order in range(1, ORDER + 1):
        # No sequence ends in the edge that begins a line.
        counts = Counter(line[at : at + order] for line in lines for at in _starts(line, order))
        before: Counter[str] = Counter()
        for sequence, count in counts.items():
            before[sequence[:-1]] += count
        for sequence, count in counts.items():
            if count >= FEWEST[order - 1]:
                cost = -math.log(count / before[sequence[:-1]])
                costs[sequence] = min(255, round(cost / STEP))
    return costs


def _starts(line: str, order: int) -> range:
    return range(1 if order == 1 else 0, len(line) - order + 1)


def _lines(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        for line in map(str.strip, readable(text).split("\n")):
            if len(line) >= SHORTEST:
                yield folded(re.sub(" +", " ", line))
