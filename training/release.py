"""Turning a trained model into a bundle: export, int8, calibration, figures, card, manifest."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from inference.bundle import (
    CALIBRATION,
    CARD,
    LEXICAL,
    MANIFEST,
    METRICS,
    MODEL,
    SCREEN,
    TOKENIZER,
    Manifest,
    load_bundle,
    write_manifest,
)
from inference.calibration import Calibration
from inference.classifier import Classifier
from inference.encoding import Encoder
from inference.lexical import LexicalModel
from inference.onnx_runtime import OnnxRuntime
from inference.reading import read
from inference.scores import score
from inference.screen import Screen
from inference.versioned_folder import sha256_of
from inference.windows import WindowShape
from labels.dataset import Split, split_path
from labels.everyday import everyday_path
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS
from labels.version import VERSION
from training.calibrate import calibrate
from training.card import model_card
from training.evaluate import figures, run
from training.examples import sample_windows
from training.export import Parity, TorchRuntime, export_onnx, parity
from training.lexical import fit_lexical
from training.model import ThreeHeadModel
from training.peers import measure_peers
from training.report import write_report
from training.screen import fit_screen, screen_figures
from training.serving_graph import write_int8_graph
from training.smoothing import SMOOTHING_WINDOWS

PARITY_WINDOWS = 60
"""Windows of the validation split on which the int8 model is compared with PyTorch."""

MOST_FLIPS = 0.01
"""Share of token tags that may change sides in int8."""

Say = Callable[[str], None]


class CollapsedModelError(RuntimeError):
    """The model answers the same for every listing: training collapsed; nothing was released."""


class ParityError(RuntimeError):
    """The exported model does not answer as the trained one did; no bundle was written."""


def _parity(
    encoder: Encoder,
    model: ThreeHeadModel,
    onnx: Path,
    records: Sequence[Annotation],
    shape: WindowShape,
) -> Parity:
    windows = sample_windows(records, encoder, shape, PARITY_WINDOWS)
    return parity(TorchRuntime(model), OnnxRuntime(onnx), windows)


def split_hashes(folder: Path | None = None) -> dict[str, str]:
    """File name -> SHA-256 of the splits in a folder; the shipped one by default, everyday listings too."""
    paths = [split_path(part, folder) for part in Split] + ([everyday_path()] if folder is None else [])
    return {path.name: sha256_of(path) for path in paths if path.is_file()}


def _variant(bundle: Path, folder: Path, model: Path, calibration: Calibration, words: bool) -> Path:
    """The same bundle with another model file or calibration, or without its linear model on words.

    Measured beside the bundle, so that the report shows what each part gives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, folder / MODEL)
    for name in (TOKENIZER, LEXICAL) if words else (TOKENIZER,):
        shutil.copyfile(bundle / name, folder / name)
    (folder / CALIBRATION).write_text(calibration.model_dump_json(), encoding="utf-8")
    write_manifest(folder, load_bundle(bundle).manifest)
    return folder


def _put_in_place(made: Path, bundle: Path) -> None:
    """Move a finished bundle's files; without its manifest, which comes last, the folder is no bundle."""
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / MANIFEST).unlink(missing_ok=True)
    for file in sorted(made.iterdir(), key=lambda path: path.name == MANIFEST):
        shutil.move(file, bundle / file.name)
    made.rmdir()


