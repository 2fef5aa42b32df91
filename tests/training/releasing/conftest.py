"""An older bundle and a dataset of three splits."""

from pathlib import Path

import pytest
import torch

from inference.model.bundle import CALIBRATION, MODEL, TOKENIZER, Manifest, write_manifest
from inference.model.windows import WindowShape
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS
from training.base.tokenizer import load_encoder
from training.data.examples import sample_windows
from training.fit.model import ThreeHeadModel
from training.releasing.serving_graph import write_int8_graph

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
