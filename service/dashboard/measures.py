"""Confidence intervals, distances of distributions, percentiles."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Z_95 = 1.959964
"""The 97.5th percentile of the normal distribution: intervals of 95 %."""

CHI_SQUARED_95 = (3.841, 5.991, 7.815, 9.488, 11.070, 12.592, 14.067, 15.507, 16.919, 18.307, 19.675, 21.026)
"""The 95th percentile of the chi-squared distribution with 1, 2, ... degrees of freedom."""

MODERATE, LARGE = 0.1, 0.25
"""Thresholds of a moderate and a large population stability index (N. Siddiqi, Credit Risk Scorecards, 2006).
"""

_HALF = 0.5
"""Added to each bin, so that an empty one does not make the index infinite."""


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``, with its 95 % confidence interval.

    ``value``, ``low`` and ``high`` are between 0 and 1, and ``None`` for a part of nothing.
    """

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.part / self.whole if self.whole else None

    @property
    def low(self) -> float | None:
        """The lower end of the interval."""
        return self._end(-1)

    @property
    def high(self) -> float | None:
        """The upper end of the interval."""
        return self._end(1)

    def _end(self, side: int) -> float | None:
        """Wilson's score interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212)."""
        if not self.whole:
            return None
        n, p, z2 = self.whole, self.part / self.whole, Z_95**2
        half = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return min(1.0, max(0.0, (p + z2 / (2 * n) + side * half) / (1 + z2 / n)))


@dataclass(frozen=True)
class Drift:
    """The distance of two distributions.

    Attributes:
        index: the population stability index, 0 for equal shares.
        by_chance: the index that two samples of these sizes from one population exceed one time in twenty (B.
            Yurdakul and J. Naranjo, J. Risk Model Validation 14(4), 2020: the index is ``1/n + 1/m`` times a
            chi-squared variable with one degree of freedom less than there are bins).
    """

    index: float
    by_chance: float

    @property
    def is_real(self) -> bool:
        """Whether the difference exceeds chance."""
        return self.index > self.by_chance


def drift(now: Mapping[str, int], before: Mapping[str, int]) -> Drift | None:
    """Return the drift between two histograms; ``None`` if either is empty or there are too many bins."""
    bins = sorted(set(now) | set(before))
    n, m = sum(now.values()), sum(before.values())
    if not n or not m or not 2 <= len(bins) <= len(CHI_SQUARED_95) + 1:
        return None
    index = 0.0
    for name in bins:
        p = (now.get(name, 0) + _HALF) / (n + _HALF * len(bins))
        q = (before.get(name, 0) + _HALF) / (m + _HALF * len(bins))
        index += (p - q) * math.log(p / q)
    return Drift(index, (1 / n + 1 / m) * CHI_SQUARED_95[len(bins) - 2])


def percentile(ordered: Sequence[int], share: float) -> int | None:
    """Return the percentile of ascending values for ``share``; ``None`` without values."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None
