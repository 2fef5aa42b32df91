"""The prefilter's second part: a small convolutional network that looks for the words of a prohibited claim.

It scores every token of a text by its neighbours, and the highest score counts. So a claim is found among any
number of ordinary words, while the linear model (:mod:`inference.model.prefilter`) weighs whole passages and
tells what a text is about. Their sum decides. ``training.fit.claim_detector`` fits it; the graph holds the
threshold of the sum.
"""

from pathlib import Path

from inference.model.bundle import BundleError
from inference.model.encoding import Encoder
from inference.model.onnx_runtime import cpu_session
from inference.text.reading import read

INPUT, OUTPUT = "input_ids", "score"
"""Token ids without special tokens, shape ``(1, tokens)``, and the highest score, a scalar."""

THRESHOLD = "threshold"
"""Name of the threshold among the graph's properties."""


class ClaimDetector:
    """Scores texts; safe to use from several threads.

    Args:
        graph: a file written by ``training.releasing.detector_graph``.

    Raises:
        BundleError: the file is not a detector.
    """

    def __init__(self, graph: Path, encoder: Encoder) -> None:
        self._session = cpu_session(graph, threads=1)
        self._encoder = encoder
        try:
            self.threshold = float(self._session.get_modelmeta().custom_metadata_map[THRESHOLD])
        except (KeyError, ValueError) as error:
            raise BundleError(f"{graph} has no threshold; copy the bundle again") from error

    def score(self, text: str, linear: float) -> float:
        """The linear model's score of a text plus the highest score of its tokens.

        Texts whose sum lies below :attr:`threshold` are skipped.
        """
        ids = self._encoder.ids(read(text))
        if not len(ids):
            return linear
        (highest,) = self._session.run([OUTPUT], {INPUT: ids[None, :]})
        return linear + float(highest)
