"""Makes the filter of the sealed exam know a text of a test."""

import numpy as np
import pytest

from labels.real import sealed


def seal(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    """The text, which alone belongs to the sealed exam from now on."""
    letters = "".join(text.split())
    runs = (letters[at : at + sealed.RUN] for at in range(len(letters) - sealed.RUN + 1))
    digests = sorted(d for run in runs if not (d := sealed._digest(run)) % sealed.KEEP_ONE_IN)
    assert digests
    monkeypatch.setattr(sealed, "_hashes", lambda: np.array(digests, np.uint32))
    return text
