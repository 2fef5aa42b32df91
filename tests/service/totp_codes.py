"""One-time codes of a second factor."""

import time
from datetime import UTC, datetime, timedelta

import pyotp

_STEP = 30
_ROOM = 3


def totp_code(secret: str, steps: int = 0) -> str:
    """Return the code of ``steps`` time steps from now.

    Near the end of a step it waits for the next one: the server still checks within the same step.
    """
    left = _STEP - time.time() % _STEP
    if left < _ROOM:
        time.sleep(left)
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=_STEP * steps))
