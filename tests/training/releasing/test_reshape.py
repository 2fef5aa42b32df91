"""A bundle with other windows for long texts."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from inference.model.bundle import CALIBRATION, CARD, METRICS, MODEL, load_bundle, write_manifest
from labels.dataset.shipped import DatasetError
from labels.schema import Annotation
from training.bundle_commands import bundle
from training.data.examples import COMPACT_SHAPE
from training.data.real import RealTexts
from training.evaluation.calibrate import RISK_TOKENS

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

MODULE = "training.releasing.reshape"


def _reshape(old: Path, new: Path, data: Path, *more: str) -> Any:
    data.mkdir(exist_ok=True)
    command = ["reshape", str(old), str(new), "--version", "2", "--data", str(data)]
    return CliRunner().invoke(bundle, [*command, "--texts", str(new.parent / "texts"), *more])


def test_a_reshaped_bundle_has_the_current_windows_and_new_metrics(
    old: Path, data: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    answer = _reshape(old, new, data)
    assert answer.exit_code == 0, answer.output
    assert "measured on written listings alone" in answer.output
    before, after = load_bundle(old), load_bundle(new)
    assert before.manifest.shape != after.manifest.shape == COMPACT_SHAPE
    assert after.manifest.version == "2"
    assert after.manifest.made_with["weights and calibration"] == f"of {before.model_id}"
    for kept in (MODEL, CALIBRATION):
        assert (new / kept).read_bytes() == (old / kept).read_bytes()
    assert json.loads((new / METRICS).read_text())["test"]["listings"] == 24


def test_the_calibration_is_fitted_again_if_asked(old: Path, data: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert _reshape(old, new, data, "--refit").exit_code == 0
    before, after = load_bundle(old), load_bundle(new)
    assert (new / MODEL).read_bytes() == (old / MODEL).read_bytes()
    assert before.calibration.risk.tokens == 1
    assert after.calibration.risk.tokens == RISK_TOKENS
    assert after.manifest.made_with["weights"] == f"of {before.model_id}"
    assert "weights and calibration" not in after.manifest.made_with


def test_real_texts_are_measured_with_calibrations_that_have_not_seen_them(
    old: Path, data: Path, records: list[Annotation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RealTexts([], records[12:], "digest", 0)
    monkeypatch.setattr(RealTexts, "if_available", classmethod(lambda cls, texts: real))
    new = tmp_path / "new"
    answer = _reshape(old, new, data)
    assert answer.exit_code == 0, answer.output
    found = json.loads((new / METRICS).read_text())
    assert found["real"]["all"]["listings"] == 12
    assert "average_precision" in found["shift_gap"]


def test_real_figures_of_the_former_windows_are_not_kept(
    old: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"real": {"all": {}}, "shift_gap": {"span_f1": 0.1}, "columns": {"not quantized": {}}}
    (old / METRICS).write_text(json.dumps(kept), encoding="utf-8")
    write_manifest(old, load_bundle(old).manifest)
    monkeypatch.setattr(f"{MODULE}.model_card", lambda manifest, metrics: ", ".join(sorted(metrics)))
    new = tmp_path / "new"
    assert _reshape(old, new, data).exit_code == 0
    assert (new / CARD).read_text() == "columns, test"


def test_an_existing_bundle_stays_if_the_data_is_missing(old: Path, data: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert _reshape(old, new, data).exit_code == 0
    before = load_bundle(new).digest
    answer = _reshape(old, new, tmp_path / "empty")
    assert answer.exit_code != 0
    assert not isinstance(answer.exception, DatasetError)
    assert load_bundle(new).digest == before


def test_a_folder_that_is_no_bundle_is_named(tmp_path: Path) -> None:
    answer = _reshape(tmp_path, tmp_path / "new", tmp_path)
    assert answer.exit_code == 1
    assert f"no model bundle at {tmp_path}" in answer.output
