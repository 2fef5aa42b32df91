"""The likeliest letters of a line: what the recognizer sees, weighed with what advertisements say.

A beam search over prefixes (Graves and Jaitly, 2014) with the model of letters as prior.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inference.pictures.ocr.letters import EDGE, LetterModel, folded

WIDTH: Final = 8
"""Prefixes that are followed."""

POSSIBLE: Final = 0.003
"""Probability from which a character may stand there: what the recognizer excludes is never read."""

WEIGHT, A_LETTER = 0.5, 1.2
"""Weight of the model's costs, and what makes up for them for each letter, or the shortest text would win."""


class _Prefix(NamedTuple):
    """Letters read so far.

    Attributes:
        blank, letter: probability of all ways to read them that end in a blank, and in the last letter.
        prior: logarithm of what the model of letters makes of them.
        before: the edge and the letters, folded.
    """

    blank: float
    letter: float
    prior: float
    before: str

    @property
    def score(self) -> float:
        return math.log(self.blank + self.letter) + self.prior


def likeliest(chances: npt.NDArray[np.float32], characters: Sequence[str], letters: LetterModel) -> str:
    """Return the likeliest text of a line.

    Args:
        chances: probabilities, steps by characters; the first character is the blank of CTC.
    """
    prefixes = {"": _Prefix(1.0, 0.0, 0.0, EDGE)}
    for step in chances:
        possible = [
            (characters[index], float(step[index]))
            for index in np.flatnonzero(step >= POSSIBLE).tolist()
            if 0 < index < len(characters)
        ]
        prefixes = _after(prefixes, float(step[0]), possible, letters)
    return max(
        prefixes, key=lambda text: prefixes[text].score - WEIGHT * letters.cost(prefixes[text].before, EDGE)
    )


def _after(
    prefixes: dict[str, _Prefix], blank: float, possible: list[tuple[str, float]], letters: LetterModel
) -> dict[str, _Prefix]:
    """The best prefixes after one more step."""
    if not possible:
        return {text: p._replace(blank=p.blank + p.letter, letter=0.0) for text, p in prefixes.items()}
    found: dict[str, _Prefix] = {}
    for text, prefix in prefixes.items():
        last, both = text[-1:], prefix.blank + prefix.letter
        same = sum(chance for char, chance in possible if char == last)
        known = found.get(text)
        found[text] = prefix._replace(
            blank=both * blank + (known.blank if known else 0.0),
            letter=prefix.letter * same + (known.letter if known else 0.0),
        )
        for char, chance in possible:
            new = chance * (prefix.blank if char == last else both)
            longer = text + char
            known = found.get(longer)
            if known is not None:
                found[longer] = known._replace(letter=known.letter + new)
            elif new:
                letter = folded(char)
                prior = prefix.prior - WEIGHT * letters.cost(prefix.before, letter) + A_LETTER
                found[longer] = _Prefix(0.0, new, prior, prefix.before + letter)
    alive = ((text, prefix) for text, prefix in found.items() if prefix.blank + prefix.letter > 0)
    best = sorted(alive, key=lambda item: item[1].score, reverse=True)[:WIDTH]
    most = max(prefix.blank + prefix.letter for _, prefix in best)
    return {t: p._replace(blank=p.blank / most, letter=p.letter / most) for t, p in best}
