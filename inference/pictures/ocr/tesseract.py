"""The default engine: Tesseract 5 with Debian's Thai data and our own recognizer, on detected lines.

Each line is cropped and scaled to one height. Our own recognizer reads it; where it is not sure, Tesseract
does so too, and the model of letters combines their readings. Tesseract sees a line dark on light, again if
its tone marks were taken for a line above it or if the reading is doubtful, and once more as Thai alone if a
Thai word may have been read in Latin letters. A third recognizer reads Latin letters and digits. If many
lines remain doubtful, the picture is processed again at a higher resolution. If the detector finds nothing,
the whole picture is read in Tesseract's sparse mode.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import cv2
import tesserocr
from PIL import Image

from inference.pictures.errors import ReaderMissing
from inference.pictures.missing import LANGUAGES, data_folder
from inference.pictures.ocr.choice import Guess, best, merged, prefers_latin, with_marks_in_place, worth
from inference.pictures.ocr.crops import cut, dark_on_light
from inference.pictures.ocr.detector import LineDetector
from inference.pictures.ocr.engine import Pixels
from inference.pictures.ocr.layout import Line, RotatedBox, in_reading_order
from inference.pictures.ocr.lexicon import with_words_mended
from inference.pictures.ocr.recognizer import LatinReader, LineRecognizer
from inference.pictures.ocr.spacing import mended
from inference.pictures.ocr.thai_words import may_hide_thai, with_thai_words

COARSE, FINE = 1024, 1600
"""Longer side in pixels for the first pass, and for the second one if much remains doubtful."""

MOST_ENLARGED = 2.0
"""Maximum enlargement of a small picture in the first pass; more reveals nothing new."""

LOWEST = 6
"""Minimum height in pixels of a line."""

CERTAIN, NO_RIVAL = 0.95, 0.5
"""Mean confidence of our own reading, and the lowest of any part of it, from which it stands alone."""

SURE, PLAIN = 0.92, 1.75
"""Confidence and score of a first reading from which no second one is made."""

DOUBTFUL, DOUBTFUL_SHARE = 0.8, 0.3
"""A line below this confidence is in doubt; with this share of such letters a picture is looked at again."""

WORTHLESS = 0.35
"""Readings below this confidence are noise: leaves, fur, the edge of a bottle."""


READER = 6
"""Part of the engine's name: add one if pictures are read differently, so that stored ones are read again."""


class TesseractEngine:
    """See the module's docstring.  Raises :class:`ReaderMissing` where something is not installed."""

    def __init__(self) -> None:
        folder = data_folder()
        if folder is None:
            raise ReaderMissing("apt-get install tesseract-ocr tesseract-ocr-tha")
        programs = f"tesseract {tesserocr.tesseract_version().split()[1]} + rapidocr {version('rapidocr')}"
        self.name = f"{programs} + reader {READER}"
        self._detector = LineDetector()
        self._own = LineRecognizer()
        self._latin = LatinReader()
        self._block = self._recogniser(folder, tesserocr.PSM.SINGLE_BLOCK)
        self._line = self._recogniser(folder, tesserocr.PSM.RAW_LINE)
        self._thai = self._recogniser(folder, tesserocr.PSM.SINGLE_BLOCK, ("tha",))
        cv2.setNumThreads(1)

    def read(self, pixels: Pixels) -> list[list[Line]]:
        """The blocks of lines of a picture."""
        longer = max(pixels.shape[:2])
        side = min(COARSE, round(MOST_ENLARGED * longer))
        lines = self._lines(pixels, side)
        if _in_doubt(lines) and longer * MOST_ENLARGED > side:
            finer = self._lines(pixels, min(FINE, round(MOST_ENLARGED * longer)))
            lines = max(lines, finer, key=_total)
        if not lines:
            lines = self._sparse(pixels)
        blocks = in_reading_order([line.place for line in lines])
        return [[lines[index] for index in block] for block in blocks]

    def _lines(self, pixels: Pixels, side: int) -> list[Line]:
        lines = []
        for place in self._detector.find(pixels, side):
            if place.height < LOWEST:
                continue
            guess = self._read(cut(pixels, place))
            if guess.text and guess.confidence >= WORTHLESS:
                lines.append(Line(guess.text, place, guess.confidence))
        return lines

    def _read(self, crop: Pixels) -> Guess:
        own = _with_mended_words(self._own.read(crop))
        if own.confidence >= CERTAIN and own.lowest >= NO_RIVAL:
            return own
        image = Image.fromarray(dark_on_light(crop))
        guess = self._first_guess(image)
        if guess.confidence < SURE or worth(guess) < PLAIN:
            guess = best([guess, _guess(self._line, image)])
        guess = merged(guess, own)
        if guess.confidence < SURE:
            latin = self._latin.read(crop)
            if prefers_latin(guess, latin):
                guess = latin
        if may_hide_thai(guess.text):
            thai = _guess(self._thai, image).text
            guess = guess._replace(text=with_thai_words(guess.text, thai))
        return guess

    def _first_guess(self, image: Image.Image) -> Guess:
        """Read a line, and once more as one line if its tone marks were taken for another line above it."""
        self._block.SetImage(image)
        text = self._block.GetUTF8Text()
        if sum(map(bool, map(str.strip, text.splitlines()))) < 2:
            return _mended(text, self._block)
        with self._in_mode(tesserocr.PSM.SINGLE_LINE):
            return _guess(self._block, image)

    def _sparse(self, pixels: Pixels) -> list[Line]:
        """The lines of the whole picture in Tesseract's sparse mode."""
        with self._in_mode(tesserocr.PSM.SPARSE_TEXT):
            self._block.SetImage(Image.fromarray(pixels))
            self._block.Recognize()
            lines = []
            level = tesserocr.RIL.TEXTLINE
            for found in tesserocr.iterate_level(self._block.GetIterator(), level):
                box = found.BoundingBox(level)
                text = mended(found.GetUTF8Text(level) or "") if box else ""
                confidence = found.Confidence(level) / 100 if text else 0.0
                if text and confidence >= DOUBTFUL:
                    left, top, right, bottom = box
                    place = RotatedBox((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
                    lines.append(Line(text, place, confidence))
            return lines

    @contextmanager
    def _in_mode(self, mode: int) -> Iterator[None]:
        self._block.SetPageSegMode(mode)
        try:
            yield
        finally:
            self._block.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK)

    @staticmethod
    def _recogniser(folder: Path, mode: int, languages: Sequence[str] = LANGUAGES) -> tesserocr.PyTessBaseAPI:
        return tesserocr.PyTessBaseAPI(
            path=str(folder), lang="+".join(languages), psm=mode, oem=tesserocr.OEM.LSTM_ONLY
        )


def _guess(recogniser: tesserocr.PyTessBaseAPI, image: Image.Image) -> Guess:
    recogniser.SetImage(image)
    return _mended(recogniser.GetUTF8Text(), recogniser)


def _mended(text: str, recogniser: tesserocr.PyTessBaseAPI) -> Guess:
    return _with_mended_words(Guess(mended(text), recogniser.MeanTextConf() / 100))


def _with_mended_words(guess: Guess) -> Guess:
    guess = with_marks_in_place(guess)
    return guess._replace(text=with_words_mended(guess.text))


def _total(lines: list[Line]) -> float:
    return sum(len(line.text) * max(0.0, line.confidence - 0.5) for line in lines)


def _in_doubt(lines: list[Line]) -> bool:
    letters = sum(len(line.text) for line in lines)
    doubtful = sum(len(line.text) for line in lines if line.confidence < DOUBTFUL)
    return not letters or doubtful > DOUBTFUL_SHARE * letters
