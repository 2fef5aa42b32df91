"""Trains and releases a bundle from a dataset folder, for ``ruthan train`` and ``ruthan retrain``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inference.model.encoding import Preprocessing
from labels.dataset.everyday import load_training
from labels.dataset.shipped import DatasetError, Split, check_splits, load_split, split_path
from labels.real.held_out import refuse_held_out
from labels.real.sealed import SealedTextError
from labels.schema import Annotation
from training.base.compact import BaseUnavailableError
from training.base.lineage import held_out_hashes, lineage_of, write_lineage
from training.base.resolve import resolve_base
from training.base.tokenizer import TokenizerError, load_encoder
from training.data.examples import shape_for
from training.data.further_texts import FurtherTexts
from training.data.non_offers import non_offers
from training.data.texts import TextsError
from training.fit.distil import LayersError
from training.fit.fine_tune import (
    FLAGSHIP_RECIPE,
    STUDENT_RECIPE,
    MissingTrackerError,
    Recipe,
    fine_tune,
)
from training.fit.resume import OtherRunError
from training.releasing.fitting import CollapsedModelError
from training.releasing.release import ParityError, release, split_hashes

FAILURES = (
    DatasetError,
    SealedTextError,
    BaseUnavailableError,
    TokenizerError,
    MissingTrackerError,
    LayersError,
    OtherRunError,
    CollapsedModelError,
    ParityError,
    TextsError,
)
"""Errors that a user can fix; each message says what to do."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        base: ``compact``, a local folder, or a hub name.
        out: working folder: checkpoints, model, report; the bundle too unless ``bundle`` says otherwise.
        name: of the bundle; default: the last part of ``base``.
        data: folder of the three splits; default: the shipped dataset.
        non_offers: files of real texts that are not offers, as further negatives.
        screen_texts: further files of texts for the prefilter only.
        real: the available real validation texts; near-duplicates are left out of both.
        epochs: like the other fields that may be ``None``, taken from the recipe by default.
        layers: see :class:`training.fit.fine_tune.Recipe`.
    """

    base: str
    out: Path
    bundle: Path | None = None
    name: str | None = None
    data: Path | None = None
    non_offers: tuple[Path, ...] = ()
    screen_texts: tuple[Path, ...] = ()
    real: Sequence[Annotation] = ()
    epochs: int | None = None
    seed: int = 1
    rate: float | None = None
    window: int | None = None
    layers: int | None = None
    bf16: bool = False
    resume: bool = False
    offline: bool = False

    @property
    def bundle_folder(self) -> Path:
        """The folder of the bundle."""
        return self.bundle or self.out / "bundle"


def train_and_release(job: Job, say: Say) -> dict[str, object]:
    """Fine-tune, export, calibrate, evaluate and write the bundle; return the evaluation report.

    ``out/model`` can be the ``base`` of a later run, which then continues from here.

    Raises:
        Exception: one of :data:`FAILURES`.
    """
    check_splits(job.data)
    train = load_training(job.data)
    validation, test = load_split(Split.VALIDATION, job.data), load_split(Split.TEST, job.data)
    if job.data is not None:
        refuse_held_out(split_path(Split.TRAIN, job.data), train)
        refuse_held_out(split_path(Split.VALIDATION, job.data), validation)
    # Hash now: training takes hours, and the files may change meanwhile.
    hashes = split_hashes(job.data)
    say(f"base {job.base} …")
    folder = resolve_base(job.base, use_hub=not job.offline)
    start = lineage_of(job.base, folder)
    hashes = held_out_hashes(hashes, start, say=say)
    encoder = load_encoder(folder)
    flagship = encoder.preprocessing is Preprocessing.WANGCHANBERTA
    shape = shape_for(encoder, job.window)
    recipe = replace(FLAGSHIP_RECIPE if flagship else Recipe(), seed=job.seed, bf16=job.bf16)
    if job.layers is not None:
        rate = recipe.encoder_rate if flagship else STUDENT_RECIPE.encoder_rate
        recipe = replace(STUDENT_RECIPE, encoder_rate=rate, seed=job.seed, bf16=job.bf16)
    asked = {"encoder_rate": job.rate, "epochs": job.epochs, "layers": job.layers}
    changes: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    recipe = replace(recipe, **changes)
    further = FurtherTexts(say, job.data, job.real)
    negatives = non_offers(further.of_files(job.non_offers), job.seed)
    for_screen = further.of_files(job.screen_texts)
    taught = "fine-tuned" if job.layers is None else f"distilled into {job.layers} layers"
    beside = f" and {len(negatives):,} texts that offer nothing" if negatives else ""
    line = f"{taught} on {len(train):,} listings{beside}"
    say(f"{line}, {recipe.epochs} epochs …")
    model = fine_tune(folder, encoder, train, validation, job.out, shape, recipe, job.resume, negatives)
    lineage = start.then(line)
    held_out = hashes.get(split_path(Split.TEST).name, "")
    write_lineage(job.out / "model", replace(lineage, test_sha256=held_out))
    return release(
        model,
        encoder,
        shape,
        name=job.name or job.base.rstrip("/").split("/")[-1],
        base=str(lineage),
        base_licence=lineage.licence,
        validation=validation,
        test=test,
        train=train,
        work=job.out,
        bundle=job.bundle_folder,
        say=say,
        dataset_sha256=hashes,
        other_texts=[*(negative.text for negative in negatives), *for_screen],
    )
