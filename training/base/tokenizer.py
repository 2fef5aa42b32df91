"""Loads a base's tokenizer and checks that its ids fit the embeddings."""

import json
from pathlib import Path

from tokenizers import Tokenizer

from inference.model.encoding import SPACE_TOKEN, Encoder, Preprocessing

KNOWN_SENTENCE = "อาหารเสริมลดน้ำหนัก<_>เห็นผลใน<_>7<_>วัน"
KNOWN_IDS = [10, 16295, 8813, 8, 10, 13149, 20, 8, 10, 148, 8, 10, 125]
"""WangchanBERTa's ids of the sentence without ``<s>`` and ``</s>``; a copy with shifted ids gives others."""


class TokenizerError(ValueError):
    """A tokenizer does not fit its model; the message says what to do."""


def load_encoder(folder: Path) -> Encoder:
    """The encoder of a checkpoint folder, checked against the size of its embeddings.

    A folder without ``tokenizer.json`` (the hub's WangchanBERTa has only a sentencepiece model) has one
    generated.

    Raises:
        TokenizerError: the vocabulary does not fit, or WangchanBERTa's ids are shifted.
    """
    path = folder / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path)) if path.is_file() else _converted(folder)
    expected = json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    # Some checkpoints round their embeddings up; only ids beyond the vocabulary are dangerous.
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    if not expected * 0.95 <= size <= expected:
        raise TokenizerError(
            f"{folder}: the tokenizer has {size} pieces, the model {expected} embeddings. transformers 5 can "
            "lose the vocabulary of a CamembertTokenizer: put the authors' tokenizer.json into the folder"
        )
    if tokenizer.token_to_id(SPACE_TOKEN) is None:
        return Encoder(tokenizer, Preprocessing.PLAIN)
    encoder = Encoder(tokenizer, Preprocessing.WANGCHANBERTA)
    ids = tokenizer.encode(KNOWN_SENTENCE, add_special_tokens=False).ids
    if size > 20_000 and ids != KNOWN_IDS:
        raise TokenizerError(
            f"{folder}: WangchanBERTa's tokenizer gives ids {ids[:5]}… where the authors' gives "
            f"{KNOWN_IDS[:5]}…: this copy has shifted ids and would read the wrong embeddings"
        )
    return encoder


def _converted(folder: Path) -> Tokenizer:
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(folder)
    backend = getattr(loaded, "backend_tokenizer", None)
    if backend is None:
        raise TokenizerError(f"{folder} has no fast tokenizer: put a tokenizer.json into the folder")
    return Tokenizer.from_str(backend.to_str())
