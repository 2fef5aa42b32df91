"""Builds the model as an OpenVINO graph of one window, without a mask and with OpenVINO's own attention node.

The graph that PyTorch exports is slower there: it carries a mask and its shapes hide the attention.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
import openvino.opset15 as op
from transformers import CamembertConfig

from inference.model.onnx_runtime import INPUTS, OUTPUTS
from training.fit.model import ThreeHeadModel

Floats = npt.NDArray[np.float32]
Matrix = Callable[[Floats], Any]
_EMBEDDINGS = "roberta.embeddings."


def whole(weight: Floats) -> Any:
    """A matrix in float32."""
    return op.constant(weight)


def half(weight: Floats) -> Any:
    """A matrix stored in float16."""
    return op.convert(op.constant(weight.astype(np.float16)), np.float32)


def int8(weight: Floats) -> Any:
    """A matrix stored in int8 with one scale per output, as the serving graph rounds it."""
    scale = np.abs(weight).max(axis=1, keepdims=True) / np.float32(127)
    scale[scale == 0] = 1
    steps = np.clip(np.round(weight / scale), -127, 127).astype(np.int8)
    return op.multiply(op.convert(op.constant(steps), np.float32), op.constant(scale))


def openvino_graph(model: ThreeHeadModel, matrix: Matrix = whole) -> ov.Model:
    """The graph from ids of shape ``(1, tokens)`` to the three logits; ``matrix`` stores encoder weights."""
    weights = {k: v.detach().float().numpy() for k, v in model.state_dict().items() if v.is_floating_point()}
    return _Graph(model.config, weights, matrix).build()


class _Graph:
    def __init__(self, config: CamembertConfig, weights: Mapping[str, Floats], matrix: Matrix) -> None:
        self._config, self._weights, self._matrix = config, weights, matrix

    def build(self) -> ov.Model:
        ids = op.parameter(ov.PartialShape([1, -1]), np.int64, name=INPUTS[0])
        ids.output(0).set_names({INPUTS[0]})
        hidden = self._embeddings(ids)
        for number in range(self._config.num_hidden_layers):
            hidden = self._layer(hidden, f"roberta.encoder.layer.{number}.")
        mean = op.reduce_mean(hidden, _whole_numbers(1), False)
        heads = (
            self._linear(hidden, "tag_head", whole),
            self._linear(mean, "class_head", whole),
            op.squeeze(self._linear(mean, "offer_head", whole), _whole_numbers(1)),
        )
        for node, name in zip(heads, OUTPUTS, strict=True):
            node.output(0).set_names({name})
        return ov.Model([op.result(node) for node in heads], [ids], "ruthan")

    def _embeddings(self, ids: Any) -> Any:
        words = op.constant(self._weights[f"{_EMBEDDINGS}word_embeddings.weight"])
        places = self._weights[f"{_EMBEDDINGS}position_embeddings.weight"]
        places = places + self._weights[f"{_EMBEDDINGS}token_type_embeddings.weight"][0]
        first = _whole_numbers(self._config.pad_token_id + 1)
        end = op.add(op.gather(op.shape_of(ids), _whole_numbers(1), op.constant(0)), first)
        positions = op.slice(op.constant(places), first, end, _whole_numbers(1), _whole_numbers(0))
        found = op.gather(words, ids, op.constant(0))
        return self._norm(op.add(found, positions), f"{_EMBEDDINGS}LayerNorm")

    def _layer(self, hidden: Any, layer: str) -> Any:
        heads = self._config.num_attention_heads
        cut = _whole_numbers(0, 0, heads, self._config.hidden_size // heads)
        swap, joined = _whole_numbers(0, 2, 1, 3), _whole_numbers(0, 0, self._config.hidden_size)
        parts = [
            op.transpose(op.reshape(self._linear(hidden, f"{layer}attention.self.{name}"), cut, True), swap)
            for name in ("query", "key", "value")
        ]
        seen = op.scaled_dot_product_attention(*parts, causal=False)
        seen = op.reshape(op.transpose(seen, swap), joined, True)
        added = op.add(self._linear(seen, f"{layer}attention.output.dense"), hidden)
        hidden = self._norm(added, f"{layer}attention.output.LayerNorm")
        wide = op.gelu(self._linear(hidden, f"{layer}intermediate.dense"), "erf")
        added = op.add(self._linear(wide, f"{layer}output.dense"), hidden)
        return self._norm(added, f"{layer}output.LayerNorm")

    def _linear(self, source: Any, name: str, matrix: Matrix | None = None) -> Any:
        stored = (matrix or self._matrix)(self._weights[f"{name}.weight"])
        return op.add(op.matmul(source, stored, False, True), op.constant(self._weights[f"{name}.bias"]))

    def _norm(self, source: Any, name: str) -> Any:
        even = op.mvn(source, _whole_numbers(-1), True, self._config.layer_norm_eps, "INSIDE_SQRT")
        scaled = op.multiply(even, op.constant(self._weights[f"{name}.weight"]))
        return op.add(scaled, op.constant(self._weights[f"{name}.bias"]))


def _whole_numbers(*values: int) -> Any:
    return op.constant(np.array(values))
