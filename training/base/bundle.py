"""Uses a released bundle as the base of further training.

A bundle holds only int8 weights. Dequantized, they are close enough to the trained ones to continue from: the
first steps make up for the rounding.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from transformers import CamembertConfig

from inference.model.bundle import MODEL, TOKENIZER, Bundle
from labels.dataset.shipped import Split, split_path
from training.base.compact import BaseUnavailableError
from training.base.lineage import Lineage, write_lineage
from training.fit.model import ThreeHeadModel
from training.releasing.serving_graph import JOINED, PREFIX, SMOOTHING

Floats = npt.NDArray[np.float32]

_POSITIONS: Final = "roberta.embeddings.position_embeddings.weight"
_TYPES: Final = "roberta.embeddings.token_type_embeddings.weight"

_LAYER = re.compile(r"roberta\.encoder\.layer\.(\d+)\.")


def base_from_bundle(bundle: Bundle, out: Path) -> None:
    """Write the model of a bundle as a checkpoint folder: ``config.json``, weights, tokenizer, lineage.

    Args:
        bundle: a loaded one, so its hashes are verified.

    Raises:
        BaseUnavailableError: its graph was not written by a training run.
    """
    graph = onnx.load(str(bundle.folder / MODEL)).graph
    try:
        weights = _weights(graph)
        config = _config(graph, weights)
    except (KeyError, IndexError, StopIteration) as error:
        raise BaseUnavailableError(
            f"{bundle.folder}: the graph is not one that `ruthan train` exported, so training "
            "cannot continue from it; name the folder model/ of the run that made it"
        ) from error
    model = ThreeHeadModel(config)
    missing, unexpected = model.load_state_dict(
        {name: torch.from_numpy(value.copy()) for name, value in weights.items()}, strict=False
    )
    if unexpected or any("position_ids" not in name and "token_type_ids" not in name for name in missing):
        raise BaseUnavailableError(
            f"{bundle.folder}: weights of the graph do not fit: {missing}, {unexpected}"
        )
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    (out / "tokenizer.json").write_bytes((bundle.folder / TOKENIZER).read_bytes())
    manifest = bundle.manifest
    held_out = manifest.dataset_sha256.get(split_path(Split.TEST).name, "")
    lineage = Lineage(manifest.base, manifest.base_licence, test_sha256=held_out)
    write_lineage(out, lineage.then(f"fine-tuned as {bundle.model_id}, read back from its int8 weights"))


def _weights(graph: onnx.GraphProto) -> dict[str, Floats]:
    """Every weight under its name in :class:`ThreeHeadModel`, in float32.

    In the graph of ``training.releasing.serving_graph`` every weight has its name, and the embedding of the
    one token
    type is part of the positions. In graphs exported by PyTorch, as in older bundles, matrices have lost
    their names; the bias added to the product identifies them.
    """
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)

    def expanded(name: str) -> Floats:
        zero = stored[f"{name}_zero_point"].astype(np.float32)
        steps = stored[f"{name}_quantized"].astype(np.float32) - zero
        value: Floats = (steps * stored[f"{name}_scale"]).astype(np.float32)
        evened = stored.get(f"{name.removesuffix('.weight')}{SMOOTHING}")
        return value if evened is None else value * evened[:, None]

    weights: dict[str, Floats] = {}
    for name, value in stored.items():
        if name.startswith(PREFIX) and value.dtype == np.float32 and not name.endswith(("_scale", SMOOTHING)):
            weights[name.removeprefix(PREFIX)] = value
        elif name.startswith(PREFIX) and name.endswith("_embeddings.weight_quantized"):
            full = name.removesuffix("_quantized")
            weights[full.removeprefix(PREFIX)] = expanded(full)
    weights.setdefault(_TYPES, np.zeros_like(weights[_POSITIONS][:1]))
    for node in graph.node:
        if node.op_type == "DynamicQuantizeMatMul":
            name = node.input[1].removesuffix("_quantized")
            weights[name.removeprefix(PREFIX)] = expanded(name).T
        if node.op_type != "MatMulInteger":
            continue
        follower = node
        while follower.op_type != "Add":
            follower = readers[follower.output[0]][0]
        bias = next(name for name in follower.input if name.endswith(".bias"))
        matrix = expanded(node.input[1].removesuffix("_quantized"))
        weights[bias.removeprefix(PREFIX).removesuffix("bias") + "weight"] = matrix.T
    for name in [name for name in weights if f".{JOINED}." in name]:
        for one, part in zip(("query", "key", "value"), np.split(weights.pop(name), 3), strict=True):
            weights[name.replace(JOINED, f"attention.self.{one}")] = part
    return weights


def _config(graph: onnx.GraphProto, weights: dict[str, Floats]) -> CamembertConfig:
    words = weights["roberta.embeddings.word_embeddings.weight"]
    hidden = words.shape[1]
    norm = next(node for node in graph.node if node.op_type == "LayerNormalization")
    epsilon = next(a.f for a in norm.attribute if a.name == "epsilon")
    return CamembertConfig(
        vocab_size=words.shape[0],
        hidden_size=hidden,
        num_hidden_layers=1 + max(int(m.group(1)) for name in weights if (m := _LAYER.match(name))),
        num_attention_heads=_heads(graph, hidden),
        intermediate_size=weights["roberta.encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=weights["roberta.embeddings.position_embeddings.weight"].shape[0],
        type_vocab_size=weights["roberta.embeddings.token_type_embeddings.weight"].shape[0],
        layer_norm_eps=epsilon,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )


def _heads(graph: onnx.GraphProto, hidden: int) -> int:
    for node in graph.node:
        if node.op_type == "MultiHeadAttention":
            return int(next(a.i for a in node.attribute if a.name == "num_heads"))
    return hidden // _head_size(graph)


def _head_size(graph: onnx.GraphProto) -> int:
    """The width of one attention head: the last number of the shape that queries are reshaped to."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    added = next(
        node
        for node in graph.node
        if any(name.endswith("layer.0.attention.self.query.bias") for name in node.input)
    )
    reshape = next(node for node in graph.node if node.op_type == "Reshape" and added.output[0] in node.input)
    shape = makers[reshape.input[1]]
    return int(stored[shape.input[-1]].reshape(-1)[-1])
