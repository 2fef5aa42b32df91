"""Writes the int8 serving graph node by node from a trained model's weights.

The graph that PyTorch exports, quantized afterwards, spends half of its time outside the matrix products.
This one has the same int8 weights and uses ONNX Runtime's fused operators for such encoders: one node for a
quantized product with its bias, one for attention, one for GELU. It reads one window at a time, so it needs
no mask.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from inference.model.onnx_runtime import INPUTS, OUTPUTS
from training.fit.model import ThreeHeadModel
from training.fit.smoothing import channel_factors

OPSET: Final = 18
PREFIX: Final = "model."
"""Prefix of every weight's name in a graph, before its name in :class:`ThreeHeadModel`."""

JOINED: Final = "attention.self.joined"
"""Name of a layer's query, key and value matrices as one, in this order."""

SMOOTHING: Final = "_smoothing"
"""Suffix of the smoothing factors of a matrix's input channels."""

CONTRIB: Final = "com.microsoft"
_EMBEDDINGS: Final = "roberta.embeddings"

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def write_int8_graph(model: ThreeHeadModel, path: Path, windows: Sequence[Ids] = ()) -> None:
    """Write the graph from ids of shape ``(1, tokens)`` to the three logits.

    Matrices are int8 per column (symmetric), word embeddings uint8; activation ranges are computed at run
    time per window, after outlier channels were smoothed (``training.fit.smoothing``).

    Args:
        windows: windows of real texts for measuring those channels; without any, nothing is smoothed.

    Raises:
        ValueError: the model's activation is not GELU, or it has no pad token.
    """
    graph = ServingGraph(model, windows)
    graph.build()
    onnx.save(graph.model(), str(path))


