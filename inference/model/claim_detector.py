"""The prefilter's second part: a small convolutional network that looks for the words of a prohibited claim.

It scores every token of a text by its neighbours, and the highest score counts. So ordinary words around a
claim hide it less than from the linear model (:mod:`inference.model.prefilter`), which weighs whole passages
and tells what a text is about. Their sum decides, unless the network is sure by itself
(:mod:`inference.bulk.screening`). ``training.fit.claim_detector`` fits it; the graph holds the threshold of
the sum.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.model.bundle import BundleError
from inference.model.encoding import Encoder
from inference.model.onnx_runtime import cpu_session
from inference.text.reading import read

INPUT, OUTPUT = "input_ids", "score"
"""Token ids without special tokens, shape ``(1, tokens)``, and the highest score, a scalar."""

THRESHOLD = "threshold"
"""Name of the threshold among the graph's properties."""

PIECE, SHARED = 4096, 14
"""Most tokens that are scored at once, which bounds the memory, and those that neighbouring pieces share: a
token is scored by seven on either side."""


class ClaimDetector:
    """Scores texts; safe to use from several threads.

    Args:
        graph: a file written by ``training.releasing.detector_graph``.

    Raises:
        BundleError: the file is not a detector.
    """

    def __init__(self, graph: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        try:
            self._session = cpu_session(graph, threads=1)
            self.threshold = float(self._session.get_modelmeta().custom_metadata_map[THRESHOLD])
        except Exception as error:  # ONNX Runtime raises classes of its own
            raise BundleError(
                f"{graph} is no claim detector with a threshold; copy the bundle again"
            ) from error
        names = [
            [tensor.name for tensor in ends]
            for ends in (self._session.get_inputs(), self._session.get_outputs())
        ]
        if names != [[INPUT], [OUTPUT]]:
            raise BundleError(f"{graph} is another kind of graph; copy the bundle again")

    def highest(self, text: str) -> float:
        """The highest score of a text's tokens as a logit, minus infinity if it has none."""
        ids = self._encoder.ids(read(text))
        pieces = (ids[start : start + PIECE] for start in range(0, max(1, len(ids) - SHARED), PIECE - SHARED))
        return max(map(self._score, pieces))

    def _score(self, ids: npt.NDArray[np.int64]) -> float:
        if not len(ids):
            return -np.inf
        (highest,) = self._session.run([OUTPUT], {INPUT: ids[None, :]})
        return float(highest)
