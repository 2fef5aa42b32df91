"""Retrains from reviewers' decisions, merged into the dataset; an interrupted run can be resumed.

The working folder holds ``data/`` (the merged splits, and ``reviews.json`` with the use of the reviews),
everything that training writes, and the bundle in ``bundle/``.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inference.model.bundle import CARD, METRICS, BundleError, load_bundle
from labels.dataset.everyday import load_training
from labels.dataset.shipped import Split, check_splits, load_split, split_path, write_annotations
from labels.schema import Annotation
from training.data.merge import merge
from training.fit.train import Job, Say, train_and_release

DATA = "data"
SUMMARY = "reviews.json"

Reviews = Callable[[], tuple[Sequence[Annotation], Mapping[str, int]]]
"""Annotations from reviews, oldest decision first, and the number of unusable reviews by reason."""


class RetrainError(RuntimeError):
    """There is nothing to train on, or the working folder belongs to another run.

    The message says what to do.
    """


@dataclass(frozen=True)
class Summary:
    """The use of the reviews: how many went into each split, and how many were left out, by reason."""

    used: dict[str, int]
    left_out: dict[str, int]


def prepare(
    out: Path,
    reviews: Reviews,
    dataset: Path | None = None,
    resume: bool = False,
    real: Sequence[Annotation] = (),
) -> Summary:
    """Write the merged dataset to ``out/data``; a resumed run keeps its original one.

    Args:
        dataset: folder of the splits to merge into; default: the shipped dataset. Its test split is copied
            unchanged.
        real: the real validation texts, which decide on promotion; reviews of these are left out.

    Raises:
        RetrainError: no review can be used, or ``out`` holds another run.
        DatasetError: the dataset cannot be read, or a split of it is empty.
    """
    folder = out / DATA
    if resume and (folder / SUMMARY).is_file():
        return Summary(**json.loads((folder / SUMMARY).read_text(encoding="utf-8")))
    if out.is_dir() and any(out.iterdir()) and not resume:
        raise RetrainError(f"{out} is not empty: continue that run with --resume, or name another --out")
    check_splits(dataset)
    held_out = {part: load_split(part, dataset) for part in (Split.VALIDATION, Split.TEST)}
    splits = {Split.TRAIN: load_training(dataset), **held_out}
    records, left_out = reviews()
    merged = merge(splits, records, real)
    summary = Summary(
        used={part.value: merged.used[part] for part in (Split.TRAIN, Split.VALIDATION)},
        left_out={**left_out, **merged.left_out},
    )
    if not sum(summary.used.values()):
        told = "".join(f"\n- {number}: {why}" for why, number in summary.left_out.items())
        raise RetrainError(
            "the store holds no review to train on: decide on cases in the review console first"
            + (f". Left out:{told}" if told else "")
        )
    # Atomic: a resumed run must not find half a dataset.
    draft = out / f"{DATA}.partial"
    shutil.rmtree(draft, ignore_errors=True)
    write_annotations(split_path(Split.TRAIN, draft), merged.train)
    write_annotations(split_path(Split.VALIDATION, draft), merged.validation)
    shutil.copyfile(split_path(Split.TEST, dataset), split_path(Split.TEST, draft))
    (draft / SUMMARY).write_text(
        json.dumps({"used": summary.used, "left_out": summary.left_out}, ensure_ascii=False, indent=2) + "\n",
        encoding="utf-8",
    )
    draft.rename(folder)
    return summary


def is_released(bundle: Path) -> bool:
    """Whether a release is complete: its manifest names metrics and card, and all hashes match."""
    try:
        return {METRICS, CARD} <= set(load_bundle(bundle).manifest.files)
    except BundleError:
        return False


def retrain(job: Job, say: Say) -> dict[str, object] | None:
    """Train on ``out/data`` (see :func:`prepare`); return the report, or ``None`` if already finished.

    Raises:
        Exception: one of :data:`training.fit.train.FAILURES`.
    """
    if job.resume and is_released(job.bundle_folder):
        say(f"{job.bundle_folder} is finished already")
        return None
    return train_and_release(replace(job, data=job.out / DATA), say)
