"""The interface of a text recognition engine, and how to load one.

Another engine (a service, a recogniser from a hub) is a class with these members; the environment variable
``RUTHAN_PICTURE_ENGINE`` names it as ``module:Class``. It runs in the child process that decodes pictures.
"""

import importlib
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.pictures.ocr.layout import Line

Pixels = npt.NDArray[np.uint8]
"""Height, width, and red, green, blue."""


class PictureEngine(Protocol):
    """Reads one picture at a time.

    Attributes:
        name: what read a line, with its version.
    """

    name: str

    def read(self, pixels: Pixels) -> list[list[Line]]:
        """The blocks of lines of a picture in reading order."""


def load_engine(name: str) -> PictureEngine:
    """Make an engine from ``module:Class``.

    Raises:
        ReaderMissing: something that it needs is not installed.
    """
    module, _, attribute = name.partition(":")
    engine: PictureEngine = getattr(importlib.import_module(module), attribute)()
    return engine
