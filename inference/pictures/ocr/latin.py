"""Recognizes Latin letters and digits with the model in the ``rapidocr`` wheel, which knows no Thai."""

import numpy as np

from inference.pictures.ocr.choice import Guess
from inference.pictures.ocr.detector import model_path, single_thread
from inference.pictures.ocr.engine import Pixels


class LatinReader:
    """Reads a cut line in colour, 48 pixels high."""

    def __init__(self) -> None:
        self._session = single_thread(model_path("rec"))
        self._input = self._session.get_inputs()[0].name
        characters = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        self._characters = ["", *characters, " "]

    def read(self, crop: Pixels) -> Guess:
        """The most probable letters (greedy decoding of CTC) and their mean probability."""
        values = crop[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
        batch = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
        chances = self._session.run(None, {self._input: batch})[0][0]
        best = chances.argmax(axis=1)
        new = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
        text = "".join(self._characters[i] for i in best[new] if i < len(self._characters))
        return Guess(text.strip(), float(chances.max(axis=1)[new].mean()) if new.any() else 0.0)
