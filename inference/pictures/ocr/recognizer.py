"""Recognizers of a cut line that end in CTC: our own for Thai, and one for Latin letters and digits."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from inference.pictures.ocr.beam import POSSIBLE, likeliest
from inference.pictures.ocr.choice import Guess
from inference.pictures.ocr.detector import model_path, single_thread
from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.letters import letter_model
from inference.pictures.ocr.spacing import mended

FILE = Path(__file__).parents[1] / "data" / "lines.onnx"


class LineRecognizer:
    """Reads Thai and Latin letters with the recognizer that ``ruthan train-recognizer`` made."""

    def __init__(self, file: Path = FILE) -> None:
        self._session = single_thread(file)
        self._characters = ["", *json.loads(_facts(self._session)["characters"])]

    def read(self, crop: Pixels) -> Guess:
        """Read a line in colour, 48 pixels high; several readings may be as likely."""
        chances = _chances(self._session, crop)
        guess = _most_probable(chances, self._characters)
        if guess.lowest <= 1 - POSSIBLE:
            text = likeliest(chances, self._characters, letter_model()).strip()
            guess = guess._replace(text=text)
        return guess._replace(text=mended(guess.text))


class LatinReader:
    """Reads Latin letters and digits with the model in the ``rapidocr`` wheel, which knows no Thai."""

    def __init__(self) -> None:
        self._session = single_thread(model_path("rec"))
        self._characters = ["", *_facts(self._session)["character"].split("\n"), " "]

    def read(self, crop: Pixels) -> Guess:
        """Read a line in colour, 48 pixels high."""
        return _most_probable(_chances(self._session, crop), self._characters)


def _facts(session: onnxruntime.InferenceSession) -> dict[str, str]:
    facts: dict[str, str] = session.get_modelmeta().custom_metadata_map
    return facts


def _chances(session: onnxruntime.InferenceSession, crop: Pixels) -> npt.NDArray[np.float32]:
    """The probability of each character at each step along a line."""
    values = crop[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
    line = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
    chances: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: line})[0][0]
    return chances


def _most_probable(chances: npt.NDArray[np.float32], characters: Sequence[str]) -> Guess:
    """The most probable characters and their mean probability (greedy CTC; the first is blank)."""
    best, most = chances.argmax(axis=1), chances.max(axis=1)
    new = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    text = "".join(characters[index] for index in best[new] if index < len(characters))
    return Guess(text.strip(), float(most[new].mean()) if new.any() else 0.0, float(most.min()))
