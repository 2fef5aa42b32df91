import json
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch

import inference.pictures
from inference.pictures.ocr.recognizer import LineRecognizer
from training.recognizer.drawing import STRIDE
from training.recognizer.export import export
from training.recognizer.fit import error_rate, fit
from training.recognizer.network import Backbone, Recognizer, load_backbone, load_recognizer
from training.recognizer.origin import origin_of
from training.recognizer.sources import Sources
from training.recognizer.texts import CHARACTERS

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]  # of torch's exporters

LINES = Path(inference.pictures.__file__).parent / "data" / "lines.onnx"
LISTINGS = ["กระดาษลายดอกไม้ ขนาด 120 กรัม", "ปากกา Gel Pen สีน้ำเงิน เขียนลื่น"]


@pytest.fixture
def sources(fonts, backbone_file, tmp_path):
    texts = tmp_path / "listings.jsonl"
    texts.write_text("\n".join(json.dumps({"text": text}) for text in LISTINGS), encoding="utf-8")
    return Sources(fonts, [texts], backbone_file)


def test_each_four_pixels_are_a_step():
    with torch.no_grad():
        assert Recognizer(5)(torch.zeros(2, 3, 48, 80)).shape == (2, 80 // STRIDE, 5)


def test_the_published_weights_are_copied(backbone_file):
    torch.manual_seed(3)
    published, copy, lines = Backbone().eval(), Backbone().eval(), torch.rand(1, 3, 48, 64)
    assert not torch.allclose(published(lines), copy(lines))
    load_backbone(copy, backbone_file)
    assert torch.allclose(published(lines), copy(lines), atol=1e-5)


def test_another_network_is_refused(tmp_path):
    other = tmp_path / "other.onnx"
    torch.onnx.export(torch.nn.Conv2d(3, 8, 3), (torch.zeros(1, 3, 48, 64),), str(other), dynamo=False)
    with pytest.raises(ValueError, match=r"other\.onnx is not PP-OCRv6_rec_tiny"):
        load_backbone(Backbone(), other)


def test_a_recognizer_trained_further_is_the_mean_of_before_and_after(tmp_path, sources):
    start = Recognizer(len(CHARACTERS) + 1)
    load_recognizer(start, LINES)
    further = Sources(sources.fonts, sources.texts, LINES, is_trained=True)
    assert set(origin_of(further, 1, 7)) == {"fonts", "texts", "start", "rounds", "seed", "versions"}
    mean = fit(further, 1, 7, tmp_path / "weights.pt", lambda line: None, new=8).state_dict()
    before, after = start.state_dict(), torch.load(tmp_path / "weights.pt")
    assert not torch.equal(before["head.weight"], after["head.weight"])
    for name, weight in mean.items():
        assert torch.allclose(weight, (before[name] + after[name]) / 2, atol=1e-6)


def test_the_weights_of_the_shipped_recognizer_are_copied():
    net = Recognizer(len(CHARACTERS) + 1).eval()
    load_recognizer(net, LINES)
    line = torch.linspace(-1, 1, 3 * 48 * 200).reshape(1, 3, 48, 200)
    session = onnxruntime.InferenceSession(str(LINES))
    (expected,) = session.run(None, {session.get_inputs()[0].name: line.numpy()})
    with torch.no_grad():
        assert net(line).softmax(-1).numpy() == pytest.approx(expected, abs=1e-4)


def test_another_recognizer_is_refused(backbone_file):
    with pytest.raises(ValueError, match=r"rec\.onnx is not a recognizer"):
        load_recognizer(Recognizer(5), backbone_file)


@pytest.mark.slow(seconds=12)
def test_a_fitted_recognizer_is_read_by_the_reader(sources, tmp_path):
    said = list[str]()
    net = fit(sources, 2, 7, tmp_path / "weights.pt", said.append, new=16)
    assert said[-1].startswith("round 2 of 2: loss ")
    kept = torch.load(tmp_path / "weights.pt")
    assert all(torch.equal(kept[name], weight) for name, weight in net.state_dict().items())
    assert error_rate(net, [line for line, _ in zip(sources.lines(1), range(4), strict=False)]) > 0

    origin = origin_of(sources, 2, 7)
    export(net, tmp_path / "lines.onnx", origin)
    assert str(Path(__file__).parents[3]).encode() not in (tmp_path / "lines.onnx").read_bytes()
    copy = Recognizer(len(CHARACTERS) + 1)
    load_recognizer(copy, tmp_path / "lines.onnx")
    assert all(
        torch.equal(one, other) for one, other in zip(net.parameters(), copy.parameters(), strict=True)
    )
    facts = {
        entry.key: json.loads(entry.value) for entry in onnx.load(tmp_path / "lines.onnx").metadata_props
    }
    assert facts == {"characters": CHARACTERS, "origin": origin}
    fonts = facts["origin"]["fonts"]
    assert set(fonts) == {"sarabun-thai-400-normal.woff2", "sarabun-latin-400-normal.woff2"}
    line = next(sources.lines(2))
    assert 0 <= LineRecognizer(Path(tmp_path / "lines.onnx")).read(line.pixels).confidence <= 1
