"""Turns token scores into claims: spans of the original text, snapped to whole words."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from inference.model.calibration import Calibration, logit_of
from inference.model.scores import Floats, ListingScores
from inference.text.offset_text import OffsetText
from inference.text.reading import Reading
from labels.schema import Claim
from labels.taxonomy import LABELS, PROHIBITED_LABELS, ClaimLabel

_EDGES = frozenset(" \t\n\r|,.;:!?•·-–—*~…\"'“”‘’()[]{}<>/\\#✅✔✨🔥➜→")
_KEPT_CATEGORIES = frozenset("LNM")

FRAGMENT = 5
"""Shorter spans are dropped beside longer ones of their label: an isolated word is mostly a fragment of a
claim marked elsewhere and tells a reviewer nothing."""

EFFECTS = frozenset(
    {
        ClaimLabel.DISEASE,
        ClaimLabel.WEIGHT_LOSS,
        ClaimLabel.SEXUAL,
        ClaimLabel.BODY_STRUCTURE,
        ClaimLabel.TESTIMONIAL,
        ClaimLabel.BENEFIT,
    }
)
"""Labels of claimed effects: a verb with its object, so at least two words."""

RIVALS = EFFECTS - {ClaimLabel.TESTIMONIAL}
"""Effects of which a word states one. A customer's words state an effect and are a testimonial as well
(annotation guideline, rule 26)."""

LEAD = 1.0
"""A token is no part of a span if a rival label leads by more logits than this."""

PEAK = 0.5
"""If no token passes the threshold, the span extends this many logits below the strongest token."""


def _runs(active: np.ndarray) -> Iterator[tuple[int, int]]:
    """Maximal runs ``[start, end)`` of true values."""
    padded = np.concatenate([[False], active, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(padded))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(end)


def _snap(reading: Reading, start: int, end: int, edges: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Extend a span of the original to the surrounding word boundaries."""
    left = int(np.searchsorted(edges, start, side="right")) - 1
    right = int(np.searchsorted(edges, end, side="left"))
    if left >= 0:
        start = int(edges[left])
    if right < len(edges):
        end = int(edges[right])
    return start, min(end, len(reading.original))


def _trim(shown: OffsetText, start: int, end: int) -> tuple[int, int]:
    """Strip punctuation from a span of the original; a character reference or tag is never cut."""
    first, last = shown.span_of_original(start, end) or (0, 0)
    while first < last and _is_edge(shown.text[first]):
        first += 1
    while last > first and _is_edge(shown.text[last - 1]):
        last -= 1
    return shown.original_span(first, last) if first < last else (start, start)


def _floors(scores: ListingScores, calibration: Calibration, offered: bool) -> dict[ClaimLabel, float]:
    """The probability threshold of each label."""
    floors = {label: calibration.label_thresholds[label].report for label in LABELS}
    if calibration.risk_probability(scores, offered) < calibration.risk_thresholds.sure:
        return floors
    best = scores.label_logits
    found = {
        label: calibration.claim_probability(label, float(best[LABELS.index(label)]), scores.lexical)
        for label in PROHIBITED_LABELS
    }
    if all(probability < floors[label] for label, probability in found.items()):
        strongest = max(found, key=lambda label: found[label])
        floors[strongest] = found[strongest]
    return floors


def _words(shown: OffsetText, edges: npt.NDArray[np.int64], start: int, end: int) -> int:
    """Number of words in a span of the original."""
    inside = edges[(edges > start) & (edges < end)].tolist()
    pieces = (shown.span_of_original(a, b) or (0, 0) for a, b in pairwise([start, *inside, end]))
    return sum(any(not _is_edge(char) for char in shown.text[a:b]) for a, b in pieces)


def _is_edge(char: str) -> bool:
    return char in _EDGES or (
        char not in {"%", "+"} and unicodedata.category(char)[0] not in _KEPT_CATEGORIES
    )


