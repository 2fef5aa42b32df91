"""Reads a cut line with the recognizer that ``ruthan train-recognizer`` made."""

import json
from pathlib import Path

import numpy as np

from inference.pictures.ocr.choice import Guess
from inference.pictures.ocr.detector import single_thread
from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.spacing import mended

FILE = Path(__file__).parents[1] / "data" / "lines.onnx"


class LineRecognizer:
    """Reads Thai and Latin letters of a line in colour, 48 pixels high."""

    def __init__(self, file: Path = FILE) -> None:
        self._session = single_thread(file)
        self._characters = json.loads(self._session.get_modelmeta().custom_metadata_map["characters"])

    def read(self, crop: Pixels) -> Guess:
        """The most probable characters (greedy decoding of CTC) and their mean probability."""
        values = crop[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
        line = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
        chances = self._session.run(None, {"line": line})[0][0]
        best = chances.argmax(axis=1)
        new = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
        text = "".join(self._characters[index - 1] for index in best[new])
        return Guess(mended(text.strip()), float(chances.max(axis=1)[new].mean()) if new.any() else 0.0)
