"""Claims have the offsets of their words."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from inference.model.bundle import load_bundle
from inference.model.encoding import Encoder, Preprocessing
from inference.model.lexical import LexicalScores
from inference.model.scores import ListingScores
from inference.model.spans import find_claims
from inference.text.reading import read
from labels.schema import Claim
from labels.taxonomy import CLASSES, LABELS, ClaimLabel

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
CALIBRATION = load_bundle(TINY).calibration


def claims(text: str, encoder: Encoder, fired: dict[int, float], label: ClaimLabel) -> list[Claim]:
    """Claims when the tokens at the given places of the text fire a label."""
    reading = read(text)
    tokens = encoder.encode(reading)
    tags = np.full((len(tokens), len(LABELS)), -6, np.float32)
    for k, (start, end) in enumerate(zip(tokens.starts, tokens.ends, strict=True)):
        for place, logit in fired.items():
            if start <= place < end:
                tags[k, LABELS.index(label)] = logit
    scores = ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), 0.0)
    return find_claims(reading, scores, CALIBRATION)


@pytest.fixture
def encoder(unigram: Tokenizer) -> Encoder:
    return Encoder(unigram, Preprocessing.PLAIN)


def test_a_part_of_a_word_grows_to_the_word(encoder: Encoder) -> None:
    (claim,) = claims("ดี กล้วย ดี", encoder, {4: 3.0}, ClaimLabel.BENEFIT)
    assert (claim.text, claim.start, claim.end) == ("กล้วย", 3, 8)
    assert claim.probability == pytest.approx(0.9526, abs=1e-4)


def test_the_pulled_apart_letters_are_all_in_the_span(encoder: Encoder) -> None:
    (claim,) = claims("ครีม ม ะ เ ร็ ง!", encoder, {7: 3.0}, ClaimLabel.DISEASE)
    assert claim.text == "ม ะ เ ร็ ง"


def test_punctuation_is_stripped_but_a_percent_sign_stays(encoder: Encoder) -> None:
    text = "ดี “รักษา 100%”..."
    (claim,) = claims(text, encoder, dict.fromkeys(range(3, len(text)), 3.0), ClaimLabel.ABSOLUTE)
    assert claim.text == "รักษา 100%"


def test_a_span_under_the_report_threshold_is_left_out(encoder: Encoder) -> None:
    strict = CALIBRATION.model_copy(deep=True)
    strict.label_thresholds[ClaimLabel.DISEASE].report = 0.99
    reading = read("รักษา มะเร็ง")
    tokens = encoder.encode(reading)
    scores = ListingScores(
        tokens, np.full((len(tokens), len(LABELS)), 1, np.float32), np.zeros(len(CLASSES), np.float32), 0.0
    )
    assert {c.label for c in find_claims(reading, scores, strict)} == set(LABELS) - {ClaimLabel.DISEASE}


def test_a_label_that_is_reported_is_marked_though_no_token_passes_the_token_threshold(
    encoder: Encoder,
) -> None:
    lenient = CALIBRATION.model_copy(deep=True, update={"token_threshold": 0.9})
    text = "ดี รักษา มะเร็ง ดี"
    scores = _fired(text, encoder, 3, 15, ClaimLabel.BENEFIT, 0.5)
    (claim,) = find_claims(read(text), scores, lenient)
    assert (claim.text, claim.label) == ("รักษา มะเร็ง", ClaimLabel.BENEFIT)
    assert claim.probability == pytest.approx(0.6225, abs=1e-4)


def test_a_span_must_be_plain_somewhere_and_may_fade_out_from_there(encoder: Encoder) -> None:
    calibration = CALIBRATION.model_copy(deep=True, update={"token_threshold": 0.4, "seed_threshold": 0.8})
    text = "รักษา มะเร็ง ดี กล้วย"
    reading = read(text)
    tokens = encoder.encode(reading)
    tags = np.full((len(tokens), len(LABELS)), -6, np.float32)
    column = LABELS.index(ClaimLabel.DISEASE)
    tags[tokens.starts < 5, column] = 3.0
    tags[(tokens.starts >= 5) & (tokens.starts < 12), column] = (
        0.1  # over the threshold: extends the plain one
    )
    tags[tokens.starts >= 16, column] = 0.1  # the same alone: dropped
    scores = ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), 0.0)
    assert [c.text for c in find_claims(reading, scores, calibration)] == ["รักษา มะเร็ง"]


def test_scraps_fall_away_beside_a_longer_span_and_stand_alone_otherwise(encoder: Encoder) -> None:
    fired = dict.fromkeys(range(5), 3.0)
    both = claims("รักษา โรค ดี", encoder, fired | {10: 3.0}, ClaimLabel.DISEASE)
    assert [c.text for c in both] == ["รักษา"]
    assert [c.text for c in claims("รักษา โรค ดี", encoder, {10: 3.0}, ClaimLabel.DISEASE)] == ["ดี"]


@pytest.mark.parametrize("logit", [float("nan"), float("-inf"), -6.0])
def test_no_span_from_no_evidence(encoder: Encoder, logit: float) -> None:
    assert claims("รักษา โรค", encoder, {0: logit}, ClaimLabel.DISEASE) == []


def test_an_infinite_logit_is_a_certain_claim(encoder: Encoder) -> None:
    (claim,) = claims("รักษา โรค", encoder, {0: float("inf")}, ClaimLabel.DISEASE)
    assert claim.probability == pytest.approx(1)


def test_an_empty_text_has_no_claims(encoder: Encoder) -> None:
    assert claims("", encoder, {}, ClaimLabel.DISEASE) == []


WORDS = st.sampled_from(
    [
        "รักษา",
        "มะเร็ง",
        "ม ะ เ ร็ ง",
        "เบา🔥หวาน",
        "ผอม",
        "ผอมมมม",
        "บาท",
        "\u200b",
        "่",
        "ํา",
        "😀",
        "❤️",
        "\n",
        " ",
        "é",
        "<b>",
        "&amp;",
        "๑๒",
        "“",
        "%",
        "A",
        "10-1-00005",
        "\x00",
        "!!!",
    ]
)


@given(st.lists(WORDS | st.characters(exclude_categories=["Cs"]), max_size=40).map("".join))
def test_a_span_is_its_text_and_spans_of_a_label_do_not_overlap(text: str) -> None:
    reading = read(text)
    encoder = CLASSIFIER_ENCODER
    tokens = encoder.encode(reading)
    rng = np.random.default_rng(len(text))
    tags = rng.normal(0, 3, (len(tokens), len(LABELS))).astype(np.float32)
    found = find_claims(
        reading, ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), 0.0), CALIBRATION
    )
    assert found == sorted(found, key=lambda c: (c.start, c.end))
    for claim in found:
        assert 0 <= claim.start < claim.end <= len(text)
        assert text[claim.start : claim.end] == claim.text == claim.text.strip()
    for label in LABELS:
        own = [c for c in found if c.label is label]
        assert all(a.end <= b.start for a, b in itertools.pairwise(own))


CLASSIFIER_ENCODER = Encoder.from_file(TINY / "tokenizer.json", Preprocessing.PLAIN)


def _fired(
    text: str, encoder: Encoder, start: int, end: int, label: ClaimLabel, logit: float
) -> ListingScores:
    tokens = encoder.encode(read(text))
    tags = np.full((len(tokens), len(LABELS)), -6, np.float32)
    tags[(tokens.starts >= start) & (tokens.starts < end), LABELS.index(label)] = logit
    return ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), 0.0)


@pytest.mark.parametrize(
    ("words", "label", "logit", "marked"),
    [
        ("กล้วย", ClaimLabel.DISEASE, 0.8, False),
        ("กล้วย", ClaimLabel.DISEASE, 6.0, True),
        ("รักษา มะเร็ง", ClaimLabel.DISEASE, 0.8, True),
        ("กล้วย", ClaimLabel.ABSOLUTE, 0.8, True),
    ],
)
def test_a_lone_word_is_a_claim_of_an_effect_only_where_the_label_is_sure(
    encoder: Encoder, words: str, label: ClaimLabel, logit: float, marked: bool
) -> None:
    careful = CALIBRATION.model_copy(deep=True)
    for thresholds in careful.label_thresholds.values():
        thresholds.sure = 0.95
    text = f"ดี {words} ดี"
    scores = _fired(text, encoder, 3, 3 + len(words), label, logit)
    assert [claim.text for claim in find_claims(read(text), scores, careful)] == ([words] if marked else [])


def test_a_sure_risk_points_at_words_though_no_label_reaches_its_threshold(encoder: Encoder) -> None:
    strict = CALIBRATION.model_copy(deep=True)
    for thresholds in strict.label_thresholds.values():
        thresholds.report = thresholds.sure = 0.9
    text = "ดี รักษา มะเร็ง ดี"
    scores = _fired(text, encoder, 3, 15, ClaimLabel.DISEASE, 1.0)
    risk = strict.risk_probability(scores)
    for sure, found in ((risk + 0.01, []), (risk - 0.01, ["รักษา มะเร็ง"])):
        strict.risk_thresholds.sure = sure
        assert [claim.text for claim in find_claims(read(text), scores, strict)] == found


def _two_effects(
    encoder: Encoder,
    benefit: tuple[float, float],
    disease: tuple[float, float],
    lexical: LexicalScores | None = None,
) -> set[Any]:
    """Words and labels of the claims of two phrases, with each label's logits in the two."""
    text = "รักษา มะเร็ง รักษา โรค"
    tokens = encoder.encode(read(text))
    tags = np.full((len(tokens), len(LABELS)), -6, np.float32)
    for label, (first, second) in ((ClaimLabel.BENEFIT, benefit), (ClaimLabel.DISEASE, disease)):
        tags[:, LABELS.index(label)] = np.where(tokens.starts < 12, first, second)
    scores = ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), 0.0, lexical)
    calibration = CALIBRATION.model_copy(deep=True)
    calibration.labels[ClaimLabel.BENEFIT].lexical = 1.0
    return {(claim.text, claim.label) for claim in find_claims(read(text), scores, calibration)}


