"""An older bundle in the current graph, with a prefilter."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from inference.bulk.screening import Screening
from inference.model.bundle import (
    CALIBRATION,
    DETECTOR,
    SCREEN,
    load_bundle,
)
from inference.model.encoding import Encoder
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.scores import score
from inference.text.reading import read
from labels.schema import Annotation
from training.bundle_commands import bundle
from training.fit.prefilter import prohibited_texts

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]


@pytest.mark.usefixtures("few_everyday")
def test_a_renewed_bundle_answers_as_before_and_has_a_prefilter(
    old: Path, data: Path, records: list[Annotation], tmp_path: Path
) -> None:
    new = tmp_path / "new"
    posts = tmp_path / "posts.txt"
    posts.write_text("วันนี้รถติดมากฝนตกทั้งวันเลย\nแมวที่บ้านนอนทั้งวันไม่ยอมกินข้าว\n" * 5, encoding="utf-8")
    command = ["renew", str(old), str(new), "--data", str(data), "--non-offers", str(posts)]
    answer = CliRunner(env={"COLUMNS": "160"}).invoke(bundle, command)
    assert answer.exit_code == 0, answer.output
    assert "average_precision" in answer.output

    before, after = load_bundle(old), load_bundle(new)
    assert before.manifest.files.keys() | {SCREEN, DETECTOR} == after.manifest.files.keys()
    assert after.manifest.version == before.manifest.version
    encoder = Encoder.from_file(after.tokenizer_path, after.manifest.preprocessing)
    for record in records[:4]:
        was, now = (
            score(read(record.text), encoder, OnnxRuntime(found.model_path), before.manifest.shape).tags
            for found in (before, after)
        )
        assert now == pytest.approx(was, abs=0.1)
    screening = Screening(after)
    assert not any(map(screening.lets_out, prohibited_texts(records)))
    assert json.loads((new / CALIBRATION).read_text()) == json.loads((old / CALIBRATION).read_text())


def test_a_folder_that_is_no_bundle_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(bundle, ["renew", str(tmp_path), str(tmp_path / "new")])
    assert answer.exit_code == 1
    assert f"no model bundle at {tmp_path}" in answer.output
