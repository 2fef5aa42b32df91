"""Thai province codes: the first two digits of food, cosmetic and clinic numbers.

Source: ISO 3166-2:TH (the codes of the Ministry of Interior). ``S`` (Pattaya) is not a province.
"""

from typing import Final

_RANGES: Final = ((10, 27), (30, 58), (60, 67), (70, 77), (80, 86), (90, 96))

CODES: Final[frozenset[str]] = frozenset(str(n) for low, high in _RANGES for n in range(low, high + 1))


def is_province(code: str) -> bool:
    """Whether the two digits are a Thai province code."""
    return code in CODES
