"""Compares a bundle's figures on the real texts for training with those on the validation texts.

    python -m benchmarks.texts.learnt_texts [--bundle FOLDER] [--texts var/real]

A model that is good on the former alone lacks texts; one that is bad on both is too small, or has uneven
annotations. Texts that were annotated after the bundle was trained are among the former. Both are assessed
with the bundle's own calibration, which was fitted on validation texts.
"""

from rich.console import Console
from rich.table import Table

from benchmarks.texts.real_options import bundle_and_texts
from inference.classifier import Classifier
from training.data.real import RealTexts, by_channel
from training.evaluation.evaluate import run

FIGURES = {
    "average precision": "average_precision",
    "seen": "seen",
    "four verdicts": "verdict_accuracy",
    "offer": "offer_accuracy",
    "class": "class_accuracy",
    "span F1": "span_f1",
    "macro F1": "macro_f1",
}


def main() -> None:
    """Measure and print."""
    bundle, texts = bundle_and_texts(__doc__)
    real = RealTexts.load(texts)
    classifier = Classifier(bundle)
    table = Table("channel", "texts", "number", *FIGURES)
    measured = {
        name: by_channel(run(classifier, records))
        for name, records in (("for training", real.train), ("validation", real.validation))
    }
    for channel in measured["validation"]:
        for name, figures in measured.items():
            found = figures[channel]
            values = (found[key] for key in FIGURES.values())
            shown = ("-" if value is None else f"{value:.3f}" for value in values)
            table.add_row(channel, name, str(found["listings"]), *shown)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
