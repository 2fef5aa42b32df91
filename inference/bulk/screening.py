"""The prefilter of bulk work: what it skips is decided by two scores."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from inference.model.bundle import Bundle, BundleError
from inference.model.claim_detector import ClaimDetector
from inference.model.encoding import Encoder
from inference.model.engine import processors
from inference.model.prefilter import Prefilter

CLAIMED = 0.75
"""A text with a token of this score of the claim detector is kept, whatever its sum: the linear model's score
falls with the goods around a claim. On claims of the validation texts among goods, 1 loses more of them, 0.5
keeps more of the everyday listings (``benchmarks.texts.screened``)."""

_THAI_LETTER = re.compile("[ก-ฮ]")


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
        try:
            self._linear = Prefilter.load(bundle.screen_path)
        except Exception as error:  # numpy raises many kinds, with advice that does not fit
            raise BundleError(f"{bundle.screen_path} is damaged; copy the bundle again") from error
        self._detector: ClaimDetector | None = None
        if bundle.detector_path is not None:
            encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
            self._detector = ClaimDetector(bundle.detector_path, encoder)
        self._pool = ThreadPoolExecutor(threads or processors(), "ruthan-screen")

    def scores(self, texts: Sequence[str]) -> list[float | None]:
        """The score of each text that can be skipped, and ``None`` for the others, in order.

        Texts without a Thai letter are never skipped: both parts learnt from Thai, and what is blank the
        model's path answers.
        """
        linear = self._linear.scores(texts)
        return list(self._pool.map(self._decided, texts, linear))

    def lets_out(self, text: str) -> bool:
        """Whether the model can skip a text."""
        return self.scores([text]) != [None]

    def _decided(self, text: str, linear: float) -> float | None:
        if not _THAI_LETTER.search(text):
            return None
        score, threshold = linear, self._linear.threshold
        if self._detector is not None:
            highest = self._detector.highest(text)
            if highest >= CLAIMED:
                return None
            score, threshold = linear + highest, self._detector.threshold
        return score if score < threshold else None
