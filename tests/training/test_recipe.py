"""The whole recipe on a tiny base: train, export, parity, calibrate, bundle, serve."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from inference.classifier import Classifier
from inference.model.bundle import load_bundle
from inference.model.encoding import Preprocessing
from inference.model.windows import WindowShape
from inference.text.reading import read
from labels.schema import Listing
from training.base.tokenizer import KNOWN_IDS, TokenizerError, load_encoder
from training.fit.fine_tune import Recipe, ThreeHeadTrainer, fine_tune
from training.fit.model import ThreeHeadModel
from training.releasing.fitting import CollapsedModelError
from training.releasing.release import release

pytestmark = [
    pytest.mark.needs_train,
    pytest.mark.slow(10),
    pytest.mark.usefixtures("few_everyday"),
    pytest.mark.filterwarnings("ignore"),  # of torch's exporter and the quantizer, not ours
]

SHAPE = WindowShape(size=64, overlap=8, head=8)
RECIPE = Recipe(epochs=12, batch=4, encoder_rate=3e-3, head_rate=1e-2, layer_decay=1.0)


@pytest.mark.parametrize("base", ["tiny_base", "small_wangchanberta"])
def test_from_annotations_to_a_serving_bundle(base, request, records, tmp_path):
    folder = request.getfixturevalue(base)
    encoder = load_encoder(folder)
    expected = Preprocessing.PLAIN if base == "tiny_base" else Preprocessing.WANGCHANBERTA
    assert encoder.preprocessing is expected
    model = fine_tune(folder, encoder, records, records, tmp_path / "run", SHAPE, RECIPE)
    assert (tmp_path / "run" / "model" / "model.safetensors").is_file()

    bundle = tmp_path / "bundle"
    said: list[str] = []
    report: dict[str, Any] = release(
        model,
        encoder,
        SHAPE,
        name="tiny",
        base=base,
        base_licence="none",
        validation=records,
        test=records,
        train=records,
        work=tmp_path / "run",
        bundle=bundle,
        say=said.append,
    )
    assert report["figures"]["average_precision"] > 0.9
    assert report["figures"]["span_f1"] > 0.5
    assert any("parity" in line for line in said)
    assert load_bundle(bundle).manifest.preprocessing is expected
    page = (tmp_path / "run" / "report" / "report.html").read_text(encoding="utf-8")
    assert "keyword baseline" in page
    assert "<script" not in page
    assert json.loads((bundle / "metrics.json").read_text())["parity_int8"]["flips"] <= 0.01

    text = "ชาใบหม่อน กล่อง 7 รักษาเบาหวาน หายขาด ราคา 99 บาท"
    (answer,) = Classifier(bundle).classify([Listing(id="x", description=text)])
    assert any("รักษาเบาหวาน" in claim.text for claim in answer.claims)
    assert all(text[c.start : c.end] == c.text for c in answer.claims)


def test_a_collapsed_model_is_not_released(records, tiny_base, tmp_path):
    encoder = load_encoder(tiny_base)
    model = ThreeHeadModel.from_pretrained(tiny_base)
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    there = tmp_path / "b"
    there.mkdir()
    (there / "manifest.json").write_text("of the bundle before")
    with pytest.raises(CollapsedModelError, match="learning"):
        release(
            model,
            encoder,
            SHAPE,
            name="flat",
            base="x",
            base_licence="x",
            validation=records,
            test=records,
            train=records,
            work=tmp_path / "w",
            bundle=tmp_path / "b",
            say=lambda _: None,
        )
    assert [p.name for p in there.iterdir()] == ["manifest.json"]
    assert (there / "manifest.json").read_text() == "of the bundle before"


def test_rates_fall_with_depth(tiny_base):
    model = ThreeHeadModel.from_pretrained(tiny_base)
    trainer = ThreeHeadTrainer.__new__(ThreeHeadTrainer)
    trainer.recipe = Recipe(encoder_rate=1.0, layer_decay=0.5, head_rate=9.0)
    rates = {name: trainer._rate(name, 2) for name, _ in model.named_parameters()}
    assert rates["tag_head.weight"] == 9.0
    assert rates["roberta.encoder.layer.1.output.dense.weight"] == 1.0
    assert rates["roberta.encoder.layer.0.output.dense.weight"] == 0.5
    assert rates["roberta.embeddings.word_embeddings.weight"] == 0.25


def test_the_flagship_tokenizer_gives_the_authors_ids(small_wangchanberta):
    encoder = load_encoder(small_wangchanberta)
    assert encoder.preprocessing is Preprocessing.WANGCHANBERTA
    assert (encoder.bos_id, encoder.eos_id, encoder.pad_id) == (5, 6, 1)
    tokens = encoder.encode(read("อาหารเสริมลดน้ำหนัก เห็นผลใน 7 วัน"))
    assert tokens.ids.tolist() == KNOWN_IDS


def test_a_tokenizer_that_does_not_fit_is_refused(tiny_base, tmp_path):
    for file in tiny_base.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "vocab_size": 25_005}))
    with pytest.raises(TokenizerError, match="embeddings"):
        load_encoder(tmp_path)


def test_the_model_answers_in_the_promised_shapes(tiny_base):
    model = ThreeHeadModel.from_pretrained(tiny_base).eval()
    output = model(torch.ones((2, 7), dtype=torch.long), torch.ones((2, 7), dtype=torch.long))
    assert output.loss is None
    assert tuple(output.tags.shape) == (2, 7, 10)
    assert tuple(output.product_class.shape) == (2, 10)
    assert tuple(output.offer.shape) == (2,)
    assert np.isfinite(output.tags.detach().numpy()).all()
