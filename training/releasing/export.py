"""Exports a trained PyTorch model to ONNX in fp32 and compares two runtimes of one model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.model.onnx_runtime import INPUTS, OUTPUTS
from inference.model.scores import Runtime, WindowOutput
from training.fit.model import ThreeHeadModel

OPSET = 18


class _Logits(nn.Module):
    """The model's export interface: tensors in, a tuple of tensors out."""

    def __init__(self, model: ThreeHeadModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        output = self.model(input_ids=input_ids, attention_mask=attention_mask)
        return output.tags, output.product_class, output.offer


def export_onnx(model: ThreeHeadModel, path: Path) -> None:
    """Write the fp32 graph: ids and attention mask, both ``(batch, tokens)``, to the three logits."""
    model.eval()
    example = torch.randint(5, model.config.vocab_size, (2, 24))
    sizes = {0: torch.export.Dim("batch", max=4096), 1: torch.export.Dim("tokens", max=500)}
    program = torch.onnx.export(
        _Logits(model),
        (example, torch.ones_like(example)),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_shapes=(sizes, sizes),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.save(str(path), external_data=False)


class TorchRuntime:
    """The PyTorch model behind the same interface as the ONNX one."""

    def __init__(self, model: ThreeHeadModel) -> None:
        self._model = model.eval()

    @torch.inference_mode()
    def run(self, ids: npt.NDArray[np.int64]) -> WindowOutput:
        """Logits for the ids of one window, shape ``(tokens,)``."""
        tensor = torch.from_numpy(ids)[None]
        output = self._model(input_ids=tensor, attention_mask=torch.ones_like(tensor))
        return WindowOutput(output.tags[0].numpy(), output.product_class[0].numpy(), float(output.offer[0]))


@dataclass(frozen=True)
class Parity:
    """The difference of two runtimes over some windows, in token tag probability."""

    largest: float
    mean: float
    flips: float
    """Share of token tags that flip across 0.5."""


def parity(reference: Runtime, other: Runtime, windows: Sequence[npt.NDArray[np.int64]]) -> Parity:
    """Compare tag probabilities of two runtimes over windows of ids."""
    gaps, flips = [], []
    for ids in windows:
        a = 1 / (1 + np.exp(-reference.run(ids).tags))
        b = 1 / (1 + np.exp(-other.run(ids).tags))
        gaps.append(np.abs(a - b).ravel())
        flips.append(((a >= 0.5) != (b >= 0.5)).ravel())
    gap = np.concatenate(gaps)
    return Parity(float(gap.max()), float(gap.mean()), float(np.concatenate(flips).mean()))
