"""Distils a model into a copy with fewer layers (Hinton et al., 2015)."""

import copy

import torch
from torch import Tensor, nn

from training.fit.model import IGNORED, LOSSES, LossWeights, ThreeHeadModel, ThreeHeadOutput


class LayersError(ValueError):
    """A model cannot be cut to this depth or cannot teach; the message says why and what to do."""


def shortened(model: ThreeHeadModel, layers: int) -> ThreeHeadModel:
    """A copy with this many of the encoder's layers, evenly spaced and including the last.

    Raises:
        LayersError: fewer than one, or more than there are.
    """
    there = len(model.roberta.encoder.layer)
    if not 1 <= layers <= there:
        raise LayersError(f"the base has {there} layers: keep 1 to {there}, not {layers}")
    short = copy.deepcopy(model)
    kept = [(k + 1) * there // layers - 1 for k in range(layers)]
    short.roberta.encoder.layer = nn.ModuleList(short.roberta.encoder.layer[k] for k in kept)
    short.config.num_hidden_layers = layers
    return short


def teaching_loss(
    student: ThreeHeadOutput, teacher: ThreeHeadOutput, tags: Tensor, weights: LossWeights = LOSSES
) -> Tensor:
    """The distance of a model's outputs from its teacher's, a scalar weighted like the training loss.

    Args:
        tags: :data:`IGNORED` where the loss is masked, shape ``(batch, tokens, labels)``.
    """
    assert student.tags is not None
    assert student.product_class is not None
    assert student.offer is not None
    assert teacher.tags is not None
    assert teacher.product_class is not None
    assert teacher.offer is not None
    answered = tags[..., 0] != IGNORED
    functional = nn.functional
    return (
        weights.tags
        * functional.binary_cross_entropy_with_logits(
            student.tags[answered].float(), torch.sigmoid(teacher.tags[answered].float())
        )
        + weights.product_class
        * functional.cross_entropy(
            student.product_class.float(), torch.softmax(teacher.product_class.float(), dim=-1)
        )
        + weights.offer
        * functional.binary_cross_entropy_with_logits(
            student.offer.float(), torch.sigmoid(teacher.offer.float())
        )
    )
