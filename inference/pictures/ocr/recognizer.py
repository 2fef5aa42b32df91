"""Recognizers of a cut line that end in CTC: our own for Thai, and one for Latin letters and digits."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from inference.pictures.ocr.choice import Guess
from inference.pictures.ocr.detector import model_path, single_thread
from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.spacing import mended

FILE = Path(__file__).parents[1] / "data" / "lines.onnx"


class LineRecognizer:
    """Reads Thai and Latin letters with the recognizer that ``ruthan train-recognizer`` made."""

    def __init__(self, file: Path = FILE) -> None:
        self._session = single_thread(file)
        self._characters = ["", *json.loads(_facts(self._session)["characters"])]

    def read(self, crop: Pixels) -> Guess:
        """Read a line in colour, 48 pixels high."""
        guess = _most_probable(self._session, self._characters, crop)
        return guess._replace(text=mended(guess.text))


class LatinReader:
    """Reads Latin letters and digits with the model in the ``rapidocr`` wheel, which knows no Thai."""

    def __init__(self) -> None:
        self._session = single_thread(model_path("rec"))
        self._characters = ["", *_facts(self._session)["character"].split("\n"), " "]

    def read(self, crop: Pixels) -> Guess:
        """Read a line in colour, 48 pixels high."""
        return _most_probable(self._session, self._characters, crop)


def _facts(session: onnxruntime.InferenceSession) -> dict[str, str]:
    facts: dict[str, str] = session.get_modelmeta().custom_metadata_map
    return facts


def _most_probable(session: onnxruntime.InferenceSession, characters: Sequence[str], crop: Pixels) -> Guess:
    """The most probable characters and their mean probability (greedy CTC; the first is blank)."""
    values = crop[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
    line = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
    chances = session.run(None, {session.get_inputs()[0].name: line})[0][0]
    best = chances.argmax(axis=1)
    new = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    text = "".join(characters[index] for index in best[new] if index < len(characters))
    return Guess(text.strip(), float(chances.max(axis=1)[new].mean()) if new.any() else 0.0)
