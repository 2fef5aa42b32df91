"""What single choices of training give: short fine-tunings that differ in one thing.

    python -m benchmarks.ablations --non-offers news.jsonl.gz       # all rows: an hour and more on two cores
    python -m benchmarks.ablations --only "as it is" --base runs/pretrained/model

Each is trained on the same share of the train split, kin together, from the same base and seed, and measured
on the validation split as the encoder alone, in int8, calibrated by itself. Short runs on little data magnify
what a choice gives: read the signs and the order rather than the sizes.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from inference.bundle import CALIBRATION, MODEL, TOKENIZER, load_bundle, shipped_bundle, write_manifest
from inference.classifier import Classifier
from inference.encoding import Encoder
from inference.onnx_runtime import OnnxRuntime
from inference.reading import read
from inference.scores import score
from labels.dataset import Split, load_split
from labels.everyday import EverydayPart, load_everyday
from labels.schema import Annotation
from labels.splits import families
from labels.taxonomy import Verdict
from training.augment import Shares
from training.base.resolve import resolve_base
from training.base.tokenizer import load_encoder
from training.calibrate import calibrate
from training.evaluate import figures, run
from training.examples import sample_windows, shape_for
from training.fine_tune import Recipe, fine_tune
from training.model import LossWeights, ThreeHeadModel
from training.non_offers import non_offers
from training.renew import COMPARED
from training.serving_graph import write_int8_graph
from training.smoothing import SMOOTHING_WINDOWS
from training.texts import read_texts


@dataclass(frozen=True)
class Choice:
    """One run: what of the recipe is other, and whether texts that sell nothing unlawful are read."""

    changes: dict[str, Any] = field(default_factory=dict)
    everyday: bool = True
    non_offers: bool = True


CHOICES = {
    "as it is": Choice(),
    "no loss on the strongest token": Choice({"losses": LossWeights(pool=0.0)}),
    "tagged tokens weigh no more": Choice({"losses": LossWeights(positive=1.0)}),
    "all losses weigh the same": Choice({"losses": LossWeights(1.0, 1.0, 1.0, 1.0)}),
    "no everyday goods, no news": Choice(everyday=False, non_offers=False),
    "listings as they are written": Choice({"changes": Shares(0.0, 0.0, 0.0, 0.0, 0.0)}),
}


def share_of(records: Sequence[Annotation], share: float) -> list[Annotation]:
    """A random share of records, kin together."""
    groups = families(records)
    random.Random(0).shuffle(groups)
    return [records[i] for group in groups[: round(share * len(groups))] for i in group]


def measured(
    model: ThreeHeadModel, encoder: Encoder, train: Sequence[Annotation], folder: Path
) -> dict[str, Any]:
    """Figures on the validation split, and how many everyday listings held out are not let through."""
    shape = shape_for(encoder)
    folder.mkdir(parents=True)
    write_int8_graph(model, folder / MODEL, sample_windows(train, encoder, shape, SMOOTHING_WINDOWS))
    encoder.tokenizer.save(str(folder / TOKENIZER), pretty=False)
    manifest = load_bundle(shipped_bundle()).manifest.model_copy(
        update={
            "preprocessing": encoder.preprocessing,
            "window": shape.size,
            "overlap": shape.overlap,
            "head": shape.head,
        }
    )
    validation = load_split(Split.VALIDATION)
    readings = [read(record.text) for record in validation]
    runtime = OnnxRuntime(folder / MODEL)
    calibration = calibrate(validation, readings, [score(r, encoder, runtime, shape) for r in readings])
    (folder / CALIBRATION).write_text(calibration.model_dump_json(), encoding="utf-8")
    write_manifest(folder, manifest)
    classifier = Classifier(folder)
    everyday = run(classifier, load_everyday(EverydayPart.HELD_OUT)).answers
    return {
        **figures(run(classifier, validation)),
        "everyday": f"{sum(a.verdict is not Verdict.CLEAR for a in everyday)}/{len(everyday)}",
    }


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", default="compact")
    parser.add_argument("--share", type=float, default=1 / 3, help="of the train split and the other texts")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--non-offers", action="append", type=Path, default=[], help="as in ruthan train")
    parser.add_argument("--only", action="append", choices=list(CHOICES), help="this row; repeatable")
    parser.add_argument("--out", type=Path, default=Path("runs/ablations"))
    options = parser.parse_args()
    if options.out.exists():
        parser.error(f"{options.out} exists: name another folder with --out")

    train = share_of(load_split(Split.TRAIN), options.share)
    everyday = share_of(load_everyday(EverydayPart.FITTING), options.share)
    negatives = share_of(
        non_offers([text for path in options.non_offers for text in read_texts(path)], options.seed),
        options.share,
    )
    base = resolve_base(options.base, use_hub=True)
    encoder = load_encoder(base)
    shape = shape_for(encoder)
    validation = load_split(Split.VALIDATION)
    recipe = Recipe(epochs=options.epochs, seed=options.seed, bf16=options.bf16)
    title = (
        f"{options.base}: {len(train):,} listings, {len(everyday):,} everyday ones, {len(negatives):,} news"
    )
    table = Table(title=f"{title}, {options.epochs} epochs, seed {options.seed}")
    for name in ("choice", *COMPARED, "everyday goods not let through"):
        table.add_column(name.replace("_", " "), justify="left" if name == "choice" else "right")
    for name in options.only or CHOICES:
        choice = CHOICES[name]
        work = options.out / name.replace(" ", "-").replace(",", "")
        Console(stderr=True).print(f"{name} …")
        records = [*train, *everyday] if choice.everyday else train
        others = negatives if choice.non_offers else []
        changed = replace(recipe, **choice.changes)
        model = fine_tune(base, encoder, records, validation, work, shape, changed, class_unknown=others)
        found = measured(model, encoder, train, work / "bundle")
        (work / "figures.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        table.add_row(name, *(f"{found[key]:.3f}" for key in COMPARED), found["everyday"])
    Console(width=170).print(table)


if __name__ == "__main__":
    main()
