"""The inline markup and the spans are equivalent, and spans that the markup cannot express are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.annotation.inline import InlineMarkupError, format_inline, parse_inline
from labels.schema import Span
from labels.taxonomy import ClaimLabel

PIECES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=20)
LABELS = st.lists(st.sampled_from(ClaimLabel), min_size=0, max_size=3, unique=True)


@given(st.lists(st.tuples(PIECES, LABELS), max_size=8))
def test_spans_survive_the_round_trip(pieces: list[tuple[str, list[ClaimLabel]]]) -> None:
    text = "".join(piece for piece, _ in pieces)
    spans: list[Span] = []
    at = 0
    for piece, labels in pieces:
        spans += [Span(start=at, end=at + len(piece), label=label) for label in labels]
        at += len(piece)
    assert parse_inline(format_inline(text, spans)) == (text, spans)


@given(st.text(st.sampled_from("[]|+ax\n"), max_size=12), st.data())
def test_brackets_are_read_back_or_refused(text: str, data: st.DataObject) -> None:
    spans = []
    if text:
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        spans = [Span(start=start, end=end, label=ClaimLabel.DISEASE)]
    try:
        raw = format_inline(text, spans)
    except InlineMarkupError:
        return
    assert parse_inline(raw) == (text, spans)


def test_two_labels_on_the_same_words() -> None:
    text, spans = parse_inline("ครีม[[disease_claim+absolute_claim|หายขาด]]จริง")
    assert text == "ครีมหายขาดจริง"
    assert [(text[s.start : s.end], s.label) for s in spans] == [
        ("หายขาด", ClaimLabel.DISEASE),
        ("หายขาด", ClaimLabel.ABSOLUTE),
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("[[cure|หาย]]", "unknown label 'cure': use one of disease_claim"),
        ("[[disease_claim|หาย", "left over at character 0: close every"),
        ("หาย]] ทันที", "left over at character 3"),
        ("[[disease_claim|หาย [[absolute_claim|ทันที]] ]]", "never nest"),
        ("[[disease_claim|]]", "left over"),
    ],
)
def test_broken_markup_says_what_to_do(raw: str, message: str) -> None:
    with pytest.raises(InlineMarkupError, match=message.replace("[", r"\[")):
        parse_inline(raw)


def test_overlapping_runs_cannot_be_written() -> None:
    spans = [
        Span(start=0, end=5, label=ClaimLabel.DISEASE),
        Span(start=3, end=8, label=ClaimLabel.ABSOLUTE),
    ]
    with pytest.raises(InlineMarkupError, match="at 3 overlaps"):
        format_inline("รักษาหายขาด", spans)
