"""How figures grow with the number of training listings, for the linear model on words.

It is fitted in seconds, so that the curve can be drawn anywhere; the encoder's own points stand in the
documentation of training. Measured on the validation split.

    python -m benchmarks.learning_curve
"""

import random

from rich.console import Console
from rich.table import Table

from labels.dataset import Split, load_split
from labels.splits import families
from training.baselines import linear_figures
from training.lexical import fit_lexical

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
COLUMNS = ("average_precision", "recall_at_precision_95", "macro_f1", "class_accuracy", "offer_accuracy")


def main() -> None:
    """Fit on growing shares of the training split, families whole, and print a table."""
    train, validation = load_split(Split.TRAIN), load_split(Split.VALIDATION)
    groups = families(train)
    random.Random(0).shuffle(groups)
    table = Table(title="linear model on words, validation split")
    for name in ("listings", *COLUMNS):
        table.add_column(name, justify="right")
    for share in SHARES:
        chosen = [train[i] for group in groups[: round(share * len(groups))] for i in group]
        figures = linear_figures(fit_lexical(chosen), validation)
        table.add_row(f"{len(chosen):,}", *(f"{figures[name]:.3f}" for name in COLUMNS))
    Console().print(table)


if __name__ == "__main__":
    main()
