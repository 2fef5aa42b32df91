"""The recognizer as a PyTorch network: the convolutions of PP-OCRv6's tiny one, an LSTM, and CTC.

The layers of the backbone and their order are those of the published file, so that its weights can be copied
(PaddlePaddle, Apache-2.0). There, two columns of features make one step; Thai stacks up to three characters
on one consonant, so every column is a step here.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

FEATURES, ROWS = 160, 3
"""Channels of the backbone, and rows of features that remain of 48 pixels."""

MIXED, HIDDEN = 192, 128
"""Channels after the rows are joined, and units of the LSTM in each direction."""

_EPSILON = 1e-5


def _convolution(before: int, after: int, kernel: int = 1, stride: tuple[int, int] = (1, 1)) -> nn.Conv2d:
    return nn.Conv2d(before, after, kernel, stride, kernel // 2)


class _Excitation(nn.Module):
    """Weights channels by their mean over the line (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = _convolution(channels, channels // 4)
        self.excite = _convolution(channels // 4, channels)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)
        return x * functional.hardsigmoid(self.excite(functional.relu(self.squeeze(mean))))


class _Block(nn.Module):
    """A depthwise convolution and two pointwise ones, with a shortcut where the shape stays the same."""

    def __init__(self, before: int, after: int, *, excited: bool = False) -> None:
        super().__init__()
        halves = before != after
        self.depthwise = nn.Conv2d(before, before, 3, (2 if halves else 1, 1), 1, groups=before)
        self.excitation = _Excitation(before) if excited else nn.Identity()
        self.widen = _convolution(before, 2 * before)
        self.narrow = _convolution(2 * before, after)
        self.has_shortcut = not halves

    def forward(self, x: Tensor) -> Tensor:
        x = self.excitation(self.depthwise(x))
        y: Tensor = self.narrow(functional.gelu(self.widen(x)))
        return x + y if self.has_shortcut else y


class Backbone(nn.Module):
    """Batch, 3, 48, width -> batch, :data:`FEATURES`, :data:`ROWS`, width / 4."""

    def __init__(self) -> None:
        super().__init__()
        self.first = _convolution(3, 24, 3, (2, 2))
        self.second = _convolution(24, 48, 3, (2, 2))
        self.blocks = nn.Sequential(
            _Block(48, 48, excited=True),
            _Block(48, 48),
            _Block(48, 96),
            _Block(96, 96, excited=True),
            _Block(96, 96),
            _Block(96, FEATURES),
            _Block(FEATURES, FEATURES, excited=True),
            _Block(FEATURES, FEATURES),
            _Block(FEATURES, FEATURES),
        )

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.blocks(self.second(functional.gelu(self.first(x))))
        return features


class Recognizer(nn.Module):
    """Batch, 3, 48, width -> batch, steps, classes (logits; class 0 is CTC's blank).

    A convolution sees the neighbouring steps and an LSTM the whole line; their logits are added. Without the
    convolution's direct path, training remains at blanks for long.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.mix = nn.Conv1d(FEATURES * ROWS, MIXED, 1)
        self.lstm = nn.LSTM(MIXED, HIDDEN, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * HIDDEN, classes)
        self.near = nn.Conv1d(MIXED, classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        mixed = functional.silu(self.mix(self.backbone(x).flatten(1, 2)))
        whole, _ = self.lstm(mixed.transpose(1, 2))
        logits: Tensor = self.head(whole) + self.near(mixed).transpose(1, 2)
        return logits


def load_backbone(backbone: Backbone, file: Path) -> None:
    """Copy the weights of the published recognizer's convolutions.

    Raises:
        ValueError: the file holds another network.
    """
    own = [layer for layer in backbone.modules() if isinstance(layer, nn.Conv2d)]
    published = list(islice(_convolutions(onnx.load(str(file))), len(own)))
    if [tuple(layer.weight.shape) for layer in own] != [weight.shape for weight, _ in published]:
        raise ValueError(f"{file} is not PP-OCRv6_rec_tiny")
    for layer, (weight, bias) in zip(own, published, strict=True):
        layer.weight.data.copy_(torch.tensor(weight))
        assert layer.bias is not None
        layer.bias.data.copy_(torch.tensor(bias))


def load_recognizer(net: Recognizer, file: Path) -> None:
    """Copy the weights of an exported recognizer (:mod:`training.recognizer.export`), to train it further.

    Raises:
        ValueError: the file holds another network.
    """
    model = _folded(file)
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    nodes = {node.op_type: node for node in model.graph.node}
    own = [layer for layer in net.modules() if isinstance(layer, nn.Conv1d | nn.Conv2d)]
    written = list(_convolutions(model))
    if [tuple(layer.weight.shape) for layer in own] != [weight.shape for weight, _ in written]:
        raise ValueError(f"{file} is not a recognizer of this network")
    with torch.no_grad():
        for layer, (weight, bias) in zip(own, written, strict=True):
            layer.weight.copy_(torch.tensor(weight))
            assert layer.bias is not None
            layer.bias.copy_(torch.tensor(bias))
        _load_lstm(net.lstm, *(constants[name] for name in nodes["LSTM"].input[1:4]))
        product = nodes["MatMul"]
        added = next(node for node in model.graph.node if product.output[0] in node.input)
        (bias,) = (constants[name] for name in added.input if name in constants)
        net.head.weight.copy_(torch.tensor(constants[product.input[1]].T))
        net.head.bias.copy_(torch.tensor(bias))


def mean_with(net: Recognizer, start: Recognizer) -> Recognizer:
    """Set a network's weights to the mean of its own and those that its training began with.

    The mean misreads fewer lines than either (WiSE-FT, Wortsman et al., 2022).
    """
    before = start.state_dict()
    net.load_state_dict({name: (weight + before[name]) / 2 for name, weight in net.state_dict().items()})
    return net


def _folded(file: Path) -> onnx.ModelProto:
    """The graph with what PyTorch's exporters compute from constants as constants."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def _load_lstm(lstm: nn.LSTM, inputs: np.ndarray, hidden: np.ndarray, biases: np.ndarray) -> None:
    """Copy ONNX's weights of both directions, whose gates are in the order input, output, forget, cell."""
    units = lstm.hidden_size
    order = np.concatenate([np.arange(units) + units * gate for gate in (0, 2, 3, 1)])
    for direction, end in enumerate(("", "_reverse")):
        bias = biases[direction].reshape(2, -1)
        parts = inputs[direction], hidden[direction], bias[0], bias[1]
        for name, part in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), parts, strict=True):
            getattr(lstm, f"{name}_l0{end}").copy_(torch.tensor(part[order]))


def _convolutions(model: onnx.ModelProto) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The weight and bias of each convolution in order, with the batch normalization after it folded in."""
    graph = model.graph
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    same = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    users = {name: node for node in reversed(graph.node) for name in node.input}

    def constant(name: str) -> np.ndarray | None:
        while name not in constants and name in same:
            name = same[name]
        return constants.get(name)

    for node in graph.node:
        if node.op_type != "Conv":
            continue
        weight, *bias = (value for name in node.input[1:] if (value := constant(name)) is not None)
        after = users.get(node.output[0], node)
        while after.op_type == "Identity":
            after = users[after.output[0]]
        values = bias or [value for name in after.input if (value := constant(name)) is not None]
        if not bias and after.op_type == "BatchNormalization":
            scale, shift, mean, variance = values
            factor = scale / np.sqrt(variance + _EPSILON)
            yield weight * factor[:, None, None, None], shift - mean * factor
        else:
            yield weight, values[0].reshape(-1)
