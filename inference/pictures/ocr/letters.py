"""How likely letters follow one another in Thai advertisements, counted in the dataset's training texts."""

import json
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

FILE: Final = Path(__file__).parents[1] / "data" / "letters.npz"

ORDER: Final = 5
"""Letters of a sequence that is counted."""

EDGE: Final = "\n"
"""Stands for the beginning and the end of a line."""

STEP: Final = 1 / 16
"""Unit of the stored costs, in nats."""

BACK_OFF: Final = 0.92
"""Cost of leaving out the first letter of a sequence that was not counted (stupid backoff of Brants et al.,
2007: a factor of 0.4)."""

UNKNOWN: Final = 9.0
"""Cost of a letter that was never counted, in nats."""

REMEMBERED: Final = 200_000
"""Costs that are remembered."""


def folded(text: str) -> str:
    """Return a text with 0 for each digit and small Latin letters.

    Which digit it is must be read and never guessed; names of brands are printed in capitals.
    """
    return "".join("0" if char.isdigit() else char for char in text).lower()


class LetterModel:
    """An n-gram model of letters, as ``ruthan count-letters`` writes it."""

    def __init__(self, file: Path = FILE) -> None:
        with np.load(file, allow_pickle=False) as stored:
            sequences, steps = stored["sequences"].tolist(), stored["costs"].tolist()
            self.origin: dict[str, object] = json.loads(str(stored["origin"]))
        costs = [step * STEP for step in range(256)]
        self._counted: dict[str, float] = {
            sequence: costs[step] for sequence, step in zip(sequences, steps, strict=True)
        }
        self._known: dict[str, float] = {}

    def cost(self, before: str, letter: str) -> float:
        """The negative logarithm of how likely a letter is after folded letters, which begin with an edge."""
        sequence = before[1 - ORDER :] + letter
        known = self._known.get(sequence)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[sequence] = self._cost(sequence)
        return known

    def mean_cost(self, text: str) -> float:
        """The mean cost of the letters of a line and of its end."""
        letters = EDGE + folded(text) + EDGE
        costs = [self.cost(letters[:at], letters[at]) for at in range(1, len(letters))]
        return sum(costs) / len(costs)

    def _cost(self, sequence: str) -> float:
        cost = 0.0
        while sequence:
            counted = self._counted.get(sequence)
            if counted is not None:
                return cost + counted
            cost, sequence = cost + BACK_OFF, sequence[1:]
        return cost + UNKNOWN


@cache
def letter_model() -> LetterModel:
    """The model that ships."""
    return LetterModel()
