"""The learning curve over real training texts: the last stage with increasing numbers of them.

    python -m benchmarks.texts.real_curve --base runs/release/written/seed-1/model [--counts 0 100 400 1600]
    [--steps 400] [--annotated 1780] [--seed 1]

Every point is trained for the same number of steps from the same model of written listings, with the same
real texts for every seed. Only the encoder is evaluated, with the calibration fitted on the other half of the
validation texts. Prints a row per count and channel.
"""

import argparse
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from inference.model.encoding import Encoder
from inference.model.scores import ListingScores, score
from inference.model.spans import find_claims
from inference.model.windows import WindowShape
from inference.text.reading import read
from labels.dataset.everyday import load_training
from labels.dataset.skeletons import load_skeletons
from labels.real.standoff import Channel, channel_of
from labels.schema import Annotation
from training.base.tokenizer import load_encoder
from training.data.examples import shape_for
from training.data.likeness import like_real, likeness
from training.data.real import RealTexts, halves
from training.evaluation.calibrate import calibrate, is_prohibited
from training.evaluation.metrics import SpanCounts, average_precision
from training.fit.fine_tune import Recipe, fine_tune
from training.fit.model import ThreeHeadModel
from training.releasing.export import TorchRuntime

REAL_IN_BATCH = 5
WRITTEN = 1_800


def sample(records: Sequence[Annotation], count: int, annotated: int | None = None) -> list[Annotation]:
    """Return ``count`` texts, sampled reproducibly from the first ``annotated``; samples are nested."""
    mixed = list(records[:annotated])
    random.Random(1).shuffle(mixed)
    return mixed[:count]


def trained(base: Path, real: Sequence[Annotation], steps: int, seed: int, out: Path) -> ThreeHeadModel:
    """Run the last stage on these real texts for ``steps`` batches of eight."""
    encoder = load_encoder(base)
    written = load_training()
    if real:
        weights, _ = likeness(real, written)
        written = like_real(written, weights, WRITTEN, seed)
    written = [*load_skeletons(), *written]
    random.Random(seed).shuffle(written)
    written = written[: steps * (8 - REAL_IN_BATCH if real else 8) * 3 // 4]  # about 1.3 windows per listing
    recipe = Recipe(epochs=1, encoder_rate=1e-4, seed=seed, bf16=True, real_in_batch=REAL_IN_BATCH)
    shutil.rmtree(out, ignore_errors=True)
    return fine_tune(base, encoder, written, (), out, shape_for(encoder), recipe, real=real)


def scored(
    model: ThreeHeadModel, encoder: Encoder, shape: WindowShape, records: Sequence[Annotation]
) -> list[ListingScores]:
    """The encoder's scores for each text."""
    runtime = TorchRuntime(model)
    return [score(read(record.text), encoder, runtime, shape) for record in records]


def figures(
    records: Sequence[Annotation], scores: Sequence[ListingScores]
) -> dict[str, tuple[int, float, float]]:
    """By channel: prohibited texts, average precision, span F1, each half calibrated on the other."""
    of = {record.id: (record, found) for record, found in zip(records, scores, strict=True)}
    risk: dict[str, float] = {}
    spans = {channel: SpanCounts() for channel in (None, *Channel)}
    parts = halves(records)
    for half, other in zip(parts, reversed(parts), strict=True):
        fitted = [of[record.id][1] for record in other]
        calibration = calibrate(other, [read(r.text) for r in other], fitted, [True] * len(other))
        for record in half:
            found = of[record.id][1]
            risk[record.id] = calibration.risk_probability(found)
            claims = find_claims(read(record.text), found, calibration)
            spans[channel_of(record.platform)].add(record.spans, claims)
            spans[None].add(record.spans, claims)
    rows = {}
    for channel in (None, *Channel):
        here = [record for record in records if channel in (None, channel_of(record.platform))]
        truth = [is_prohibited(record) for record in here]
        if any(truth):
            precision = average_precision(truth, [risk[record.id] for record in here])
            rows[channel.value if channel else "all"] = (int(np.sum(truth)), precision, spans[channel].f1)
    return rows


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", type=Path)
    parser.add_argument("--models", type=Path, nargs="+", default=[])
    parser.add_argument("--counts", type=int, nargs="+", default=[0, 50, 100, 200, 400, 800, 1500])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--annotated", type=int, help="sample from the first N training texts; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=Path, default=Path("var/real"))
    parser.add_argument("--out", type=Path, default=Path("runs/real-curve"))
    arguments = parser.parse_args()
    if bool(arguments.base) == bool(arguments.models):
        parser.error("give --base or --models")
    texts = RealTexts.load(arguments.texts)
    encoder = load_encoder(arguments.base or arguments.models[0])
    points: dict[str, Callable[[], ThreeHeadModel]] = {
        str(folder): partial(ThreeHeadModel.from_pretrained, folder) for folder in arguments.models
    }
    for count in arguments.counts if arguments.base else ():
        out = arguments.out / str(count)
        real = sample(texts.train, count, arguments.annotated)
        points[f"{len(real):,} real texts"] = partial(
            trained, arguments.base, real, arguments.steps, arguments.seed, out
        )
    table = Table(title=f"{len(texts.validation):,} real validation texts")
    for column in ("model", "channel", "prohibited", "average precision", "span F1"):
        table.add_column(
            column, justify="left" if column in {"model", "channel"} else "right", overflow="fold"
        )
    for name, model in points.items():
        scores = scored(model().eval(), encoder, shape_for(encoder), texts.validation)
        for channel, (prohibited, precision, f1) in figures(texts.validation, scores).items():
            table.add_row(name, channel, str(prohibited), f"{precision:.3f}", f"{f1:.3f}")
        print(f"{name}: measured", file=sys.stderr)
    Console().print(table)


if __name__ == "__main__":
    main()
