"""Real texts in training: which are available, and how a bundle does on those that it did not learn from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.versioned_folder import sha256_of
from labels.schema import Annotation
from labels.standoff import Channel, RealSplit, channel_of, join_folder, sha256_of_text, standoff_path
from labels.taxonomy import LABELS
from training.evaluate import Measured, figures

FEWEST_TEXTS = 10
"""A label with fewer texts is left out of the macro F1 of real text."""

LARGEST_SOURCE = 40
"""A source of more texts has many sellers (a marketplace, a social network) and may be parted."""

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
"""Figures whose fall from written to real text is reported."""


@dataclass(frozen=True)
class RealTexts:
    """The real texts that are available, with their annotations.

    Attributes:
        train: to learn from.
        validation: to choose, calibrate and set thresholds on.
        sha256: of the sorted hashes of the texts that were found, so that a bundle can say which they were.
        missing: how many annotated texts are missing.
        others: texts of the folder that nobody annotated; the screen is fitted on them.
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
        digest = _digest([record.text for record in (*train, *validation)])
        missing = len(found.missing) + len(found.differing)
        return cls(train, validation, digest, missing, found.others)

    @classmethod
    def if_available(cls, texts: Path) -> "RealTexts | None":
        """As :meth:`load`, or ``None`` where there is no such folder or none of the texts in it."""
        found = cls.load(texts) if texts.is_dir() else None
        return found if found and (found.train or found.validation) else None

    @property
    def files(self) -> dict[str, str]:
        """Name -> SHA-256 of what was read, for a bundle's manifest."""
        files = {"real.jsonl": sha256_of(standoff_path()), "real texts": self.sha256}
        return {**files, "other texts": _digest(self.others)} if self.others else files


def _digest(texts: Sequence[str]) -> str:
    """SHA-256 of the sorted hashes of texts."""
    return hashlib.sha256("\n".join(sorted(map(sha256_of_text, texts))).encode()).hexdigest()


def halves(records: Sequence[Annotation]) -> tuple[list[Annotation], list[Annotation]]:
    """Two halves of about the same size, no source in both but for those of many sellers.

    What is fitted on one half is measured on the other, so that no figure is of a text that a threshold was
    set on.
    """
    by_source: dict[str, list[Annotation]] = {}
    for record in records:
        by_source.setdefault(record.source, []).append(record)
    first: list[Annotation] = []
    second: list[Annotation] = []
    groups: list[list[Annotation]] = []
    for found in by_source.values():
        groups += [[record] for record in found] if len(found) > LARGEST_SOURCE else [found]
    for group in sorted(groups, key=lambda g: (-len(g), g[0].id)):
        (first if len(first) <= len(second) else second).extend(group)
    return first, second


def joined(parts: Sequence[Measured]) -> Measured:
    """Several measurements as one."""
    return Measured(
        [r for part in parts for r in part.records],
        [a for part in parts for a in part.answers],
        [x for part in parts for x in part.model_risk],
        [v for part in parts for v in part.verdicts],
    )


def by_channel(measured: Measured) -> dict[str, dict[str, Any]]:
    """The figures of real texts, all of them and by channel; macro F1 over labels of enough texts."""
    found = {"all": real_figures(measured)}
    for channel in Channel:
        at = [i for i, record in enumerate(measured.records) if channel_of(record.platform) is channel]
        if at:
            part = Measured(
                [measured.records[i] for i in at],
                [measured.answers[i] for i in at],
                [measured.model_risk[i] for i in at],
                [measured.verdicts[i] for i in at],
            )
            found[channel.value] = real_figures(part)
    return found


def real_figures(measured: Measured) -> dict[str, Any]:
    """The usual figures, with macro F1 over the labels that have enough texts."""
    found = figures(measured)
    labels = [label.value for label in LABELS if found["label_listings"][label.value] >= FEWEST_TEXTS]
    scores = [found["label_f1"][label] for label in labels]
    return {**found, "macro_f1": sum(scores) / len(scores) if scores else None}


def shift_gap(written: Mapping[str, Any], real: Mapping[str, Any]) -> dict[str, float]:
    """Written test minus real text, for each figure that both have."""
    return {
        name: written[name] - real[name]
        for name in SHIFT_FIGURES
        if written.get(name) is not None and real.get(name) is not None
    }


def write_real_report(found: Mapping[str, Any], path: Path) -> None:
    """Write figures as JSON."""
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
