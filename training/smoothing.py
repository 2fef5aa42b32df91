"""Outlier channels, evened out before a matrix is brought to int8.

A few channels of an encoder's activations are ten times as large as the rest. One range for a whole window
then leaves the other channels few steps. Dividing each channel by a factor, and multiplying the matrix's row
by it, changes nothing in float32 and lets int8 tell the others apart (SmoothQuant, Xiao et al., 2023).
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from training.model import ThreeHeadModel

STRENGTH: Final = 0.8
"""How much of a channel's size moves into the matrix; the paper's alpha. 0.7 to 0.9 differ little here."""

EVENED: Final = ("intermediate.dense", "output.dense")
"""Ends of the names of the matrices that gain; evening those of attention besides took it back."""

SMOOTHING_WINDOWS: Final = 100
"""Windows of the train split on which a released model's channels are measured."""

_LEAST: Final = 1e-3
"""Channels that never stir are taken to reach this far, so that no factor is zero."""

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def channel_factors(model: ThreeHeadModel, windows: Sequence[Ids]) -> dict[str, Floats]:
    """Factors of the input channels, by name of the matrix (without ``.weight``).

    Args:
        windows: ids of real windows, each of shape ``(tokens,)``, on which the channels are measured. Ids
            drawn at random do not rouse the same channels. Without windows nothing is evened.

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
