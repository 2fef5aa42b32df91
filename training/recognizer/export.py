"""Writes the recognizer as the ONNX file that the reader of pictures loads."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from training.recognizer.drawing import NARROWEST
from training.recognizer.network import Recognizer
from training.recognizer.texts import CHARACTERS

LARGEST_DIFFERENCE = 1e-4
"""Between the probabilities of both."""


def export(net: Recognizer, file: Path, origin: dict[str, object]) -> None:
    """Write the network with a softmax, for one line at a time, its characters and how it was made.

    Raises:
        RuntimeError: ONNX Runtime gives other probabilities than PyTorch.
    """
    whole = torch.nn.Sequential(net, torch.nn.Softmax(-1)).eval()
    example = torch.linspace(-1, 1, 3 * 48 * 64).reshape(1, 3, 48, 64)
    program = torch.onnx.export(
        whole,
        (example,),
        input_names=["line"],
        output_names=["probabilities"],
        dynamic_shapes=({3: torch.export.Dim("width", min=NARROWEST)},),
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.save(str(file), external_data=False)
    model = onnx.load(str(file))
    facts = {"characters": CHARACTERS, "origin": origin}
    texts = {name: json.dumps(fact, ensure_ascii=False, sort_keys=True) for name, fact in facts.items()}
    onnx.helper.set_model_props(model, texts)
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer):
        part.ClearField("metadata_props")  # the exporter's call stacks, with paths of this machine
    onnx.save(model, str(file))
    longer = torch.linspace(-1, 1, 3 * 48 * 200).reshape(1, 3, 48, 200)
    session = onnxruntime.InferenceSession(str(file))
    for line in (example, longer):
        with torch.no_grad():
            expected = whole(line).numpy()
        (got,) = session.run(None, {"line": line.numpy()})
        difference = float(np.abs(expected - got).max())
        if difference > LARGEST_DIFFERENCE:
            raise RuntimeError(f"the exported recognizer differs by {difference:.1e}")
