"""An older bundle in the current graph, with a prefilter."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from inference.bulk.screening import Screening
from inference.model.bundle import (
    CALIBRATION,
    DETECTOR,
    MODEL,
    SCREEN,
    TOKENIZER,
    Manifest,
    load_bundle,
    write_manifest,
)
from inference.model.encoding import Encoder
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.scores import score
from inference.model.windows import WindowShape
from inference.text.reading import read
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS
from training.base.tokenizer import load_encoder
from training.bundle_commands import bundle
from training.data.examples import sample_windows
from training.fit.model import ThreeHeadModel
from training.fit.prefilter import prohibited_texts
from training.releasing.serving_graph import write_int8_graph

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

SHAPE = WindowShape(size=64, overlap=8, head=8)
TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


@pytest.fixture
def data(records: list[Annotation], tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for part in ("train", "validation", "test"):
        lines = (record.model_dump_json() for record in records)
        (folder / f"{part}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def old(tiny_base: Path, records: list[Annotation], tmp_path: Path) -> Path:
    """A bundle without linear model and prefilter."""
    torch.manual_seed(0)
    model = ThreeHeadModel.from_pretrained(tiny_base).eval()
    torch.nn.init.normal_(model.tag_head.weight, std=0.5)
    encoder = load_encoder(tiny_base)
    folder = tmp_path / "old"
    folder.mkdir()
    write_int8_graph(model, folder / MODEL, sample_windows(records, encoder, SHAPE, 8))
    encoder.tokenizer.save(str(folder / TOKENIZER), pretty=False)
    (folder / CALIBRATION).write_bytes((TINY / CALIBRATION).read_bytes())
    manifest = Manifest(
        name="old",
        version="1",
        base="tiny",
        base_licence="MIT",
        created="2026-12-01",
        preprocessing=encoder.preprocessing,
        window=SHAPE.size,
        overlap=SHAPE.overlap,
        head=SHAPE.head,
        labels=list(LABELS),
        classes=list(CLASSES),
        files={},
    )
    write_manifest(folder, manifest)
    return folder


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
            score(read(record.text), encoder, OnnxRuntime(found.model_path), SHAPE).tags
            for found in (before, after)
        )
        assert now == pytest.approx(was, abs=0.05)
    screening = Screening(after)
    assert not any(map(screening.lets_out, prohibited_texts(records)))
    assert json.loads((new / CALIBRATION).read_text()) == json.loads((old / CALIBRATION).read_text())


def test_a_folder_that_is_no_bundle_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(bundle, ["renew", str(tmp_path), str(tmp_path / "new")])
    assert answer.exit_code == 1
    assert f"no model bundle at {tmp_path}" in answer.output