def _without_fragments(found: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    whole = [span for span in found if span[1] - span[0] >= FRAGMENT]
    return whole or found


def find_claims(
    reading: Reading, scores: ListingScores, calibration: Calibration, offered: bool = False
) -> list[Claim]:
    """Claims above their label's report threshold, in reading order.

    If the risk is sure but no prohibited label reaches its threshold, the most probable one is marked anyway:
    a verdict must point at words. ``offered`` as in
    :meth:`~inference.model.calibration.Calibration.risk_probability`.

    A span is a run of tokens above the token threshold that contains one above the seed threshold and whose
    strongest token lifts the label's probability over the report threshold (two thresholds as in the
    hysteresis of Canny, 1986). Tokens of which another reported effect is far likelier (:data:`RIVALS`) are
    left out, unless the label would lose all of its spans. If a label reaches its threshold while no token
    passes these, its span lies around its strongest token, so every reported label has words.

    Spans are extended to whole words and stripped of punctuation; a single topic word ("skin", "strong")
    counts as a claimed effect only if the label is sure. Spans of one label do not overlap, and none shorter
    than :data:`FRAGMENT` is kept beside a longer one.
    """
    if not len(scores.tokens):
        return []
    mapped = reading.mapped
    inside = [mapped.starts[at] for at in reading.word_starts if at < len(reading.text)]
    edges = np.array([*inside, mapped.ends[-1]], np.int64)
    floors = _floors(scores, calibration, offered)
    reported = [
        (column, label)
        for column, label in enumerate(LABELS)
        if calibration.claim_probability(label, float(scores.tags[:, column].max()), scores.lexical)
        >= floors[label]
    ]
    contested = _contested(scores.tags, [column for column, label in reported if label in RIVALS])
    claims: list[Claim] = []
    for column, label in reported:
        floor = floors[label]
        found = _spans(reading, scores, calibration, label, contested[:, column], floor, edges) or _spans(
            reading, scores, calibration, label, scores.tags[:, column], floor, edges
        )
        claims += [
            Claim(start=a, end=b, label=label, probability=p, text=reading.original[a:b])
            for a, b, p in _without_fragments(found)
        ]
    claims.sort(key=lambda claim: (claim.start, claim.end, LABELS.index(claim.label)))
    return claims


def _contested(tags: Floats, columns: Sequence[int]) -> Floats:
    """The logits, minus infinity where another of these labels leads by more than :data:`LEAD`."""
    contested = tags.copy()
    if not columns:
        return contested
    rivals = tags[:, columns]
    contested[:, columns] = np.where(rivals < rivals.max(axis=1, keepdims=True) - LEAD, -np.inf, rivals)
    return contested


def _spans(
    reading: Reading,
    scores: ListingScores,
    calibration: Calibration,
    label: ClaimLabel,
    logits: Floats,
    floor: float,
    edges: npt.NDArray[np.int64],
) -> list[tuple[int, int, float]]:
    """Start, end and probability of one label's spans, by the logits of the tokens, shape ``(tokens,)``."""
    starts, ends = scores.tokens.starts, scores.tokens.ends
    blank = starts == ends
    cut = logit_of(calibration.token_threshold)
    seed = logit_of(max(calibration.seed_threshold, calibration.token_threshold))
    strongest = float(logits.max())
    found: list[tuple[int, int, float]] = []
    active = logits >= min(cut, strongest - PEAK)
    # A blank token between two tokens of a claim belongs to it.
    active[1:-1] |= blank[1:-1] & active[:-2] & active[2:]
    for first, last in _runs(active):
        peak = float(logits[first:last].max())
        probability = calibration.claim_probability(label, peak, scores.lexical)
        if probability < floor or peak < min(seed, strongest - PEAK):
            continue
        start, end = _snap(reading, int(starts[first]), int(ends[first:last].max()), edges)
        start, end = _trim(reading.shown, start, end)
        lone = label in EFFECTS and _words(reading.shown, edges, start, end) < 2
        if start >= end or (lone and probability < calibration.label_thresholds[label].sure):
            continue
        if found and start < found[-1][1]:
            before = found.pop()
            start, end, probability = before[0], max(end, before[1]), max(probability, before[2])
        found.append((start, end, probability))
    return found
