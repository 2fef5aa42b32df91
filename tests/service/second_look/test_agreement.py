"""The figures: alpha, few pairs, drift by month, CSV, and what the dealer's chance is made of."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labels.taxonomy import ClaimLabel, Verdict
from service.second_look.agreement import (
    LEAST_ANSWERS,
    LEAST_PAIRS,
    LEAST_WITH_LABEL,
    agreement,
    as_csv,
    drift,
)
from service.second_look.dealer import odds_of
from service.settings import Settings
from service.store.second_look.pairs import Answer, Pair, Reading
from service.store.tables.core_tables import UNSURE

AT = datetime(2026, 11, 27, tzinfo=UTC)
PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
DISEASE = frozenset({ClaimLabel.DISEASE.value})


def pair(one: str, two: str, first: int = 1, second: int = 2, labels: frozenset[str] = DISEASE) -> Pair:
    of = {PROHIBITED: labels}
    return Pair(
        AT,
        Reading(first, one, of.get(one, frozenset())),
        Reading(second, two, of.get(two, frozenset())),
    )


def test_alpha_is_krippendorffs() -> None:
    """20 nominal pairs by hand: 9 + 9 agree, 2 differ; observed disagreement 0.1, expected 20 * 20 / (40 * 39 / 2)."""
    pairs = [pair(PROHIBITED, PROHIBITED)] * 9 + [pair(CLEAR, CLEAR)] * 9
    pairs += [pair(PROHIBITED, CLEAR), pair(CLEAR, PROHIBITED)]
    found = agreement(pairs)
    expected = 1 - 0.1 / (20 * 20 / (40 * 39 / 2))
    assert found.verdict.alpha == pytest.approx(expected)
    assert (found.verdict.pairs, found.verdict.same) == (20, 18)
    assert found.labels[ClaimLabel.DISEASE].alpha == pytest.approx(expected)
    assert found.labels[ClaimLabel.DISEASE].with_label == 11
    for reviewer in (1, 2):
        assert found.reviewers[reviewer][0].alpha == pytest.approx(expected)


def test_few_pairs_give_no_alpha() -> None:
    pairs = [pair(PROHIBITED, PROHIBITED), pair(CLEAR, PROHIBITED)] * (LEAST_PAIRS // 2)
    assert agreement(pairs).verdict.alpha is not None
    short = agreement(pairs[1:]).verdict
    assert (short.alpha, short.few, short.pairs) == (None, True, LEAST_PAIRS - 1)
    # Each reviewer needs as many of their own.
    third = agreement([*pairs, pair(CLEAR, CLEAR, 1, 3)])
    assert third.reviewers[3][0].few
    assert not third.reviewers[1][0].few


def test_a_label_that_hardly_occurs_gives_no_alpha() -> None:
    with_label = [pair(PROHIBITED, PROHIBITED)] * (LEAST_WITH_LABEL - 1)
    figure = agreement([*with_label, *[pair(CLEAR, CLEAR)] * LEAST_PAIRS]).labels[ClaimLabel.DISEASE]
    assert (figure.few, figure.alpha) == (True, None)
    enough = agreement([*with_label, pair(PROHIBITED, CLEAR), *[pair(CLEAR, CLEAR)] * LEAST_PAIRS])
    assert enough.labels[ClaimLabel.DISEASE].alpha is not None


def test_without_variation_there_is_no_alpha_and_a_doubt_is_no_reading() -> None:
    found = agreement([pair(CLEAR, CLEAR)] * LEAST_PAIRS + [pair(CLEAR, UNSURE)])
    assert (found.verdict.alpha, found.verdict.few) == (None, False)
    assert (found.verdict.pairs, found.unsure) == (LEAST_PAIRS, 1)


def test_drift_is_by_month_in_bangkok() -> None:
    late = datetime(2026, 10, 31, 18, tzinfo=UTC)  # 1 November in Bangkok
    known = Reading(9, PROHIBITED, DISEASE)
    right, other_label = Reading(1, PROHIBITED, DISEASE), Reading(1, PROHIBITED, frozenset())
    answers = [Answer(late, right, known)] * LEAST_ANSWERS
    answers += [Answer(late - timedelta(days=1), item, known) for item in (right, other_label)]
    answers += [Answer(late, Reading(2, UNSURE, frozenset()), known)]
    found = drift(answers)
    assert [(row.month, row.reviewer_id) for row in found] == [("2026-11", 1), ("2026-11", 2), ("2026-10", 1)]
    assert [(row.answers, row.right, row.same_labels) for row in found] == [
        (10, 10, 10),
        (1, 0, 0),
        (2, 2, 1),
    ]
    assert [row.share for row in found] == [1.0, None, None]


def test_the_csv_names_who_and_hides_no_formula() -> None:
    found = agreement([pair(PROHIBITED, PROHIBITED)] * 10 + [pair(CLEAR, PROHIBITED)] * 10)
    names = {1: '=HYPERLINK("http://x.example")', 2: "เล็ก"}
    text = as_csv(found, names, AT - timedelta(days=90), AT)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["reviewer"] for row in rows} == {"everybody", "'" + names[1], "เล็ก"}
    (verdict,) = [row for row in rows if (row["reviewer"], row["question"]) == ("everybody", "verdict")]
    assert (verdict["pairs"], verdict["same"], verdict["too_few"]) == ("20", "10", "0")
    assert float(verdict["alpha"]) == pytest.approx(found.verdict.alpha or 0, abs=1e-4)
    assert (verdict["from"], verdict["to"]) == ("2026-08-29", "2026-11-27")
    few = [row for row in rows if row["question"] == ClaimLabel.TESTIMONIAL]
    assert all(row["alpha"] == "" and row["too_few"] == "1" for row in few)


def test_chance_is_keyed_even_and_the_same_in_every_process(tmp_path: Path) -> None:
    def odds(key: str) -> list[float]:
        settings = Settings.of({"database.url": f"sqlite:///{tmp_path / 'x.db'}", "secret.key": key})
        return [odds_of(settings).chance(f"look:{number}") for number in range(2000)]

    one, two = odds("k" * 40), odds("l" * 40)
    assert one == odds("k" * 40)
    assert one != two
    assert all(0 <= value < 1 for value in one)
    tenths = Counter(int(value * 10) for value in one)
    assert min(tenths.values()) > 140
    assert sum(value < 0.05 for value in one) == pytest.approx(100, abs=40)
