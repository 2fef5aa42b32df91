"""Real texts in training: loading them, and evaluating a bundle on the held-out part."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.model.versioned_folder import sha256_of
from labels.real.standoff import (
    LARGEST_SOURCE,
    Channel,
    RealSplit,
    channel_of,
    join_folder,
    sha256_of_text,
    standoff_path,
)
from labels.schema import Annotation
from labels.taxonomy import LABELS
from training.evaluation.evaluate import Measured, figures

FEWEST_TEXTS = 10
"""Labels with fewer texts are left out of the macro F1 on real text."""

SHIFT_FIGURES = (
    "average_precision",
    "verdict_recall",
    "verdict_precision",
    "verdict_accuracy",
    "class_accuracy",
    "offer_accuracy",
    "span_f1",
    "macro_f1",
)
"""Metrics whose drop from written to real text is reported."""


@dataclass(frozen=True)
class RealTexts:
    """The available real texts with their annotations.

    Attributes:
        train: training texts.
        validation: texts for model selection, calibration and thresholds.
        sha256: of the sorted hashes of the texts that were found, so that a bundle can identify them.
        missing: number of annotated texts that were not found.
        others: unannotated texts of the folder; the prefilter is fitted on them.
    """

    train: Sequence[Annotation]
    validation: Sequence[Annotation]
    sha256: str
    missing: int
    others: Sequence[str] = ()

    @classmethod
    def load(cls, texts: Path, annotations: Path | None = None) -> "RealTexts":
        """Join the stand-off annotations with the texts of a folder.

        Raises:
            SealedTextError: a text belongs to the sealed exam.
            DatasetError: a file cannot be read.
        """
        found = join_folder(texts, annotations)
        train, validation = (found.records[part] for part in RealSplit)
        digest = digest_of([record.text for record in (*train, *validation)])
        missing = len(found.missing) + len(found.differing)
        return cls(train, validation, digest, missing, found.others)

    @classmethod
    def if_available(cls, texts: Path) -> "RealTexts | None":
        """Like :meth:`load`, or ``None`` if the folder or all of its texts are missing."""
        found = cls.load(texts) if texts.is_dir() else None
        return found if found and (found.train or found.validation) else None

    @property
    def files(self) -> dict[str, str]:
        """Name -> SHA-256 of the inputs, for a bundle's manifest."""
        files = {"real.jsonl": sha256_of(standoff_path()), "real texts": self.sha256}
        return {**files, "other texts": digest_of(self.others)} if self.others else files


def real_validation(texts: Path) -> Sequence[Annotation]:
    """The available real validation texts; none if the folder is missing.

    Raises:
        SealedTextError: a text belongs to the sealed exam.
        DatasetError: a file cannot be read.
    """
    there = RealTexts.if_available(texts)
    return there.validation if there else ()


def digest_of(texts: Sequence[str]) -> str:
    """SHA-256 of the sorted hashes of texts."""
    return hashlib.sha256("\n".join(sorted(map(sha256_of_text, texts))).encode()).hexdigest()


def halves(records: Sequence[Annotation]) -> tuple[list[Annotation], list[Annotation]]:
    """Two halves of similar size that share no source, except those with many sellers.

    What is fitted on one half is evaluated on the other, so no threshold is evaluated on its own texts.
    """
    first: list[Annotation] = []
    second: list[Annotation] = []
    for group in sorted(sellers(records), key=lambda g: (-len(g), g[0].id)):
        (first if len(first) <= len(second) else second).extend(group)
    return first, second


def sellers(records: Sequence[Annotation]) -> list[list[Annotation]]:
    """Records by source, those of a source with many sellers one by one."""
    by_source: dict[str, list[Annotation]] = {}
    for record in records:
        by_source.setdefault(record.source, []).append(record)
    groups: list[list[Annotation]] = []
    for found in by_source.values():
        groups += [[record] for record in found] if len(found) > LARGEST_SOURCE else [found]
    return groups


def joined(parts: Sequence[Measured]) -> Measured:
    """Merge several measurements into one."""
    return Measured(
        [r for part in parts for r in part.records],
        [a for part in parts for a in part.answers],
        [x for part in parts for x in part.model_risk],
        [v for part in parts for v in part.verdicts],
    )


def picked(measured: Measured, at: Sequence[int]) -> Measured:
    """The measurement of the records with these indices, in their order."""
    return Measured(
        [measured.records[i] for i in at],
        [measured.answers[i] for i in at],
        [measured.model_risk[i] for i in at],
        [measured.verdicts[i] for i in at],
    )


def by_channel(measured: Measured) -> dict[str, dict[str, Any]]:
    """Metrics on real texts, overall and by channel; macro F1 covers labels with enough texts."""
    found = {"all": real_figures(measured)}
    for channel in Channel:
        at = [i for i, record in enumerate(measured.records) if channel_of(record.platform) is channel]
        if at:
            found[channel.value] = real_figures(picked(measured, at))
    return found


def real_figures(measured: Measured) -> dict[str, Any]:
    """The usual metrics, with macro F1 over the labels that have enough texts."""
    found = figures(measured)
    labels = [label.value for label in LABELS if found["label_listings"][label.value] >= FEWEST_TEXTS]
    scores = [found["label_f1"][label] for label in labels]
    return {**found, "macro_f1": sum(scores) / len(scores) if scores else None}


def shift_gap(written: Mapping[str, Any], real: Mapping[str, Any]) -> dict[str, float]:
    """Written test minus real text, for each metric available on both."""
    return {
        name: written[name] - real[name]
        for name in SHIFT_FIGURES
        if written.get(name) is not None and real.get(name) is not None
    }


def write_real_report(found: Mapping[str, Any], path: Path) -> None:
    """Write metrics as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
