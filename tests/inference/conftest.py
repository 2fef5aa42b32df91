"""What the tests of reading and of models share: awkward texts, small tokenizers, a tiny bundle."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from tokenizers import Tokenizer, models, pre_tokenizers

from inference.classifier import Classifier
from inference.model.encoding import SPACE_TOKEN

settings.register_profile("ruthan", deadline=None, max_examples=60)
settings.load_profile("ruthan")

TINY_BUNDLE = Path(__file__).parents[1] / "data" / "tiny_bundle"
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def _unigram(extra: tuple[str, ...] = ()) -> Tokenizer:
    letters = [chr(c) for c in range(0x0E01, 0x0E5C) if chr(c).isprintable()]
    words = ["รักษา", "โรค", "มะเร็ง", "ครีม", "ดี", "▁"]
    pieces = [(p, 0.0) for p in (*_SPECIAL, *extra)]
    pieces += [(w, -2.0) for w in words] + [(c, -8.0) for c in [*letters, *"abcxyz0123456789"]]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([*_SPECIAL, *extra])
    return tokenizer


@pytest.fixture
def unigram() -> Tokenizer:
    """A tokenizer of the XLM-R kind."""
    return _unigram()


@pytest.fixture
def unigram_with_space_token() -> Tokenizer:
    """A tokenizer of WangchanBERTa's kind, with ``<_>`` for a space."""
    return _unigram((SPACE_TOKEN,))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of the tiny bundle that a test may spoil."""
    return Path(shutil.copytree(TINY_BUNDLE, tmp_path / "bundle"))


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """A classifier on the tiny bundle."""
    return Classifier(TINY_BUNDLE, threads=1)
