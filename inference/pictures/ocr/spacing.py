"""Corrects what recognizers do to Thai: spaces between letters, marks out of order, broken vowels."""

import re
import unicodedata

_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"
_MARK = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"

_SPACE_BEFORE_MARK = re.compile(f"(?<=[{_THAI}])\\s+(?=[{_MARK}\u0e30\u0e32\u0e33\u0e45])")
_SPACE_AFTER_VOWEL = re.compile(f"(?<=[\u0e40-\u0e44])\\s+(?=[{_THAI}])")
_LONE_LETTER = re.compile(f"(?<![{_THAI}])([ก-ญฎ-ฮ][{_MARK}]*)\\s+(?=[{_THAI}])")
_TWO_E = re.compile("เเ")
_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32|([\u0e48-\u0e4b])\u0e4d\u0e32")
_TWO_TONES = re.compile("([\u0e48-\u0e4b])[\u0e48-\u0e4b]\u0e32")
_STACKED = re.compile(f"([{_MARK}])\\1+")
_DANGLING = re.compile(f"(?<![{_THAI}])[{_MARK}]+")
_SPACES = re.compile(r"\s+")


def mended(text: str) -> str:
    """A line as a Thai would have typed it; whitespace is collapsed."""
    text = unicodedata.normalize("NFC", _SPACES.sub(" ", text)).strip()
    text = _SPACE_BEFORE_MARK.sub("", text)
    text = _SPACE_AFTER_VOWEL.sub("", text)
    text = _LONE_LETTER.sub(r"\1", text)
    text = _TWO_E.sub("แ", text)
    text = _SARA_AM.sub(lambda match: f"{match.group(1) or match.group(2) or ''}\u0e33", text)
    text = _TWO_TONES.sub("\\1\u0e33", text)  # the ring of sara am was taken for a tone mark
    text = _STACKED.sub(r"\1", text)
    return _DANGLING.sub("", text).strip()
