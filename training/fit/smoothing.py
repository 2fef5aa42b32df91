"""Smooths outlier activation channels before a matrix is quantized to int8.

A few channels of an encoder's activations are ten times as large as the rest. A single range per window then
leaves the other channels few steps. Dividing each channel by a factor, and multiplying the matrix's row by
it, changes nothing in float32 and gives int8 more resolution (SmoothQuant, Xiao et al., 2023).
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from training.fit.model import ThreeHeadModel

STRENGTH: Final = 0.8
"""Share of a channel's scale moved into the matrix: the paper's alpha. 0.7 to 0.9 differ little here."""

EVENED: Final = ("intermediate.dense", "output.dense")
"""Name suffixes of the matrices that benefit; smoothing attention as well undid the gain."""

SMOOTHING_WINDOWS: Final = 100
"""Number of train split windows used to measure a released model's channels."""

_LEAST: Final = 1e-3
"""Minimum range of a channel, so that no factor is zero."""

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def channel_factors(model: ThreeHeadModel, windows: Sequence[Ids]) -> dict[str, Floats]:
    """Smoothing factors of the input channels, by name of the matrix (without ``.weight``).

    Args:
        windows: ids of real windows, each of shape ``(tokens,)``, for measuring the channels. Random ids do
            not activate the same channels. Without windows nothing is smoothed.

    Returns:
        name -> shape ``(inputs of the matrix,)``: ``max|X_j| ** STRENGTH / max|W_j| ** (1 - STRENGTH)``.
    """
    if not windows:
        return {}
    chosen = {name: module for name, module in model.named_modules() if _is_evened(name, module)}
    largest = {name: torch.zeros(module.in_features) for name, module in chosen.items()}
    hooks = [
        module.register_forward_pre_hook(partial(_keep_largest, largest[name]))
        for name, module in chosen.items()
    ]
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            for ids in windows:
                tensor = torch.from_numpy(ids)[None]
                model(input_ids=tensor, attention_mask=torch.ones_like(tensor))
    finally:
        for hook in hooks:
            hook.remove()
        model.train(was_training)
    return {name: _factors(largest[name], module.weight) for name, module in chosen.items()}


def _is_evened(name: str, module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) and name.endswith(EVENED) and ".attention." not in name


def _keep_largest(largest: Tensor, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    torch.maximum(largest, inputs[0].abs().amax(dim=(0, 1)).float(), out=largest)


def _factors(largest: Tensor, weight: Tensor) -> Floats:
    size = largest.numpy() + np.float32(_LEAST)
    rows = weight.detach().float().abs().amax(dim=0).numpy() + np.float32(_LEAST)
    return (size**STRENGTH / rows ** (1 - STRENGTH)).astype(np.float32)
