"""Chooses the number format of training."""

import logging
from typing import Final

import torch

BF16_INSTRUCTIONS: Final = ("amx_bf16", "avx512_bf16", "bf16")
"""Processor capabilities, as PyTorch names them, that compute in bfloat16."""


def in_bf16(wanted: bool) -> bool:
    """Whether to train in bfloat16: if wanted and the device computes in it.

    Other processors emulate it many times slower than they compute in float32.
    """
    if not wanted:
        return False
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # older versions of PyTorch do not tell
    if capabilities is None or any(map(capabilities().get, BF16_INSTRUCTIONS)):
        return True
    logging.getLogger(__name__).warning("this processor has no bfloat16 instructions: training in float32")
    return False
