"""The rows that fine-tuning reads: windows of listings, augmented on every read."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets import Dataset

from inference.model.encoding import Encoder
from inference.model.windows import WindowShape
from labels.schema import Annotation
from training.augmentation.augment import Augmenter
from training.data.examples import examples_of
from training.data.mixing import GroupedSampler, MixedSampler
from training.fit.model import IGNORED


class WindowTransform:
    """Converts rows (listing, window number) to features, augmenting the listing on every read.

    An augmented listing may have other windows than its original: if it lacks a window number, a random one
    of its windows is used.

    Args:
        hidden: mean share of the tokens to hide, drawn for each window between none and twice as many.
        self_training: whether rows without annotations are for :mod:`training.fit.self_training`. Their
            texts are not augmented, twice as many of their tokens are hidden, and every row also has its
            ids before that, ``clean_ids``.
    """

    def __init__(
        self,
        encoder: Encoder,
        shape: WindowShape,
        augmenter: Augmenter | None,
        hidden: float = 0.0,
        self_training: bool = False,
    ) -> None:
        self.encoder = encoder
        self.shape = shape
        self.augmenter = augmenter
        self.hidden = hidden
        self.self_training = self_training
        unknown = encoder.tokenizer.token_to_id("<unk>")
        assert unknown is not None
        self._unknown: int = unknown

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Features of a batch of rows as columns."""
        columns = (batch["record"], batch["window"], batch["class_known"], batch["annotated"])
        rows = [self._row(*row) for row in zip(*columns, strict=True)]
        return {key: [row[key] for row in rows] for key in rows[0]}

    def _row(self, record_json: str, window: int, class_known: bool, annotated: bool) -> dict[str, Any]:
        record = Annotation.model_validate_json(record_json)
        free = self.self_training and not annotated
        if self.augmenter is None or free:
            row = examples_of(record, self.encoder, self.shape)[window]
        else:
            windows = examples_of(self.augmenter(record), self.encoder, self.shape)
            row = windows[window] if window < len(windows) else self.augmenter.random.choice(windows)
        if self.self_training:
            row["clean_ids"] = row["input_ids"]
        if self.augmenter is not None and self.hidden:
            share = self.hidden * (2 if free else 1)
            row["input_ids"] = self._hide(row["input_ids"], share, self.augmenter.random)
        if free:
            row |= {"product_class": IGNORED, "offer": IGNORED}
        return row if class_known else {**row, "product_class": IGNORED}

    def _hide(self, ids: list[int], mean: float, rng: random.Random) -> list[int]:
        share = 2 * mean * rng.random()
        inner = [self._unknown if rng.random() < share else token for token in ids[1:-1]]
        return [ids[0], *inner, ids[-1]]


def window_dataset(
    records: Sequence[Annotation],
    encoder: Encoder,
    shape: WindowShape,
    augmenter: Augmenter | None,
    class_unknown: Sequence[Annotation] = (),
    real: Sequence[Annotation] = (),
    unannotated: Sequence[Annotation] = (),
    hidden: float = 0.0,
    self_training: bool = False,
) -> "Windows":
    """A dataset with one row per window; listings are augmented on every read.

    Args:
        class_unknown: further records whose product class is masked.
        real: further records with real text.
        unannotated: further real texts as records whose annotations mean nothing.
        hidden: see :class:`WindowTransform`, like ``self_training``.
    """
    rows: list[dict[str, Any]] = []
    lengths: list[int] = []
    is_real: list[bool] = []
    parts = (
        (records, True, True, False),
        (class_unknown, False, True, False),
        (real, True, True, True),
        (unannotated, True, False, True),
    )
    for part, known, annotated, published in parts:
        for record in part:
            text = record.model_dump_json()
            for k, example in enumerate(examples_of(record, encoder, shape)):
                rows.append({"record": text, "window": k, "class_known": known, "annotated": annotated})
                lengths.append(len(example["input_ids"]))
                is_real.append(published)
    transform = WindowTransform(encoder, shape, augmenter, hidden, self_training)
    return Windows(Dataset.from_list(rows).with_transform(transform), lengths, is_real)


@dataclass(frozen=True)
class Windows:
    """A dataset of windows.

    Attributes:
        data: one row per window.
        lengths: tokens per window, before augmentation.
        is_real: whether each window has real text.
    """

    data: Dataset
    lengths: list[int]
    is_real: list[bool]

    def sampler(self, batch: int, real_in_batch: int, seed: int) -> MixedSampler | GroupedSampler:
        """The training order: batches of similar length, with a share of real text if there is any."""
        if any(self.is_real) and not all(self.is_real):
            return MixedSampler(self.is_real, self.lengths, batch, real_in_batch, seed)
        return GroupedSampler(batch, self.lengths, seed)
