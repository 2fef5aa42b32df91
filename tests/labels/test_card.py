"""The dataset card states the agreement that its two annotations have."""

import pytest

pytest.importorskip("krippendorff", reason="needs the train extra")

from labels.annotation.agreement import compare
from labels.dataset.shipped import data_folder, read_annotations


@pytest.mark.parametrize("prefix", ["", "third-round-"])
def test_the_card_states_the_agreement_of_the_two_annotations(prefix: str) -> None:
    folder = data_folder()
    first, second = (
        list(read_annotations(folder / "agreement" / f"{prefix}{name}.jsonl")) for name in ("first", "second")
    )
    found = compare(first, second)
    card = (folder / "README.md").read_text(encoding="utf-8")
    for label, row in found.labels.items():
        assert f"| `{label}` | {row.a} | {row.b} | {row.both} | {row.alpha:.3f} |" in card
    assert f"verdict {found.verdict.alpha:.3f}" in card
    assert f"character F1 of the spans {found.span_f1:.3f}" in card
