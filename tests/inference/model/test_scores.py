"""Window outputs become one answer for a listing."""

import numpy as np
import numpy.typing as npt
import pytest
from tokenizers import Tokenizer

from inference.model.encoding import Encoder, Preprocessing, Tokens
from inference.model.scores import WindowOutput, merge, score
from inference.model.windows import Window, WindowShape
from inference.text.reading import read
from labels.taxonomy import CLASSES, LABELS


def tokens_of(count: int) -> Tokens:
    places = np.arange(count)
    return Tokens(places, places, places + 1, np.ones(count, np.bool_))


def output(tokens: int, tag: float, product_class: float, offer: float) -> WindowOutput:
    tags = np.full((tokens + 2, len(LABELS)), tag, np.float32)
    tags[[0, -1]] = 99  # rows of the special tokens, which may not count
    return WindowOutput(tags, np.full(len(CLASSES), product_class, np.float32), offer)


def test_tags_by_maximum_class_and_offer_by_weighted_mean() -> None:
    windows = [Window(0, 6), Window(4, 6)]
    merged = merge(tokens_of(6), windows, [output(6, 1, 4, -3), output(2, 2, 0, 5)])
    assert merged.tags[:, 0].tolist() == [1, 1, 1, 1, 2, 2]
    assert merged.product_class.tolist() == [3.0] * len(CLASSES)
    assert merged.offer == -1.0
    assert merged.label_logits.tolist() == [2.0] * len(LABELS)


def test_an_empty_text_has_no_label() -> None:
    merged = merge(tokens_of(0), [Window(0, 0)], [output(0, 1, 1, 1)])
    assert merged.tags.shape == (0, len(LABELS))
    assert merged.label_logits.max() == -20


def test_windows_and_outputs_must_agree() -> None:
    with pytest.raises(ValueError, match="zip"):
        merge(tokens_of(2), [Window(0, 2)], [])


class Recorder:
    """A runtime whose tag is the token's id, so that the merged tags are the ids again."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []

    def run(self, ids: npt.NDArray[np.int64]) -> WindowOutput:
        self.seen.append(ids.tolist())
        tags = np.repeat(ids[:, None], len(LABELS), axis=1).astype(np.float32)
        return WindowOutput(tags, np.zeros(len(CLASSES), np.float32), 0.0)


def test_every_token_gets_the_output_of_its_own_place(unigram: Tokenizer) -> None:
    encoder, runtime = Encoder(unigram, Preprocessing.PLAIN), Recorder()
    scores = score(read("ครีมรักษาโรค ดี " * 20), encoder, runtime, WindowShape(16, 3, 3))
    assert scores.tags[:, 3].astype(int).tolist() == scores.tokens.ids.tolist()
    assert len(runtime.seen) > 3
    assert all(ids[0] == encoder.bos_id and ids[-1] == encoder.eos_id for ids in runtime.seen)
    assert max(map(len, runtime.seen)) <= 16