def test_words_state_the_effect_that_is_clearly_more_likely(encoder: Encoder) -> None:
    assert _two_effects(encoder, benefit=(6.0, 2.0), disease=(2.0, 6.0)) == {
        ("รักษา มะเร็ง", ClaimLabel.BENEFIT),
        ("รักษา โรค", ClaimLabel.DISEASE),
    }


def test_two_effects_of_which_neither_leads_clearly_are_both_marked(encoder: Encoder) -> None:
    assert _two_effects(encoder, benefit=(2.0, 2.0), disease=(2.5, 2.5)) == {
        ("รักษา มะเร็ง รักษา โรค", ClaimLabel.BENEFIT),
        ("รักษา มะเร็ง รักษา โรค", ClaimLabel.DISEASE),
    }


def test_a_reported_effect_keeps_its_words_though_another_leads_everywhere(encoder: Encoder) -> None:
    found = _two_effects(encoder, benefit=(6.0, 6.0), disease=(2.0, 2.0))
    assert ("รักษา มะเร็ง รักษา โรค", ClaimLabel.DISEASE) in found


def test_an_effect_that_is_not_reported_is_no_rival(encoder: Encoder) -> None:
    both = _two_effects(encoder, benefit=(6.0, -6.0), disease=(2.0, 6.0))
    assert ("รักษา โรค", ClaimLabel.DISEASE) in both
    words = np.zeros(len(LABELS), np.float32)
    words[LABELS.index(ClaimLabel.BENEFIT)] = -50
    unlikely = LexicalScores(0.0, 0.0, np.zeros(len(CLASSES), np.float32), words)
    alone = _two_effects(encoder, benefit=(6.0, -6.0), disease=(2.0, 6.0), lexical=unlikely)
    assert alone == {("รักษา มะเร็ง รักษา โรค", ClaimLabel.DISEASE)}
