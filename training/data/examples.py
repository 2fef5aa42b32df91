"""Converts annotations to training examples: the windows used in serving, with their targets."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.model.encoding import Encoder, Preprocessing, Tokens
from inference.model.scores import window_ids
from inference.model.windows import WindowShape, plan_windows
from inference.text.reading import read
from labels.schema import Annotation, Span
from labels.taxonomy import CLASSES, LABELS
from training.fit.model import IGNORED

COMPACT_SHAPE = WindowShape(size=192, overlap=12, head=12, slack=64)
FLAGSHIP_SHAPE = WindowShape(size=416, overlap=48, head=32)
"""WangchanBERTa was trained on sequences of up to 416 tokens."""

MOST_TOKENS = 510
"""Tokens of the longest window that either base has positions for."""


def shape_for(encoder: Encoder, tokens: int | None = None) -> WindowShape:
    """The window shape that a base is trained and run with, or a narrower one of ``tokens`` tokens.

    The flagship base is recognized by its tokenizer, so a copied folder counts too.
    """
    shape = FLAGSHIP_SHAPE if encoder.preprocessing is Preprocessing.WANGCHANBERTA else COMPACT_SHAPE
    if tokens is None:
        return shape
    part = tokens // 8
    slack = min(shape.slack, part, MOST_TOKENS - tokens)
    return WindowShape(tokens, min(shape.overlap, part), min(shape.head, part), slack)


def sample_windows(
    records: Sequence[Annotation], encoder: Encoder, shape: WindowShape, count: int
) -> list[npt.NDArray[np.int64]]:
    """The ids of the last window of up to ``count`` evenly spaced listings."""
    found = []
    for record in records[:: -(-len(records) // count) or 1]:
        tokens = encoder.encode(read(record.text))
        window = plan_windows(tokens.word_start.tolist(), shape)[-1]
        found.append(window_ids(encoder, tokens, window))
    return found


def token_targets(tokens: Tokens, spans: Sequence[Span]) -> npt.NDArray[np.int64]:
    """1 where a token overlaps a span of the label, shape ``(tokens, labels)``.

    A whitespace token counts if it lies inside the span.
    """
    targets = np.zeros((len(tokens), len(LABELS)), np.int64)
    for span in spans:
        inside = (tokens.starts < span.end) & (tokens.ends > span.start)
        blank = (tokens.starts == tokens.ends) & (tokens.starts > span.start) & (tokens.starts < span.end)
        targets[inside | blank, LABELS.index(span.label)] = 1
    return targets


def examples_of(record: Annotation, encoder: Encoder, shape: WindowShape) -> list[dict[str, Any]]:
    """The windows of a listing as Trainer features; repeated head tokens have no targets."""
    tokens = encoder.encode(read(record.text))
    targets = token_targets(tokens, record.spans)
    examples = []
    for window in plan_windows(tokens.word_start.tolist(), shape):
        ids = window_ids(encoder, tokens, window)
        tags = np.full((len(ids), len(LABELS)), IGNORED, np.int64)
        tags[window.body : window.body + len(window)] = targets[window.start : window.end]
        examples.append(
            {
                "input_ids": ids.tolist(),
                "tags": tags.tolist(),
                "product_class": CLASSES.index(record.product_class),
                "offer": int(record.offer),
            }
        )
    return examples


class Collator:
    """Pads the windows of a batch to the longest one."""

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Tensor]:
        """Stack features into tensors: ``input_ids``, ``attention_mask``, ``tags``, class and offer.

        ``clean_ids`` too, if the rows have them.
        """
        longest = max(len(row["input_ids"]) for row in rows)
        ids = torch.full((len(rows), longest), self.pad_id)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        tags = torch.full((len(rows), longest, len(LABELS)), IGNORED)
        for i, row in enumerate(rows):
            n = len(row["input_ids"])
            ids[i, :n] = torch.tensor(row["input_ids"])
            mask[i, :n] = 1
            tags[i, :n] = torch.tensor(row["tags"])
        batch = {
            "input_ids": ids,
            "attention_mask": mask,
            "tags": tags,
            "product_class": torch.tensor([row["product_class"] for row in rows]),
            "offer": torch.tensor([row["offer"] for row in rows]),
        }
        if "clean_ids" in rows[0]:
            clean = ids.clone()
            for i, row in enumerate(rows):
                clean[i, : len(row["clean_ids"])] = torch.tensor(row["clean_ids"])
            batch["clean_ids"] = clean
        return batch
