"""Swaps claims between listings, so that a page and its claims are not learnt by heart together.

Mention replacement (Dai and Adel, 2020, https://aclanthology.org/2020.coling-main.343).
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator

from labels.schema import Annotation
from labels.taxonomy import ClaimLabel, ProductClass
from training.augmentation.edits import Edit, apply_edits

_SWAPPED = 0.6
"""Probability for each claim of a listing that is changed."""
_CANDIDATES = 6
"""Claims that are drawn to find one of a similar length."""
_SHORTEST, _LONGEST = 0.4, 2.5
"""Length of a claim in that of the claim that it replaces."""

_Kind = tuple[ProductClass, frozenset[ClaimLabel]]


class ClaimSwapper:
    """Replaces claims by others with the same labels in listings of the same class.

    Args:
        records: source of the claims.
        rng: random numbers.
    """

    def __init__(self, records: Iterable[Annotation], rng: random.Random) -> None:
        self.random = rng
        self._claims: dict[_Kind, list[str]] = defaultdict(list)
        for record in records:
            for start, end, labels in _separate_claims(record):
                # A line break would split the line that the claim is put into.
                if "\n" not in (words := record.text[start:end]):
                    self._claims[record.product_class, labels].append(words)

    def __call__(self, record: Annotation) -> Annotation:
        """A copy with other claims; the record itself if nothing was replaced."""
        edits = []
        for start, end, labels in _separate_claims(record):
            pool = self._claims[record.product_class, labels]
            if pool and self.random.random() < _SWAPPED:
                drawn = self.random.sample(pool, min(_CANDIDATES, len(pool)))
                lengths = _SHORTEST * (end - start), _LONGEST * (end - start)
                new = next((words for words in drawn if lengths[0] < len(words) < lengths[1]), None)
                edits += [Edit(start, end, new)] if new else []
        return apply_edits(record, edits)


def _separate_claims(record: Annotation) -> Iterator[tuple[int, int, frozenset[ClaimLabel]]]:
    """Start, end and labels of each claim that shares no letter with one of other borders."""
    labels: dict[tuple[int, int], set[ClaimLabel]] = defaultdict(set)
    for span in record.spans:
        labels[span.start, span.end].add(span.label)
    places = list(labels)
    for start, end in places:
        if not any(s < end and start < e for s, e in places if (s, e) != (start, end)):
            yield start, end, frozenset(labels[start, end])
