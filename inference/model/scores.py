"""Runs a model over the windows of one listing and merges the outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from inference.model.cooperative import Turns, finish
from inference.model.encoding import Encoder, Tokens
from inference.model.lexical import LexicalScores
from inference.model.windows import Window, WindowShape, plan_windows
from inference.text.reading import Reading
from labels.taxonomy import CLASSES, LABELS

Floats = npt.NDArray[np.float32]

_NOTHING: Floats = np.full(len(LABELS), -20.0, np.float32)
"""The logits of a text without tokens."""
_NOTHING.setflags(write=False)


@dataclass(frozen=True)
class WindowOutput:
    """Logits of one window.

    Attributes:
        tags: shape ``(tokens, labels)``, including rows of special tokens.
        product_class: shape ``(classes,)``.
        offer: a scalar.
    """

    tags: Floats
    product_class: Floats
    offer: float


class Runtime(Protocol):
    """Runs the three-head model on one window; ONNX for serving, PyTorch for training."""

    def run(self, ids: npt.NDArray[np.int64]) -> WindowOutput:
        """Logits for the ids of a window including special tokens, shape ``(tokens,)``."""


@dataclass(frozen=True)
class ListingScores:
    """Merged logits of one listing.

    Attributes:
        tokens: the listing's tokens with their positions in the original text.
        tags: shape ``(tokens, labels)``, the maximum over the windows that contain the token.
        product_class: shape ``(classes,)``, the mean over windows weighted by their tokens.
        offer: the mean over windows weighted by their tokens.
        lexical: the logits of the bag-of-words model, if the bundle has one.
    """

    tokens: Tokens
    tags: Floats
    product_class: Floats
    offer: float
    lexical: LexicalScores | None = None

    @property
    def label_logits(self) -> Floats:
        """The largest logit of each label over all tokens, shape ``(labels,)``."""
        if not len(self.tags):
            return _NOTHING
        best: Floats = self.tags.max(axis=0)
        return best

    def strongest_run(self, tokens: int) -> Floats:
        """The largest mean of each label's logits over so many adjacent tokens, shape ``(labels,)``.

        A shorter text counts as one run.
        """
        if not len(self.tags):
            return _NOTHING
        tokens = min(tokens, len(self.tags))
        best: Floats = sliding_window_view(self.tags, tokens, axis=0).mean(axis=2).max(axis=0)
        return best


def merge(tokens: Tokens, windows: Sequence[Window], outputs: Sequence[WindowOutput]) -> ListingScores:
    """Merge window outputs: maximum for tags, length-weighted mean for class and offer.

    The maximum of the offer logit misleads on long texts that sell nothing: one of many windows is easily
    mistaken for an offer.
    """
    tags = np.full((len(tokens), len(LABELS)), -np.inf, np.float32)
    product_class = np.zeros(len(CLASSES), np.float64)
    offer, weight = 0.0, 0
    for window, output in zip(windows, outputs, strict=True):
        part = tags[window.start : window.end]
        np.maximum(part, output.tags[window.body : window.body + len(window)], out=part)
        share = max(1, len(window))
        product_class += output.product_class.astype(np.float64) * share
        offer += output.offer * share
        weight += share
    return ListingScores(
        tokens=tokens,
        tags=tags,
        product_class=(product_class / weight).astype(np.float32),
        offer=offer / weight,
    )


def window_ids(encoder: Encoder, tokens: Tokens, window: Window) -> npt.NDArray[np.int64]:
    """A window's input ids: special tokens, the text's head if the window has one, and the body."""
    ids, bos, eos = tokens.ids, [encoder.bos_id], [encoder.eos_id]
    head = [ids[: window.head], eos] if window.head else []
    return np.concatenate([bos, *head, ids[window.start : window.end], eos]).astype(np.int64)


def score(reading: Reading, encoder: Encoder, runtime: Runtime, shape: WindowShape) -> ListingScores:
    """Run a model over all windows of a reading."""
    return finish(score_in_turns(reading, encoder, runtime, shape))


def score_in_turns(
    reading: Reading, encoder: Encoder, runtime: Runtime, shape: WindowShape
) -> Turns[ListingScores]:
    """Like :func:`score`, yielding before each window after the first."""
    tokens = encoder.encode(reading)
    windows = plan_windows(tokens.word_start.tolist(), shape)
    outputs: list[WindowOutput] = []
    for window in windows:
        if outputs:
            yield
        outputs.append(runtime.run(window_ids(encoder, tokens, window)))
    return merge(tokens, windows, outputs)