class ServingGraph:
    """The graph under construction; ``benchmarks`` builds its experiments from these parts."""

    def __init__(self, model: ThreeHeadModel, windows: Sequence[Ids] = ()) -> None:
        config = model.config
        if config.hidden_act != "gelu" or config.pad_token_id is None:
            raise ValueError(
                f"the serving graph knows the activation gelu, not {config.hidden_act}, and needs a pad token"
            )
        self._first_position = config.pad_token_id + 1
        self._config = config
        self.weights: dict[str, Floats] = {
            name: value.detach().float().numpy()
            for name, value in model.state_dict().items()
            if value.is_floating_point()
        }
        self._factors = channel_factors(model, windows)
        for name, factors in self._factors.items():
            self.weights[f"{name}.weight"] = self.weights[f"{name}.weight"] * factors
        for number in range(config.num_hidden_layers):
            self._join(f"roberta.encoder.layer.{number}.")
        self._nodes: list[onnx.NodeProto] = []
        self._stored: dict[str, onnx.TensorProto] = {}

    def _join(self, layer: str) -> None:
        """Join three matrices that have the same input: it is quantized once, and answers stay the same."""
        for part in ("weight", "bias"):
            names = [f"{layer}attention.self.{name}.{part}" for name in ("query", "key", "value")]
            self.weights[f"{layer}{JOINED}.{part}"] = np.concatenate([self.weights[name] for name in names])

    def model(self) -> onnx.ModelProto:
        """Build the finished graph."""
        labels, classes = (self.weights[f"{head}.bias"].size for head in ("tag_head", "class_head"))
        real, whole = TensorProto.FLOAT, TensorProto.INT64
        graph = helper.make_graph(
            self._nodes,
            "ruthan",
            [helper.make_tensor_value_info(INPUTS[0], whole, [1, "tokens"])],
            [
                helper.make_tensor_value_info(OUTPUTS[0], real, [1, "tokens", labels]),
                helper.make_tensor_value_info(OUTPUTS[1], real, [1, classes]),
                helper.make_tensor_value_info(OUTPUTS[2], real, [1]),
            ],
            list(self._stored.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="ruthan")

    def build(self) -> None:
        """Write all nodes."""
        hidden = self._embeddings()
        for number in range(self._config.num_hidden_layers):
            hidden = self._layer(hidden, f"roberta.encoder.layer.{number}.")
        self.linear(hidden, "tag_head", OUTPUTS[0])
        mean = self.node("ReduceMean", [hidden, self.store("axis_1", np.array([1]))], "mean", keepdims=0)
        self.linear(mean, "class_head", OUTPUTS[1])
        offer = self.linear(mean, "offer_head", "offer_column")
        self.node("Squeeze", [offer, "axis_1"], OUTPUTS[2])

    def _embeddings(self) -> str:
        name = f"{PREFIX}{_EMBEDDINGS}.word_embeddings.weight"
        words = self.weights[f"{_EMBEDDINGS}.word_embeddings.weight"]
        low, high = min(float(words.min()), 0.0), max(float(words.max()), 0.0)
        scale = np.float32((high - low) / 255 or 1.0)  # a collapsed model may contain only zeros
        zero = np.uint8(round(-low / float(scale)))
        steps = np.clip(np.round(words / scale) + np.float32(zero), 0, 255).astype(np.uint8)
        rows = self.node("Gather", [self.store(f"{name}_quantized", steps), INPUTS[0]], "word_steps")
        quantization = [self.store(f"{name}_scale", scale), self.store(f"{name}_zero_point", zero)]
        found = self.node("DequantizeLinear", [rows, *quantization], "words")
        # A window has one token type, so its embedding is added to the positions once and for all.
        places = self.weights[f"{_EMBEDDINGS}.position_embeddings.weight"]
        places = places + self.weights[f"{_EMBEDDINGS}.token_type_embeddings.weight"][0]
        stored = self.store(f"{PREFIX}{_EMBEDDINGS}.position_embeddings.weight", places)
        first = self.store("first_position", np.array([self._first_position]))
        count = self.node("Shape", [INPUTS[0]], "count", start=1, end=2)
        end = self.node("Add", [count, first], "end")
        part = self.node("Slice", [stored, first, end, self.store("axis_0", np.array([0]))], "positions")
        return self._norm(self.node("Add", [found, part], "embedded"), f"{_EMBEDDINGS}.LayerNorm")

    def _layer(self, hidden: str, layer: str) -> str:
        parts = self.projections(hidden, layer)
        heads = self._config.num_attention_heads
        seen = self.node("MultiHeadAttention", parts, f"{layer}attention", CONTRIB, num_heads=heads)
        out = self.linear(seen, f"{layer}attention.output.dense")
        added = self.node("Add", [out, hidden], f"{layer}attention.added")
        hidden = self._norm(added, f"{layer}attention.output.LayerNorm")
        inner, outer = f"{layer}intermediate.dense", f"{layer}output.dense"
        wide = self.node("Gelu", [self.linear(self._evened(hidden, inner), inner)], f"{layer}gelu", CONTRIB)
        out = self.linear(self._evened(wide, outer), outer)
        return self._norm(self.node("Add", [out, hidden], f"{layer}added"), f"{layer}output.LayerNorm")

    def projections(self, hidden: str, layer: str) -> list[str]:
        """Add the product that gives query, key and value, and split it."""
        parts = [f"{layer}attention.self.{name}" for name in ("query", "key", "value")]
        joined = self.linear(hidden, f"{layer}{JOINED}")
        self._nodes.append(
            helper.make_node("Split", [joined], parts, name=f"{layer}split", axis=-1, num_outputs=3)
        )
        return parts

    def _evened(self, source: str, name: str) -> str:
        if name not in self._factors:
            return source
        by = self.store(f"{PREFIX}{name}{SMOOTHING}", 1 / self._factors[name])
        return self.node("Mul", [source, by], f"{name}.evened")

    def linear(self, source: str, name: str, out: str = "") -> str:
        """Add an int8 product with its bias; ``name`` without ``.weight``."""
        inputs = [source, *self.matrix(name), self.bias(name)]
        return self.node("DynamicQuantizeMatMul", inputs, out or name, CONTRIB)

    def matrix(self, name: str) -> tuple[str, str, str]:
        """Quantize a matrix to int8, with scale and zero point per column."""
        matrix = self.weights[f"{name}.weight"].T
        scale = self.scales(matrix)
        scale[scale == 0] = 1  # of a collapsed model
        steps = np.clip(np.round(matrix / scale), -127, 127).astype(np.int8)
        weight = f"{PREFIX}{name}.weight"
        return (
            self.store(f"{weight}_quantized", steps),
            self.store(f"{weight}_scale", scale),
            self.store(f"{weight}_zero_point", np.zeros(scale.shape, np.int8)),
        )

    def scales(self, matrix: Floats) -> Floats:
        """The int8 step of each column of a matrix ``(inputs, outputs)``, shape ``(outputs,)``."""
        steps: Floats = np.abs(matrix).max(axis=0) / np.float32(127)
        return steps

    def bias(self, name: str) -> str:
        """Add the bias of a matrix."""
        return self.store(f"{PREFIX}{name}.bias", self.weights[f"{name}.bias"])

    def _norm(self, source: str, name: str) -> str:
        inputs = [
            self.store(f"{PREFIX}{name}.{part}", self.weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]
        return self.node("LayerNormalization", [source, *inputs], name, epsilon=self._config.layer_norm_eps)

    def node(self, kind: str, inputs: list[str], out: str, domain: str = "", **attributes: Any) -> str:
        """Add a node and return its output."""
        self._nodes.append(
            helper.make_node(kind, inputs, [out], name=out, domain=domain or None, **attributes)
        )
        return out

    def store(self, name: str, value: Any) -> str:
        """Store a value once under a name and return the name."""
        self._stored.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
