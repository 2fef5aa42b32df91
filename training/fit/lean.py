"""Faster attention and dropout for training without an accelerator.

Under bf16 on a processor with matrix instructions, matrix products are a fifth of a training step; much of
the rest went into drawing dropout masks and into attention's passes over the scores.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

ATTENTION = "ruthan_lean"
"""Name under which :func:`attention` is registered with transformers."""

_POOL = 1 << 22
"""Size of a pool of dropout factors: 16 MB, a few hundred times what one layer needs."""
_REFRESH = 2048
"""Number of draws after which a pool is refilled."""


def attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """Softmax attention in the dtype of its inputs, with shapes as in transformers' ``eager``.

    The queries are scaled instead of the much larger scores; autocast is off, since it would cast the scores
    up for the softmax and down again.

    Raises:
        ValueError: attention dropout is requested, which is not implemented here.
    """
    if dropout:
        raise ValueError("lean attention has no dropout: set attention_probs_dropout_prob to 0")
    scale = query.size(-1) ** -0.5 if scaling is None else scaling
    with torch.autocast(query.device.type, enabled=False):
        scores = torch.matmul(query * scale, key.transpose(2, 3))
        if attention_mask is not None:
            scores = scores + attention_mask.to(scores.dtype)
        mixed = torch.matmul(torch.softmax(scores, dim=-1), value)
    return mixed.transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, attention)
AttentionMaskInterface.register(ATTENTION, eager_mask)


def quick_attention() -> str:
    """The fastest attention implementation here: ours, or PyTorch's with an accelerator."""
    return "sdpa" if torch.cuda.is_available() else ATTENTION


class PooledDropout(nn.Module):
    """Dropout whose masks are slices at random positions of one pre-drawn pool.

    Drawing one mask value per element is serial in PyTorch's CPU generator. A slice has the same
    distribution; two masks are independent unless their slices overlap, and the pool is redrawn every few
    steps.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self._pool: Tensor | None = None
        self._draws = 0

    def forward(self, hidden: Tensor) -> Tensor:
        """``hidden`` with a share of ``p`` zeroed and the rest scaled up, in training mode."""
        if not self.training or self.p == 0.0:
            return hidden
        count = hidden.numel()
        if self._pool is None or self._draws >= _REFRESH or self._pool.numel() < 2 * count:
            size = max(_POOL, 4 * count)
            kept = torch.empty(size, device=hidden.device).bernoulli_(1 - self.p)
            self._pool = kept.div_(1 - self.p).to(torch.bfloat16)
            self._draws = 0
        self._draws += 1
        start = int(torch.randint(self._pool.numel() - count, ()))
        return hidden * self._pool[start : start + count].view(hidden.shape).to(hidden.dtype)


def pool_dropout(model: nn.Module) -> None:
    """Replace every ``nn.Dropout`` of a model; those with the same rate share a pool."""
    pools: dict[float, PooledDropout] = {}
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(parent, name, pools.setdefault(child.p, PooledDropout(child.p)))
