"""Finds lines of text with the text detector in the ``rapidocr`` wheel (PP-OCR, DBNet)."""

import math
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from inference.pictures.errors import ReaderMissing
from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.layout import RotatedBox

INK, LINE = 0.25, 0.45
"""From which probability a pixel belongs to a line, and the mean from which its pixels are one."""

GROW = 1.6
"""How far a line is grown, as the detector learns lines shrunk (``unclip ratio`` of DBNet)."""

THINNEST = 3
"""Pixels across a line, of the picture that the detector sees."""

UPRIGHT = 1.5
"""How many times as high as wide a patch must be to be a line that runs upwards: a lone digit is none."""

MAX_LINES = 250


def model_path(kind: str) -> Path:
    """A model of the wheel: ``det`` finds lines, ``rec`` reads Latin ones.  Raises :class:`ReaderMissing`."""
    spec = find_spec("rapidocr")
    folder = Path(spec.origin).parent / "models" if spec is not None and spec.origin else Path()
    found = sorted(folder.glob(f"*_{kind}_*.onnx")) if spec is not None else []
    if not found:
        raise ReaderMissing("install the extra: pip install 'ruthan[images]'")
    return found[-1]


def single_thread(path: Path) -> onnxruntime.InferenceSession:
    """A session on one processor, that does not spin while it waits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class LineDetector:
    """Finds the lines of a picture, including rotated ones."""

    def __init__(self) -> None:
        self._session = single_thread(model_path("det"))
        self._input = self._session.get_inputs()[0].name

    def find(self, pixels: Pixels, side: int) -> list[RotatedBox]:
        """Return the lines of a picture scaled to a longer side of about ``side`` pixels."""
        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        rows, columns = (max(32, round(length * scale / 32) * 32) for length in (height, width))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        seen = cv2.resize(pixels, (columns, rows), interpolation=way)
        # The detector was trained on blue-first pixels with values from -1 to 1.
        values = seen[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
        batch = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
        chances = self._session.run(None, {self._input: batch})[0][0, 0]
        contours, _ = cv2.findContours(
            (chances > INK).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        found = []
        for contour in contours:
            (x, y), (along, across), angle = cv2.minAreaRect(contour)
            if min(along, across) < THINNEST or _mean_within(chances, contour) < LINE:
                continue
            grown = along * across * GROW / (along + across)
            along, across = along + grown, across + grown
            if along < across:
                along, across, angle = across, along, angle - 90
            angle = (angle + 90) % 180 - 90
            if abs(angle) > 45 and along < UPRIGHT * across:
                along, across, angle = across, along, angle - math.copysign(90, angle)
            found.append((_mean_within(chances, contour) * along, x, y, along, across, angle))
        found.sort(reverse=True)
        over, down = width / columns, height / rows
        return [
            RotatedBox(x * over, y * down, along * over, across * down, angle)
            for _, x, y, along, across, angle in found[:MAX_LINES]
        ]


def _mean_within(chances: npt.NDArray[np.float32], contour: "cv2.typing.MatLike") -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour - np.array([[x, y]])], -1, 1, -1)
    return float(cv2.mean(chances[y : y + height, x : x + width], mask)[0])
