"""The dataset card states the agreement that its two annotations have."""

import pytest

pytest.importorskip("krippendorff", reason="needs the train extra")

from labels.agreement import compare
from labels.dataset import data_folder, read_annotations


def test_the_card_states_the_agreement_of_the_two_annotations() -> None:
    folder = data_folder()
    first, second = (
        list(read_annotations(folder / "agreement" / f"{name}.jsonl")) for name in ("first", "second")
    )
    found = compare(first, second)
    card = (folder / "README.md").read_text(encoding="utf-8")
    for label, row in found.labels.items():
        assert f"| `{label}` | {row.a} | {row.b} | {row.both} | {row.alpha:.3f} |" in card
    assert f"verdict {found.verdict.alpha:.3f}" in card
    assert f"character F1 of the spans {found.span_f1:.3f}" in card
