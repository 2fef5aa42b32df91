"""Real texts that are not offers (news, reports, articles) as additional negatives.

They add the style of warnings and newspapers, which the dataset's authors could only imitate. Their topic is
unknown, so the product class is masked in training.
"""

import random
import re
from collections.abc import Sequence

from labels.schema import Annotation
from training.data.texts import as_records

LONGEST = 900
"""Length in characters of the passage taken from each text."""

_BREAK = re.compile(r"\s+")


def non_offers(texts: Sequence[str], seed: int = 0) -> list[Annotation]:
    """One record without claims per text: its beginning, or every other time a later passage.

    The class is set to ``other`` because a record must have one; training masks it.
    """
    rng = random.Random(seed)  # noqa: S311 - which passage is read
    passages = []
    for number, text in enumerate(texts):
        start = 0
        if number % 2 and len(text) > 2 * LONGEST:
            start = rng.randrange(len(text) - LONGEST)
            after = _BREAK.search(text, start)
            start = after.end() if after else start
        passages.append(text[start : start + LONGEST].strip())
    return as_records([passage for passage in passages if passage], "non-offer")
