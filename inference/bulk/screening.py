"""The prefilter of bulk work: the sum of two scores."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from inference.model.bundle import Bundle, BundleError
from inference.model.claim_detector import ClaimDetector
from inference.model.encoding import Encoder
from inference.model.engine import processors
from inference.model.prefilter import Prefilter


class Screening:
    """A bundle's prefilter: a linear model and, in newer bundles, the claim detector.

    Args:
        threads: texts that the detector reads in parallel; default: one per processor.

    Raises:
        BundleError: the bundle has no prefilter, or it cannot be used.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        if bundle.screen_path is None:
            raise BundleError(
                f"the bundle {bundle.model_id} has no screen: leave --screen out, or make a bundle "
                f"that has one with: ruthan bundle renew {bundle.folder} NEW-FOLDER"
            )
        self._linear = Prefilter.load(bundle.screen_path)
        self._detector: ClaimDetector | None = None
        if bundle.detector_path is not None:
            encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
            self._detector = ClaimDetector(bundle.detector_path, encoder)
        self._pool = ThreadPoolExecutor(threads or processors(), "ruthan-screen")

    def scores(self, texts: Sequence[str]) -> list[float | None]:
        """The score of each text that can be skipped, and ``None`` for the others, in order.

        Blank texts are never skipped: the model's path answers that there is nothing to read.
        """
        linear = self._linear.scores(texts)
        return list(self._pool.map(self._decided, texts, linear))

    def lets_out(self, text: str) -> bool:
        """Whether the model can skip a text."""
        return self.scores([text]) != [None]

    def _decided(self, text: str, linear: float) -> float | None:
        if not text.strip():
            return None
        score, threshold = linear, self._linear.threshold
        if self._detector is not None:
            score, threshold = self._detector.score(text, linear), self._detector.threshold
        return score if score < threshold else None
