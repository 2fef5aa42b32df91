"""Turns a trained model into a bundle: export, int8, calibration, metrics, card, manifest."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from inference.classifier import Classifier
from inference.model.bundle import (
    CALIBRATION,
    CARD,
    DETECTOR,
    LEXICAL,
    METRICS,
    MODEL,
    SCREEN,
    TOKENIZER,
    Manifest,
    write_manifest,
)
from inference.model.encoding import Encoder
from inference.model.lexical import LexicalModel
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.versioned_folder import sha256_of
from inference.model.windows import WindowShape
from labels.dataset.everyday import everyday_path
from labels.dataset.shipped import Split, split_path
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS
from labels.version import VERSION
from training.data.examples import sample_windows
from training.data.real import RealTexts
from training.evaluation.card import model_card
from training.evaluation.evaluate import figures, run
from training.evaluation.peers import measure_peers
from training.evaluation.report import write_report
from training.fit.lexical import fit_lexical
from training.fit.model import ThreeHeadModel
from training.fit.smoothing import SMOOTHING_WINDOWS
from training.releasing.export import Parity, TorchRuntime, export_onnx, parity
from training.releasing.fitting import Fitting, Say, put_in_place, real_metrics, variant, with_words
from training.releasing.prefilters import measured_prefilter, write_prefilters
from training.releasing.serving_graph import write_int8_graph

PARITY_WINDOWS = 60
"""Number of validation windows on which the int8 model is compared with PyTorch."""

MOST_FLIPS = 0.01
"""Maximum share of token tags that may flip across the threshold in int8."""


class ParityError(RuntimeError):
    """The exported model's answers differ from the trained model's; no bundle was written."""


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
    """File name -> SHA-256 of the splits in a folder; default: all shipped files."""
    paths = [split_path(part, folder) for part in Split] + ([everyday_path()] if folder is None else [])
    return {path.name: sha256_of(path) for path in paths if path.is_file()}


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
    real: RealTexts | None = None,
    made_with: Mapping[str, str] | None = None,
    version: str = VERSION,
    linear_from: Path | None = None,
) -> dict[str, object]:
    """Write a bundle folder and its evaluation report (``work/report``); return the report.

    An existing bundle is replaced once the new one is complete, and kept if that fails.

    Calibration and thresholds are fitted on the validation texts of ``real`` together with ``validation``
    (:func:`training.evaluation.calibrate.calibrate`), or on ``validation`` alone; ``test`` is only for
    evaluation, and the train texts fit the bag-of-words model.

    Args:
        dataset_sha256: of the files that the splits were read from; default: the current shipped dataset.
        other_texts: see :func:`training.fit.prefilter.fit_screen`.
        real: the real texts, if available.
        made_with: seeds, commit and library versions, for the manifest.
        version: of the bundle; default: the project's.
        linear_from: bundle whose linear model and prefilter are copied; default: they are fitted.

    Raises:
        CollapsedModelError: the model does not tell listings apart.
        ParityError: int8 flips more than :data:`MOST_FLIPS` of the token tags.
    """
    work.mkdir(parents=True, exist_ok=True)
    made = work / "unfinished"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    full = work / "model-fp32.onnx"
    learnt = [*train, *real.train] if real else list(train)
    held_out = [*validation, *real.validation] if real else list(validation)
    say("exporting to ONNX …")
    export_onnx(model, full)
    write_int8_graph(model, made / MODEL, sample_windows(learnt, encoder, shape, SMOOTHING_WINDOWS))
    full_parity = _parity(encoder, model, full, held_out, shape)
    int8_parity = _parity(encoder, model, made / MODEL, held_out, shape)
    say(f"parity with PyTorch: fp32 {full_parity.largest:.1e} at most, int8 {int8_parity.flips:.2%} turn")
    if full_parity.largest > 1e-3 or int8_parity.flips > MOST_FLIPS:
        raise ParityError(f"the export is off: fp32 {full_parity}, int8 {int8_parity}")
    encoder.tokenizer.save(str(made / TOKENIZER), pretty=False)

    if linear_from is not None:
        for file in (LEXICAL, SCREEN, DETECTOR):
            shutil.copyfile(linear_from / file, made / file)
    else:
        say("fitting the bag-of-words model …")
        fit_lexical(learnt).save(made / LEXICAL)
        write_prefilters(made, model, encoder, train, validation, other_texts, real, say)
    lexical = LexicalModel.load(made / LEXICAL)

    say("calibrating on the validation texts …")
    alone = Fitting.scored(validation, real, encoder, OnnxRuntime(made / MODEL), shape)
    fitting = with_words(alone, lexical)
    calibration = fitting.calibration()
    (made / CALIBRATION).write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")
    manifest = Manifest(
        name=name,
        version=version,
        base=base,
        base_licence=base_licence,
        created=datetime.now(UTC).date().isoformat(),
        preprocessing=encoder.preprocessing,
        window=shape.size,
        overlap=shape.overlap,
        head=shape.head,
        slack=shape.slack,
        labels=list(LABELS),
        classes=list(CLASSES),
        dataset_sha256={
            **(split_hashes() if dataset_sha256 is None else dataset_sha256),
            **(real.files if real else {}),
        },
        made_with=dict(made_with or {}),
        files={},
    )
    write_manifest(made, manifest)

    say("measuring on the test split …")
    measured = run(Classifier(made), test)
    peers = measure_peers(made, measured, say)
    without_words = alone.calibration()
    variants = {
        "not quantized": variant(made, work / "not-quantized", full, calibration, words=True),
        "encoder alone": variant(made, work / "encoder-alone", made / MODEL, without_words, words=False),
    }
    columns = {name: figures(run(Classifier(folder), test)) for name, folder in variants.items()}
    peers = replace(peers, columns={**columns, **peers.columns})
    report = write_report(measured, name, "test split", peers, work / "report")
    metrics = {
        **real_metrics(fitting, made, work, real, measured, say),
        "test": report["figures"],
        "columns": report["columns"],
        "twins": report["twins"],
        "parity_fp32": asdict(full_parity),
        "parity_int8": asdict(int8_parity),
        "screen": measured_prefilter(made, test, real),
    }
    (made / METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    (made / CARD).write_text(model_card(manifest, metrics), encoding="utf-8")
    write_manifest(made, manifest)
    put_in_place(made, bundle)
    return report
