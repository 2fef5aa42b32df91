"""What the prefilter skips: ordinary goods, prohibited texts, and single claims among ordinary goods.

    python -m benchmarks.texts.screened [--bundle FOLDER] [--texts var/real]

The real texts are those of validation, whose prohibited ones set the thresholds. A buried claim is
one marked span of each prohibited text, with as many characters of held-out everyday listings before and
after it as its row says.
"""

import random
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.texts.real_options import bundle_and_texts
from inference.bulk.screening import Screening
from inference.model.bundle import load_bundle
from inference.model.prefilter import Prefilter
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass
from training.data.real import RealTexts
from training.evaluation.calibrate import is_prohibited
from training.fit.prefilter import prohibited_texts

AROUND = (0, 100, 300, 800)
SHORTEST = 10
"""A shorter span says too little without its text."""


def claims_of(records: Sequence[Annotation], chance: random.Random) -> Iterator[str]:
    """Yield one marked claim of each prohibited text."""
    for record in records:
        found = [
            record.text[span.start : span.end]
            for span in record.spans
            if span.label in PROHIBITED_LABELS
            and span.label is not ClaimLabel.RESTRICTED_SALE
            and span.end - span.start >= SHORTEST
        ]
        if is_prohibited(record) and found:
            yield chance.choice(found)


def buried(claim: str, goods: Sequence[str], around: int, chance: random.Random) -> str:
    """Return a claim on a line of its own, with so many characters of goods on both sides."""
    sides = ["", ""]
    for side in range(2):
        while len(sides[side]) < around:
            sides[side] += chance.choice(goods) + "\n"
    return f"{sides[0][len(sides[0]) - around :]}\n{claim}\n{sides[1][:around]}"


def main() -> None:
    """Measure and print."""
    folder, real_texts = bundle_and_texts(__doc__)
    bundle = load_bundle(folder)
    if bundle.screen_path is None:
        raise SystemExit("the bundle has no prefilter")
    linear, both, chance = Prefilter.load(bundle.screen_path), Screening(bundle), random.Random(0)
    real = RealTexts.load(real_texts).validation
    goods = [record.text for record in load_everyday(EverydayPart.HELD_OUT)]
    claims = list(claims_of(real, chance))
    kinds = {
        "held-out everyday listings": goods,
        "real texts unrelated to health": [r.text for r in real if r.product_class is ProductClass.OTHER],
        "real prohibited texts and their disguised twins": prohibited_texts(real),
        "written prohibited texts of the test split and their twins": prohibited_texts(
            load_split(Split.TEST)
        ),
    }
    for around in AROUND:
        name = f"one claim among {around} + {around} characters of goods" if around else "one claim alone"
        kinds[name] = [buried(claim, goods, around, chance) for claim in claims]
    table = Table("texts", "number", "skipped by the linear model alone", "by the prefilter")
    for name, texts in kinds.items():
        shares = (
            sum(map(lets_out, texts)) / max(1, len(texts)) for lets_out in (linear.lets_out, both.lets_out)
        )
        table.add_row(name, str(len(texts)), *(f"{share:.3f}" for share in shares))
    Console().print(table)


if __name__ == "__main__":
    main()
