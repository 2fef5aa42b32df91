"""The serving graph gives the same answers as the trained model."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import CamembertConfig

from inference.model.onnx_runtime import OnnxRuntime
from training.base.bundle import _config, _weights
from training.fit.model import ThreeHeadModel
from training.fit.smoothing import channel_factors
from training.releasing.export import TorchRuntime, export_onnx, parity
from training.releasing.serving_graph import ServingGraph, write_int8_graph

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]  # of torch's exporter

WINDOWS = [np.array([0, *range(5, 5 + length), 2]) for length in (0, 1, 12, 40)]


@pytest.fixture(scope="module")
def model() -> ThreeHeadModel:
    torch.manual_seed(1)
    config = CamembertConfig(
        vocab_size=90,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=60,
        type_vocab_size=1,
        pad_token_id=1,
        initializer_range=0.2,
    )
    made = ThreeHeadModel(config).eval()
    with torch.no_grad():  # the exporter leaves out biases of nothing but zeros, which no trained model has
        for weight in made.parameters():
            weight.add_(torch.rand_like(weight) * 0.05)
    return made


def test_it_answers_as_the_model_does(model: ThreeHeadModel, tmp_path: Path) -> None:
    write_int8_graph(model, tmp_path / "model.onnx")
    found = parity(TorchRuntime(model), OnnxRuntime(tmp_path / "model.onnx", 1), WINDOWS)
    assert found.mean < 0.01
    for ids in WINDOWS:
        one, other = TorchRuntime(model).run(ids), OnnxRuntime(tmp_path / "model.onnx", 1).run(ids)
        np.testing.assert_allclose(one.product_class, other.product_class, atol=0.1)
        assert one.offer == pytest.approx(other.offer, abs=0.1)


class _Apart(ServingGraph):
    """The graph with a product each for query, key and value."""

    def projections(self, hidden: str, layer: str) -> list[str]:
        return [self.linear(hidden, f"{layer}attention.self.{name}") for name in ("query", "key", "value")]


def test_one_product_for_query_key_and_value_answers_as_three_do(
    model: ThreeHeadModel, tmp_path: Path
) -> None:
    write_int8_graph(model, tmp_path / "joined.onnx", WINDOWS)
    apart = _Apart(model, WINDOWS)
    apart.build()
    onnx.save(apart.model(), str(tmp_path / "apart.onnx"))
    products = [
        sum(node.op_type == "DynamicQuantizeMatMul" for node in onnx.load(str(tmp_path / name)).graph.node)
        for name in ("joined.onnx", "apart.onnx")
    ]
    assert products == [2 * 4 + 3, 2 * 6 + 3]
    for ids in WINDOWS:
        one, other = (OnnxRuntime(tmp_path / name, 1).run(ids) for name in ("joined.onnx", "apart.onnx"))
        assert np.array_equal(one.tags, other.tags)
        assert np.array_equal(one.product_class, other.product_class)
        assert one.offer == other.offer


@pytest.fixture
def uneven(model: ThreeHeadModel) -> ThreeHeadModel:
    """The model with one channel a hundred times as large as the others, as trained encoders have them."""
    made = ThreeHeadModel(model.config).eval()
    made.load_state_dict(model.state_dict())
    layer = made.roberta.encoder.layer[0]
    with torch.no_grad():
        layer.intermediate.dense.bias[3] = 100.0
        layer.output.dense.weight[:, 3] *= 0.01
    return made


def test_a_channel_far_larger_than_the_others_costs_little(uneven: ThreeHeadModel, tmp_path: Path) -> None:
    write_int8_graph(uneven, tmp_path / "rough.onnx")
    write_int8_graph(uneven, tmp_path / "evened.onnx", WINDOWS)
    rough, evened = (
        parity(TorchRuntime(uneven), OnnxRuntime(tmp_path / name, 1), WINDOWS)
        for name in ("rough.onnx", "evened.onnx")
    )
    assert evened.mean < rough.mean / 3


def test_most_of_a_channels_range_goes_into_the_matrix(model: ThreeHeadModel) -> None:
    made = ThreeHeadModel(model.config).eval()
    made.load_state_dict(model.state_dict())
    layer = made.roberta.encoder.layer[0]
    with torch.no_grad():
        layer.intermediate.dense.weight.zero_()
        layer.intermediate.dense.bias[3], layer.intermediate.dense.bias[5] = 1000.0, 10.0
        layer.output.dense.weight.fill_(0.1)
    factors = channel_factors(made, WINDOWS)["roberta.encoder.layer.0.output.dense"]
    assert 100**0.7 < factors[3] / factors[5] < 100**0.9


def test_the_columns_of_a_matrix_have_scales_of_their_own(model: ThreeHeadModel, tmp_path: Path) -> None:
    made = ThreeHeadModel(model.config).eval()
    made.load_state_dict(model.state_dict())
    with torch.no_grad():
        made.tag_head.weight[0] *= 1000  # one scale would leave the other labels nothing
    write_int8_graph(made, tmp_path / "model.onnx")
    ids = WINDOWS[-1]
    one, other = TorchRuntime(made).run(ids), OnnxRuntime(tmp_path / "model.onnx", 1).run(ids)
    np.testing.assert_allclose(one.tags[:, 1:], other.tags[:, 1:], atol=0.1)


@pytest.mark.slow(8)
@pytest.mark.parametrize("form", ["serving", "evened", "exported"])
def test_both_forms_of_graph_can_be_read_back(model: ThreeHeadModel, tmp_path: Path, form: str) -> None:
    path = tmp_path / "model.onnx"
    if form != "exported":
        write_int8_graph(model, path, WINDOWS if form == "evened" else ())
    else:
        export_onnx(model, tmp_path / "full.onnx")
        graph = onnx.load(str(tmp_path / "full.onnx"))
        del graph.graph.value_info[:]
        quantize_dynamic(
            graph,
            str(path),
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    graph = onnx.load(str(path)).graph
    weights = _weights(graph)
    again = ThreeHeadModel(_config(graph, weights)).eval()
    again.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in weights.items()}, strict=False)
    assert parity(TorchRuntime(model), TorchRuntime(again), WINDOWS).mean < 0.01


def test_another_activation_is_refused(tmp_path: Path) -> None:
    config = CamembertConfig(vocab_size=9, hidden_size=8, num_attention_heads=2, hidden_act="relu")
    config.num_hidden_layers = 1
    with pytest.raises(ValueError, match="gelu"):
        write_int8_graph(ThreeHeadModel(config), tmp_path / "model.onnx")
