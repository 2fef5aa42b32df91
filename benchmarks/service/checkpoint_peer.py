"""The shipped bundle in other servers' formats: a checkpoint with a classification head, and its int8 graph.

The weights are the dequantized ones of the bundle. PyTorch gets the encoder with the library's own
classification head, which gives no useful answer but costs as much as a trained one; the int8 graph outputs
the product class.
"""

import json
from pathlib import Path

import onnx
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from benchmarks.model.peers import FORMER, LIMIT, write_peers
from inference.model.bundle import Bundle
from inference.model.onnx_runtime import OUTPUTS
from labels.taxonomy import CLASSES
from training.base.bundle import base_from_bundle
from training.fit.model import ThreeHeadModel


def write_checkpoint(bundle: Bundle, folder: Path) -> None:
    """Checkpoint, tokenizer and int8 graph, in the format of ``transformers`` and ``optimum``."""
    from transformers import CamembertForSequenceClassification

    base_from_bundle(bundle, folder)
    write_peers(ThreeHeadModel.from_pretrained(folder), bundle.tokenizer_path, folder)
    model = CamembertForSequenceClassification.from_pretrained(folder, num_labels=len(CLASSES))
    model.save_pretrained(folder)
    # Written by hand: transformers 4, which infinity-emb requires, does not know the class that transformers
    # 5 names.
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "model_max_length": LIMIT,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    graph = onnx.load(str(folder / FORMER))
    graph.graph.node.append(helper.make_node("Identity", [OUTPUTS[1]], ["logits"]))
    del graph.graph.output[:]
    shape: list[str | int | None] = ["batch", len(CLASSES)]
    graph.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape))
    (folder / "onnx").mkdir()
    onnx.save(graph, str(folder / "onnx" / "model_quantized.onnx"))


class Cut:
    """Truncates a text at the model's limit, for servers that do not."""

    def __init__(self, tokenizer_path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer_path))
        self._tokenizer.no_truncation()

    def __call__(self, text: str) -> str:
        """The beginning of a text that fits, including special tokens."""
        places = self._tokenizer.encode(text, add_special_tokens=False).offsets
        most = LIMIT - 2
        return text if len(places) <= most else text[: places[most - 1][1]]
