"""Normalizes an original text into the text that models read, with an offset map back.

The original is never changed. Numbers and contacts are found in the original without its HTML (``licences``,
``contacts``), since some of these steps would damage them.
"""

import re
import unicodedata
from functools import cached_property, lru_cache

from pythainlp.util import normalize as normalize_thai

from inference.text.evasion import join_letters
from inference.text.lookalikes import undo_lookalikes
from inference.text.markup import undo_markup
from inference.text.offset_text import OffsetText
from inference.text.respellings import undo_respellings
from inference.text.words import split_words

LINE_SEPARATOR = " | "
"""Replaces line breaks, which the encoders do not know."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]+"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]+")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
# The look-behind prevents rescanning a long run of spaces from each of its spaces.
_LINE_BREAK = re.compile(r"(?<![ \t\u00a0])[ \t\u00a0]*[\n\r\x0b\x0c\x85\u2028\u2029][\s\u00a0]*")
_SPACES = re.compile(r"[^\S\n]+|[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800]+")
_RUN_OF_SPACES = re.compile(r" {2,}")
_COMPATIBILITY = re.compile(r"[\uff01-\uffee\u2460-\u24ff\U0001d400-\U0001d7ff\U0001f130-\U0001f149]")
_DECOMPOSED = re.compile(r"[^\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e][\u0300-\u036f]+")
_SARA_AM = re.compile(r"\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_BROKEN_SARA_AM = re.compile(r"([ก-ฮ][\u0e48-\u0e4b]?) \u0e32(?=[ก-ฮเ-ไ])")
_DOUBLE_E = re.compile("เเ")
_LAKKHANGYAO = re.compile(r"(?<![ฤฦ])\u0e45")
_SPACE_BEFORE_MARK = re.compile(
    r"(?<=[ก-ฮ\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]) (?=[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e])"
)
_DANGLING = re.compile(r"(?<![\u0e00-\u0e7f])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+")
_MARKS = re.compile(r"[ก-ฮ]?[\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e]{2,}")
_NEW_LINE = re.compile("\n")
_STRETCHED = re.compile(r"(?!www\.)([^\W\d_])\1{2,}|([^\w\s])\2{2,}|([\u0e30-\u0e3a\u0e40-\u0e4e])\3+")
_PLAIN = {ord("๐") + i: ord("0") + i for i in range(10)} | str.maketrans("\u017f\u0131\u0130\u212a", "siIK")
"""Thai digits, and letters that share a case pair with a Latin one: long s, Turkish i, kelvin sign."""


def _nfkc_but_thai(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match.group())


def _stretched(match: re.Match[str]) -> str:
    return match.group()[0]


class Reading:
    """The normalized form of one text.

    Attributes:
        original: the text as given.
        shown: the text without HTML, as a browser shows it.
        text: the normalized text that models read.
    """

    def __init__(self, original: str, undo_evasion: bool = True) -> None:
        self.original = original
        self.shown = undo_markup(OffsetText(original))
        self._mapped = _normalize(self.shown, undo_evasion)
        self.text = self._mapped.text

    @property
    def mapped(self) -> OffsetText:
        """``text`` with its offset map, for a model's own normalization step."""
        return self._mapped

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The original range of ``text[start:end]``."""
        return self._mapped.original_span(start, end)

    def span_of_original(self, start: int, end: int) -> tuple[int, int] | None:
        """The range of ``original[start:end]`` in ``text``; ``None`` if nothing of it is left."""
        return self._mapped.span_of_original(start, end)

    @cached_property
    def word_starts(self) -> list[int]:
        """Ascending offsets into ``text`` where a word, space or other run begins, plus the text's length."""
        starts = [0]
        for piece in split_words(self.text):
            starts.append(starts[-1] + len(piece))
        return starts


@lru_cache(maxsize=8192)
def _normalized_marks(cluster: str) -> str:
    fixed: str = normalize_thai(cluster)
    return fixed


def _fix_thai_marks(text: OffsetText) -> OffsetText:
    """Apply PyThaiNLP's ``normalize`` to clusters of vowels and marks, where it can change anything.

    Working on single clusters keeps offsets exact and bounds the cost on spam.
    """
    text = text.sub(_DANGLING, "")
    return text.sub(_MARKS, lambda m: _normalized_marks(m.group()))


def _normalize(text: OffsetText, undo_evasion: bool) -> OffsetText:
    text = text.sub(_INVISIBLE, "")
    text = text.sub(_CONTROL, "")
    text = text.sub(_HALF_CHARACTER, "\ufffd")
    text = text.sub(_COMPATIBILITY, _nfkc_but_thai)
    if not unicodedata.is_normalized("NFC", text.text):
        text = text.sub(_DECOMPOSED, lambda m: unicodedata.normalize("NFC", m.group()))
    text = text.translate(_PLAIN)
    text = text.sub(_LINE_BREAK, "\n")
    text = text.sub(_SPACES, " ")
    text = text.sub(_RUN_OF_SPACES, " ")
    text = text.sub(_DOUBLE_E, "แ")
    text = text.sub(_LAKKHANGYAO, "า")
    text = text.sub(_SARA_AM, lambda m: f"{m.group(1)}ำ")
    text = text.sub(_SPACE_BEFORE_MARK, "")
    if undo_evasion:
        text = text.sub(_STRETCHED, _stretched)
        text = join_letters(text)
        text = undo_lookalikes(text)
        text = undo_respellings(text)
    text = text.sub(_BROKEN_SARA_AM, lambda m: f"{m.group(1)}ำ")
    text = _fix_thai_marks(text)
    return text.sub(_NEW_LINE, LINE_SEPARATOR)


def read(text: str, undo_evasion: bool = True) -> Reading:
    """Normalize ``text`` for the models.

    Args:
        undo_evasion: whether to restore stretched, pulled-apart and respelled words; only experiments that
            measure the gain switch this off.
    """
    return Reading(text, undo_evasion)
