"""A filter for the sealed exam: texts that only evaluate the project and must never train it.

``data/sealed.hashes`` holds 32-bit hashes (BLAKE2b, little-endian, sorted) of a quarter of the exam's runs of
sixteen letters; the texts cannot be recovered from them.
"""

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from labels.dataset.shipped import data_folder

RUN = 16
"""Letters per run; whitespace and case are ignored."""
KEEP_ONE_IN = 4
"""Only hashes divisible by this are kept."""
SHARE = 0.30
"""A text with at least this share of runs in common counts as part of the exam or a near copy."""


class SealedTextError(ValueError):
    """Texts belong to the sealed exam; the message says where they are and what to do."""

    def __init__(self, places: Iterable[str]) -> None:
        what = "this text or a near copy belongs to the sealed exam: take it out"
        super().__init__("\n".join(f"{place}: {what}" for place in places))


@cache
def _hashes() -> npt.NDArray[np.uint32]:
    return np.fromfile(data_folder() / "sealed.hashes", dtype="<u4")


def sealed_share(text: str) -> float:
    """The share of a text's kept runs that occur in the exam."""
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
    """Whether a text must not be used for training, selection or tuning."""
    return sealed_share(text) >= SHARE
