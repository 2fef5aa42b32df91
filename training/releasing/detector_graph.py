"""Writes the claim detector (:mod:`inference.model.claim_detector`) as an ONNX graph."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from inference.model.claim_detector import INPUT, OUTPUT, THRESHOLD
from training.fit.claim_detector import ClaimNetwork
from training.releasing.serving_graph import OPSET


def write_detector(network: ClaimNetwork, threshold: float, path: Path) -> None:
    """Write the network, with its embeddings in half precision, and its threshold as a property."""
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    stored = {name: numpy_helper.from_array(value, name) for name, value in weights.items()}
    name = "embedding.weight"
    stored[name] = numpy_helper.from_array(weights[name][:-1].astype(np.float16), name)
    nodes: list[onnx.NodeProto] = []

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def convolved(hidden: str, part: str, **attributes: Any) -> str:
        return node("Conv", [hidden, f"{part}.weight", f"{part}.bias"], part, **attributes)

    rows = node("Gather", [name, INPUT], "rows")
    embedded = node(
        "Transpose", [node("Cast", [rows], "cast", to=TensorProto.FLOAT)], "embedded", perm=[0, 2, 1]
    )
    near = node("Relu", [convolved(embedded, "near", pads=[2, 2])], "near.active")
    wide = node("Relu", [convolved(near, "wide", pads=[4, 4], dilations=[2])], "wide.active")
    scores = convolved(node("Add", [near, wide], "hidden"), "head")
    pooled = node("AveragePool", [scores], "pooled", kernel_shape=[3], pads=[1, 1], count_include_pad=0)
    node("ReduceMax", [pooled], OUTPUT, keepdims=0)
    graph = helper.make_graph(
        nodes,
        "claim detector",
        [helper.make_tensor_value_info(INPUT, TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [])],
        list(stored.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    helper.set_model_props(model, {THRESHOLD: repr(threshold)})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
