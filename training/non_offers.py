"""Real texts that offer nothing, as negatives beside the written listings: news, reports, articles.

They say what a warning or a newspaper sounds like, which the writers of the dataset know only at second hand.
Nobody says what they are about, so the product class is not asked of them.
"""

import random
import re
from collections.abc import Sequence

from labels.schema import Annotation
from labels.taxonomy import Platform, ProductClass

LONGEST = 900
"""Characters of the one passage that is taken of a text."""

_BREAK = re.compile(r"\s+")


def non_offers(texts: Sequence[str], seed: int = 0) -> list[Annotation]:
    """One record without claims a text: its beginning, or every other time a passage from further on.

    The class is set to ``other`` because a record must have one; training is not to ask for it.
    """
    rng = random.Random(seed)  # noqa: S311 - which passage is read
    records = []
    for number, text in enumerate(texts):
        start = 0
        if number % 2 and len(text) > 2 * LONGEST:
            start = rng.randrange(len(text) - LONGEST)
            after = _BREAK.search(text, start)
            start = after.end() if after else start
        passage = text[start : start + LONGEST].strip()
        if passage:
            records.append(
                Annotation(
                    id=f"non-offer-{number}",
                    platform=Platform.WEB_SHOP,
                    product_class=ProductClass.OTHER,
                    offer=False,
                    text=passage,
                )
            )
    return records