def release(
    model: ThreeHeadModel,
    encoder: Encoder,
    shape: WindowShape,
    name: str,
    base: str,
    base_licence: str,
    validation: Sequence[Annotation],
    test: Sequence[Annotation],
    train: Sequence[Annotation],
    work: Path,
    bundle: Path,
    say: Say = print,
    dataset_sha256: Mapping[str, str] | None = None,
    other_texts: Sequence[str] = (),
) -> dict[str, object]:
    """Write a bundle folder and its evaluation report (``work/report``); return the report.

    A bundle that is there already is replaced when the new one is finished, and stays if that fails.

    Everything is fitted on ``validation``; ``test`` is only measured, and ``train`` teaches the linear
    model that stands beside.

    Args:
        dataset_sha256: of the files that the splits were read from; those of the shipped dataset, as they
            are now, by default.
        other_texts: see :func:`training.screen.fit_screen`.

    Raises:
        CollapsedModelError: the model does not tell listings apart.
        ParityError: int8 turns more than :data:`MOST_FLIPS` of the token tags.
    """
    work.mkdir(parents=True, exist_ok=True)
    made = work / "unfinished"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    full = work / "model-fp32.onnx"
    say("exporting to ONNX …")
    export_onnx(model, full)
    write_int8_graph(model, made / MODEL, sample_windows(train, encoder, shape, SMOOTHING_WINDOWS))
    full_parity = _parity(encoder, model, full, validation, shape)
    int8_parity = _parity(encoder, model, made / MODEL, validation, shape)
    say(f"parity with PyTorch: fp32 {full_parity.largest:.1e} at most, int8 {int8_parity.flips:.2%} turn")
    if full_parity.largest > 1e-3 or int8_parity.flips > MOST_FLIPS:
        raise ParityError(f"the export is off: fp32 {full_parity}, int8 {int8_parity}")
    encoder.tokenizer.save(str(made / TOKENIZER), pretty=False)

    say("fitting the linear model on words …")
    fit_lexical(train).save(made / LEXICAL)
    lexical = LexicalModel.load(made / LEXICAL)
    say("fitting the screen …")
    fit_screen(train, validation, other_texts).save(made / SCREEN)

    say("calibrating on the validation split …")
    runtime = OnnxRuntime(made / MODEL)
    readings = [read(record.text) for record in validation]
    alone = [score(r, encoder, runtime, shape) for r in readings]
    scores = [replace(s, lexical=lexical.score(r)) for s, r in zip(alone, readings, strict=True)]
    if len(scores) > 1 and np.ptp([s.label_logits for s in scores], axis=0).max() < 0.5:
        raise CollapsedModelError(
            "the trained model gives every listing the same answer: training collapsed. Lower the learning "
            "rate (ruthan train --rate) or start from another seed (--seed)"
        )
    calibration = calibrate(validation, readings, scores)
    (made / CALIBRATION).write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")
    manifest = Manifest(
        name=name,
        version=VERSION,
        base=base,
        base_licence=base_licence,
        created=datetime.now(UTC).date().isoformat(),
        preprocessing=encoder.preprocessing,
        window=shape.size,
        overlap=shape.overlap,
        head=shape.head,
        labels=list(LABELS),
        classes=list(CLASSES),
        dataset_sha256=dict(split_hashes() if dataset_sha256 is None else dataset_sha256),
        files={},
    )
    write_manifest(made, manifest)

    say("measuring on the test split …")
    measured = run(Classifier(made), test)
    peers = measure_peers(made, measured, say)
    without_words = calibrate(validation, readings, alone)
    variants = {
        "not quantized": _variant(made, work / "not-quantized", full, calibration, words=True),
        "encoder alone": _variant(made, work / "encoder-alone", made / MODEL, without_words, words=False),
    }
    columns = {name: figures(run(Classifier(folder), test)) for name, folder in variants.items()}
    peers = replace(peers, columns={**columns, **peers.columns})
    report = write_report(measured, name, "test split", peers, work / "report")
    metrics = {
        "test": report["figures"],
        "columns": report["columns"],
        "twins": report["twins"],
        "parity_fp32": asdict(full_parity),
        "parity_int8": asdict(int8_parity),
        "screen": screen_figures(Screen.load(made / SCREEN), test),
    }
    (made / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    (made / CARD).write_text(model_card(manifest, metrics), encoding="utf-8")
    write_manifest(made, manifest)
    _put_in_place(made, bundle)
    return report
