"""Fits calibrations for a release, and measures real texts with ones that have not seen them."""

import shutil
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inference.classifier import Classifier
from inference.model.bundle import (
    CALIBRATION,
    LEXICAL,
    MANIFEST,
    MODEL,
    TOKENIZER,
    Bundle,
    load_bundle,
    write_manifest,
)
from inference.model.calibration import Calibration
from inference.model.encoding import Encoder
from inference.model.lexical import LexicalModel
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.scores import ListingScores, Runtime, score
from inference.model.windows import WindowShape
from inference.text.reading import Reading, read
from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation
from training.data.real import RealTexts, by_channel, halves, joined, shift_gap, write_real_report
from training.evaluation.calibrate import calibrate
from training.evaluation.evaluate import Measured, figures, run

Say = Callable[[str], None]


class CollapsedModelError(RuntimeError):
    """The model gives every listing the same answer: training collapsed; nothing was released."""


def variant(bundle: Path, folder: Path, model: Path, calibration: Calibration, words: bool) -> Path:
    """The same bundle with another model file or calibration, or without its bag-of-words model.

    It is evaluated beside the bundle, so that the report shows what each part contributes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, folder / MODEL)
    linear = words and (bundle / LEXICAL).exists()
    for name in (TOKENIZER, LEXICAL) if linear else (TOKENIZER,):
        shutil.copyfile(bundle / name, folder / name)
    (folder / CALIBRATION).write_text(calibration.model_dump_json(), encoding="utf-8")
    write_manifest(folder, load_bundle(bundle).manifest)
    return folder


@dataclass(frozen=True)
class Fitting:
    """Inputs of a calibration, all in the same order; see :func:`training.evaluation.calibrate.calibrate`."""

    records: Sequence[Annotation]
    readings: Sequence[Reading]
    scores: Sequence[ListingScores]
    real: Sequence[bool]

    @classmethod
    def scored(
        cls,
        validation: Sequence[Annotation],
        real: RealTexts | None,
        encoder: Encoder,
        runtime: Runtime,
        shape: WindowShape,
    ) -> "Fitting":
        """The validation texts, then the real ones, with the encoder's scores alone."""
        records = [*validation, *(real.validation if real else ())]
        readings = [read(record.text) for record in records]
        scores = [score(reading, encoder, runtime, shape) for reading in readings]
        return cls(records, readings, scores, [k >= len(validation) for k in range(len(records))])

    @classmethod
    def of_bundle(cls, bundle: Bundle, real: RealTexts) -> "Fitting":
        """The written validation split and the real texts, with the scores of all models of a bundle."""
        encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
        runtime = OnnxRuntime(bundle.model_path)
        alone = cls.scored(load_split(Split.VALIDATION), real, encoder, runtime, bundle.manifest.shape)
        return with_words(alone, LexicalModel.load(bundle.lexical_path)) if bundle.lexical_path else alone

    def calibration(self) -> Calibration:
        """The calibration fitted on all of it."""
        return calibrate(self.records, self.readings, self.scores, self.real)

    def without(self, ids: Set[str]) -> "Fitting":
        """A copy without some records."""
        kept = [i for i, record in enumerate(self.records) if record.id not in ids]
        return Fitting(
            [self.records[i] for i in kept],
            [self.readings[i] for i in kept],
            [self.scores[i] for i in kept],
            [self.real[i] for i in kept],
        )


def with_words(alone: Fitting, lexical: LexicalModel) -> Fitting:
    """The encoder's scores with those of the bag-of-words model added.

    Raises:
        CollapsedModelError: the encoder gives every listing the same scores.
    """
    scores = alone.scores
    if len(scores) > 1 and np.ptp([s.label_logits for s in scores], axis=0).max() < 0.5:
        raise CollapsedModelError(
            "the trained model gives every listing the same answer: training collapsed. Lower the learning "
            "rate (ruthan train --rate) or start from another seed (--seed)"
        )
    return replace(
        alone,
        scores=[replace(s, lexical=lexical.score(r)) for s, r in zip(scores, alone.readings, strict=True)],
    )


def real_metrics(
    fitting: Fitting, bundle: Path, work: Path, real: RealTexts | None, test: Measured, say: Say
) -> dict[str, object]:
    """Metrics on real validation texts, and their gap to those on the written test split."""
    if real is None or not real.validation:
        return {}
    say("measuring on real validation texts, each half calibrated on the other …")
    found = by_channel(measured_on_real(fitting, bundle, work, real.validation))
    write_real_report(found, work / "report" / "real.json")
    return {"real": found, "shift_gap": shift_gap(figures(test), found["all"])}


def measured_on_real(fitting: Fitting, bundle: Path, work: Path, records: Sequence[Annotation]) -> Measured:
    """Each half of the real validation texts, assessed with a calibration fitted without that half."""
    parts = []
    for number, half in enumerate(halves(records)):
        calibration = fitting.without({record.id for record in half}).calibration()
        folder = variant(bundle, work / f"half-{number}", bundle / MODEL, calibration, words=True)
        parts.append(run(Classifier(folder), half))
    return joined(parts)


def put_in_place(made: Path, bundle: Path) -> None:
    """Move a finished bundle's files, the manifest last: without it the folder is not a bundle."""
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / MANIFEST).unlink(missing_ok=True)
    for file in sorted(made.iterdir(), key=lambda path: path.name == MANIFEST):
        shutil.move(file, bundle / file.name)
    made.rmdir()
