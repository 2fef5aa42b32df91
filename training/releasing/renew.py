"""Upgrades a released bundle: same weights in the current serving graph, a prefilter, new metrics."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inference.classifier import Classifier
from inference.model.bundle import (
    CALIBRATION,
    CARD,
    LEXICAL,
    METRICS,
    MODEL,
    TOKENIZER,
    load_bundle,
    write_manifest,
)
from inference.model.encoding import Encoder
from labels.dataset.shipped import Split, load_split
from training.base.bundle import base_from_bundle
from training.data.examples import sample_windows
from training.evaluation.card import model_card
from training.evaluation.evaluate import figures, run
from training.fit.model import ThreeHeadModel
from training.fit.smoothing import SMOOTHING_WINDOWS
from training.releasing.prefilters import measured_prefilter, write_prefilters
from training.releasing.serving_graph import write_int8_graph

COMPARED = (
    "average_precision",
    "recall_at_precision_95",
    "macro_f1",
    "span_f1",
    "class_accuracy",
    "offer_accuracy",
    "verdict_accuracy",
)
"""Metrics that show whether two graphs of one model give the same answers."""


def renew(
    source: Path,
    target: Path,
    data: Path | None = None,
    other_texts: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> dict[str, tuple[float | None, float | None]]:
    """Write ``target`` from a bundle and return each of :data:`COMPARED`, for the source and the target.

    Weights, tokenizer, calibration and the bag-of-words model are kept; the test split is evaluated again,
    while the other columns of its metrics are copied.

    Raises:
        BundleError: the source is not a bundle.
        BaseUnavailableError: its graph cannot be read back.
    """
    old = load_bundle(source)
    target.mkdir(parents=True, exist_ok=True)
    for name in (TOKENIZER, CALIBRATION, LEXICAL):
        if name in old.manifest.files:
            shutil.copyfile(old.folder / name, target / name)
    train = load_split(Split.TRAIN, data)
    with tempfile.TemporaryDirectory() as folder:
        say("writing the serving graph …")
        base_from_bundle(old, Path(folder))
        encoder = Encoder.from_file(old.tokenizer_path, old.manifest.preprocessing)
        windows = sample_windows(train, encoder, old.manifest.shape, SMOOTHING_WINDOWS)
        model = ThreeHeadModel.from_pretrained(folder)
        write_int8_graph(model, target / MODEL, windows)
    validation = load_split(Split.VALIDATION, data)
    write_prefilters(target, model, encoder, train, validation, other_texts, say=say)
    write_manifest(target, old.manifest)
    test = load_split(Split.TEST, data)
    measured: list[dict[str, Any]] = []
    for folder_of_one in (old.folder, target):
        say(f"measuring {folder_of_one} on the test split …")
        measured.append(figures(run(Classifier(folder_of_one), test)))
    before, after = measured
    if METRICS in old.manifest.files:
        metrics = json.loads((old.folder / METRICS).read_text(encoding="utf-8"))
        metrics |= {"test": after, "screen": measured_prefilter(target, test)}
        (target / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
        (target / CARD).write_text(model_card(old.manifest, metrics), encoding="utf-8")
        write_manifest(target, old.manifest)
    return {name: (before[name], after[name]) for name in COMPARED}
