"""Tokenizes a reading for an encoder, keeping each token's place in the original text."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from inference.text.offset_text import OffsetText
from inference.text.reading import Reading


class Preprocessing(StrEnum):
    """An encoder's own normalization step before its tokenizer, named in its bundle."""

    PLAIN = "plain"
    """No further step (multilingual-e5 and other cased XLM-R style encoders)."""

    WANGCHANBERTA = "wangchanberta"
    """The published rules of WangchanBERTa (arXiv 2101.09635, section 3.1), but those on HTML, which no
    reading holds."""


_WRITTEN_BREAK = re.compile(r"\\n")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}")
_USELESS_SPACES = re.compile(r" {2,}")
_UPPER = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
_REPEATED = re.compile(r"(\S)\1{2,}")
_SPACE = re.compile(" ")
_SPACES = re.compile(r"\s+")
WORD_MARK = "\u2581"
SPACE_TOKEN = "<_>"  # noqa: S105 - a token of a vocabulary
_SPACE_TOKEN = re.compile(re.escape(SPACE_TOKEN))


def _wangchanberta(text: OffsetText) -> OffsetText:
    text = text.sub(_UPPER, lambda m: m.group().lower())
    text = text.sub(_WRITTEN_BREAK, " ")
    text = text.sub(_EMPTY_BRACKETS, "")
    text = text.sub(_USELESS_SPACES, " ")
    text = text.sub(_SPACE, SPACE_TOKEN)
    return text.sub(_REPEATED, lambda m: m.group(1))


def prepare(reading: Reading, preprocessing: Preprocessing) -> OffsetText:
    """Apply an encoder's normalization step to a reading; offsets still point into the original."""
    if preprocessing is Preprocessing.WANGCHANBERTA:
        return _wangchanberta(reading.mapped)
    return reading.mapped


@dataclass(frozen=True)
class Tokens:
    """The tokens of one text, without special tokens.

    Attributes:
        ids: vocabulary ids, shape ``(n,)``.
        starts: where each token begins in the original text, shape ``(n,)``.
        ends: where it ends, shape ``(n,)``; ``starts == ends`` for a token of whitespace only.
        word_start: whether a word begins at or inside the token, shape ``(n,)``; window boundaries fall
            there.
    """

    ids: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    word_start: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


class Encoder:
    """A tokenizer with its preprocessing."""

    def __init__(self, tokenizer: Tokenizer, preprocessing: Preprocessing) -> None:
        # Saved tokenizers may have truncation switched on (WangchanBERTa's: 50 tokens).
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.preprocessing = preprocessing
        self.bos_id = self._special("<s>")
        self.eos_id = self._special("</s>")
        self.pad_id = self._special("<pad>")

    @classmethod
    def from_file(cls, path: Path, preprocessing: Preprocessing) -> "Encoder":
        """Load ``tokenizer.json``.

        Raises:
            FileNotFoundError: the file does not exist.
            ValueError: it lacks ``<s>``, ``</s>`` or ``<pad>``.
        """
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no tokenizer there")
        return cls(Tokenizer.from_file(str(path)), preprocessing)

    def _special(self, token: str) -> int:
        token_id = self.tokenizer.token_to_id(token)
        if token_id is None:
            raise ValueError(f"the tokenizer has no {token} token: use one in the style of CamemBERT")
        return int(token_id)

    def ids(self, reading: Reading) -> npt.NDArray[np.int64]:
        """The vocabulary ids of a whole text, shape ``(n,)``, without their places.

        They are those of :meth:`encode` at a tenth of its cost, since no offset is computed and no word is
        split.
        """
        text = prepare(reading, self.preprocessing).text
        (encoding,) = self.tokenizer.encode_batch_fast([text], add_special_tokens=False)
        return np.array(encoding.ids, np.int64)

    def encode(self, reading: Reading) -> Tokens:
        """Tokenize a whole text of any length."""
        prepared = prepare(reading, self.preprocessing)
        encoding = self.tokenizer.encode(prepared.text, add_special_tokens=False)
        text, length = prepared.text, len(prepared.text)
        if not encoding.ids:
            nothing = np.zeros(0, np.int64)
            return Tokens(nothing, nothing, nothing, np.zeros(0, np.bool_))
        begins, ends = np.array(encoding.offsets, np.int64).T
        # The offsets of a piece include its leading space.
        beyond = np.arange(length + 1)
        for space in _SPACES.finditer(text):
            beyond[space.start() : space.end()] = space.end()
        begins = np.minimum(beyond[begins], ends)
        # For a word mark without its own space, the tokenizer reports the word's first character.
        blank = (begins == ends) | np.array([piece == WORD_MARK for piece in encoding.tokens])
        space_tokens = np.zeros(length + 1, np.bool_)
        space_tokens[[found.start() for found in _SPACE_TOKEN.finditer(text)]] = True
        blank |= space_tokens[begins] & (ends - begins == len(SPACE_TOKEN))
        starts = np.asarray(prepared.starts, np.int64)[np.minimum(begins, length - 1)]
        ends = np.where(blank, starts, np.asarray(prepared.ends, np.int64)[np.maximum(ends - 1, 0)])
        word_start = blank | _original_word_starts(reading)[starts]
        return Tokens(np.array(encoding.ids, np.int64), starts, ends, word_start)


def _original_word_starts(reading: Reading) -> npt.NDArray[np.bool_]:
    """Whether a word begins at each character of the original, shape ``(characters,)``."""
    starts = np.array(reading.word_starts, np.int64)
    found = np.zeros(len(reading.original), np.bool_)
    found[np.asarray(reading.mapped.starts, np.int64)[starts[starts < len(reading.text)]]] = True
    return found
