"""Tokens point into the original text, whatever a tokenizer does to it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tokenizers import Tokenizer

from inference.model.encoding import Encoder, Preprocessing, prepare
from inference.text.reading import read

from ..odd_texts import TEXTS

FIXTURE_IS_STATELESS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def wangchanberta(text: str) -> str:
    return prepare(read(text), Preprocessing.WANGCHANBERTA).text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("ABC กข", "abc<_>กข"),
        ("a &amp; b", "a<_>&<_>b"),
        ("a &lt; b", "a<_><<_>b"),
        ("ก<br/>ข", "ก<_>|<_>ข"),
        (r"ก\nข", "ก<_>ข"),
        ("ก()ข[ ]", "กข"),
        ("10-1-00005", "10-1-05"),
        ("ก  ข", "ก<_>ข"),
        ("", ""),
    ],
)
def test_wangchanberta_rules(written: str, text: str) -> None:
    assert wangchanberta(written) == text


def test_plain_is_the_reading() -> None:
    assert prepare(read("ABC  ๑"), Preprocessing.PLAIN).text == "ABC 1"


def test_tokens_of_a_sentence(unigram: Tokenizer) -> None:
    text = "ครีมรักษา โ-ร-ค ดี"
    tokens = Encoder(unigram, Preprocessing.PLAIN).encode(read(text))
    places = [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True) if a < b]
    assert places == ["ครีม", "รักษา", "โ-ร-ค", "ดี"]


def test_a_space_token_has_no_width_and_starts_a_word(unigram_with_space_token: Tokenizer) -> None:
    tokens = Encoder(unigram_with_space_token, Preprocessing.WANGCHANBERTA).encode(read("ดี ดี"))
    space = unigram_with_space_token.token_to_id("<_>")
    (at,) = [k for k, i in enumerate(tokens.ids.tolist()) if i == space]
    assert tokens.starts[at] == tokens.ends[at] == 2
    assert tokens.word_start[at]


def test_a_words_second_piece_starts_no_word(unigram: Tokenizer) -> None:
    text = "กล้วย"
    tokens = Encoder(unigram, Preprocessing.PLAIN).encode(read(text))
    inside = [bool(w) for w, a, b in zip(tokens.word_start, tokens.starts, tokens.ends, strict=True) if a < b]
    assert len(inside) > 1
    assert inside == [True] + [False] * (len(inside) - 1)


@FIXTURE_IS_STATELESS
@given(TEXTS.filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)))
@pytest.mark.parametrize("preprocessing", list(Preprocessing))
def test_offsets_are_in_the_original_and_ascend(
    unigram_with_space_token: Tokenizer, preprocessing: Preprocessing, text: str
) -> None:
    tokens = Encoder(unigram_with_space_token, preprocessing).encode(read(text))
    starts, ends = tokens.starts.tolist(), tokens.ends.tolist()
    assert len(tokens) == len(starts) == len(ends) == len(tokens.word_start)
    assert all(0 <= a <= b <= len(text) for a, b in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    # Signs alone may leave nothing: WangchanBERTa's preprocessing takes empty brackets out.
    if any(c.isalnum() for c in read(text).text):
        assert len(tokens) > 0


def test_empty_brackets_alone_leave_no_token(unigram_with_space_token: Tokenizer) -> None:
    encoder = Encoder(unigram_with_space_token, Preprocessing.WANGCHANBERTA)
    assert len(encoder.encode(read("()"))) == 0


def test_a_saved_truncation_is_cleared(unigram: Tokenizer) -> None:
    unigram.enable_truncation(5)
    unigram.enable_padding(length=500)
    tokens = Encoder(unigram, Preprocessing.PLAIN).encode(read("ดี " * 30))
    assert 30 <= len(tokens) < 100


def test_a_tokenizer_of_another_class_is_refused(tmp_path: Path) -> None:
    from tokenizers import models

    with pytest.raises(ValueError, match="no <s> token"):
        Encoder(Tokenizer(models.Unigram([("<unk>", 0.0)], unk_id=0)), Preprocessing.PLAIN)
    with pytest.raises(FileNotFoundError, match="no tokenizer"):
        Encoder.from_file(tmp_path / "tokenizer.json", Preprocessing.PLAIN)


def test_it_loads_from_a_file(unigram: Tokenizer, tmp_path: Path) -> None:
    unigram.save(str(tmp_path / "tokenizer.json"))
    encoder = Encoder.from_file(tmp_path / "tokenizer.json", Preprocessing.PLAIN)
    assert (encoder.bos_id, encoder.pad_id, encoder.eos_id) == (0, 1, 2)


@FIXTURE_IS_STATELESS
@given(TEXTS.filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)))
@pytest.mark.parametrize("preprocessing", list(Preprocessing))
def test_ids_alone_are_those_with_places(
    unigram_with_space_token: Tokenizer, preprocessing: Preprocessing, text: str
) -> None:
    encoder = Encoder(unigram_with_space_token, preprocessing)
    assert encoder.ids(read(text)).tolist() == encoder.encode(read(text)).ids.tolist()
