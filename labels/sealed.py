"""The filter of the sealed exam: texts that measure the project and may never teach it.

``data/sealed.hashes`` holds 32-bit hashes (BLAKE2b, little-endian, sorted) of a quarter of the exam's runs
of sixteen letters; nothing can be read back from them.
"""

from functools import cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from labels.dataset import data_folder

RUN = 16
"""Letters of a run; white space is left out and case ignored."""
KEEP_ONE_IN = 4
"""Only hashes that this divides are kept."""
SHARE = 0.30
"""From this share of its kept runs a text counts as the exam's, or as a near copy."""


class SealedTextError(ValueError):
    """A text belongs to the sealed exam; the message names its place and says what to do."""


@cache
def _hashes() -> npt.NDArray[np.uint32]:
    return np.fromfile(data_folder() / "sealed.hashes", dtype="<u4")


def sealed_share(text: str) -> float:
    """The share of a text's kept runs that stand in the exam."""
    letters = "".join(text.lower().split())
    runs = (letters[at : at + RUN] for at in range(max(1, len(letters) - RUN + 1)))
    digests = np.array([_digest(run) for run in runs], np.uint32)
    kept = digests[digests % KEEP_ONE_IN == 0]
    if not len(kept):
        return 0.0
    places = np.searchsorted(_hashes(), kept).clip(max=len(_hashes()) - 1)
    return float((_hashes()[places] == kept).mean())


def _digest(run: str) -> int:
    return int.from_bytes(blake2b(run.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


def is_sealed(text: str) -> bool:
    """Whether a text may not be trained, chosen or tuned on."""
    return sealed_share(text) >= SHARE
