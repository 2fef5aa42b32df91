"""Distils a model into a copy with fewer layers.

The targets are the whole model's outputs (Hinton et al., 2015) and its hidden states after the layers that
the copy keeps (Jiao et al., 2020, TinyBERT); annotations are not used.
"""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.fit.model import ThreeHeadModel, ThreeHeadOutput


class LayersError(ValueError):
    """A model cannot be cut to this depth or cannot teach; the message says why and what to do."""


@dataclass(frozen=True)
class TeachingWeights:
    """Weights of the parts of :func:`teaching_loss`.

    Attributes:
        hidden: squared error of the hidden states relative to their size, mean of the kept layers.
        tags: divergence of the tags' probabilities, summed over labels, per token.
        logits: smooth absolute error of the tags' logits, which reaches what probabilities near 0 hide.
        pool: each label's strongest token of a window, as in
            :class:`training.fit.model.LossWeights`.
        product_class: of the window's listing.
        offer: of the window's listing.
    """

    hidden: float = 1.0
    tags: float = 3.0
    logits: float = 0.3
    pool: float = 0.5
    product_class: float = 0.5
    offer: float = 0.2


TEACHING = TeachingWeights()
"""The weights of the shipped small model."""


def kept_layers(there: int, layers: int) -> list[int]:
    """Numbers of the layers that a copy keeps, evenly spaced and including the last."""
    return [(k + 1) * there // layers - 1 for k in range(layers)]


def shortened(model: ThreeHeadModel, layers: int) -> ThreeHeadModel:
    """A copy with this many of the encoder's layers (:func:`kept_layers`).

    Raises:
        LayersError: fewer than one, or more than there are.
    """
    there = len(model.roberta.encoder.layer)
    if not 1 <= layers <= there:
        raise LayersError(f"the base has {there} layers: keep 1 to {there}, not {layers}")
    short = copy.deepcopy(model)
    kept = kept_layers(there, layers)
    short.roberta.encoder.layer = nn.ModuleList(short.roberta.encoder.layer[k] for k in kept)
    short.config.num_hidden_layers = layers
    return short


def teaching_loss(
    student: ThreeHeadOutput, teacher: ThreeHeadOutput, mask: Tensor, weights: TeachingWeights = TEACHING
) -> Tensor:
    """The distance of a model's hidden states and outputs from its teacher's, a scalar.

    Args:
        student: with hidden states, unless they have no weight.
        teacher: likewise; at least as many layers as the student.
        mask: 1 for tokens that count, shape ``(batch, tokens)``.
    """
    assert student.product_class is not None
    assert student.offer is not None
    assert teacher.product_class is not None
    assert teacher.offer is not None
    functional = nn.functional
    hidden = weights.hidden * _hidden_loss(student, teacher, mask.bool()) if weights.hidden else 0.0
    return (
        hidden
        + _tags_loss(student, teacher, mask.bool(), weights)
        + weights.product_class
        * functional.kl_div(
            student.product_class.float().log_softmax(-1),
            teacher.product_class.float().log_softmax(-1),
            log_target=True,
            reduction="batchmean",
        )
        + weights.offer
        * functional.binary_cross_entropy_with_logits(
            student.offer.float(), torch.sigmoid(teacher.offer.float())
        )
    )


def _hidden_loss(student: ThreeHeadOutput, teacher: ThreeHeadOutput, counted: Tensor) -> Tensor:
    """Relative squared error of each of the student's layers; the first of ``hidden`` is the embeddings."""
    assert student.hidden is not None
    assert teacher.hidden is not None
    layers = len(student.hidden) - 1
    errors = []
    for mine, kept in zip(student.hidden[1:], kept_layers(len(teacher.hidden) - 1, layers), strict=True):
        target = teacher.hidden[kept + 1][counted].float()
        errors.append((target - mine[counted].float()).square().mean() / target.square().mean())
    return torch.stack(errors).mean()


def _tags_loss(
    student: ThreeHeadOutput, teacher: ThreeHeadOutput, counted: Tensor, weights: TeachingWeights
) -> Tensor:
    assert student.tags is not None
    assert teacher.tags is not None
    functional = nn.functional
    mine, target = student.tags.float(), teacher.tags.float()
    apart = functional.binary_cross_entropy_with_logits(
        mine[counted], torch.sigmoid(target[counted]), reduction="none"
    ) - functional.binary_cross_entropy_with_logits(
        target[counted], torch.sigmoid(target[counted]), reduction="none"
    )
    padding = ~counted.unsqueeze(-1)
    strongest = functional.binary_cross_entropy_with_logits(
        mine.masked_fill(padding, -30).amax(1), torch.sigmoid(target.masked_fill(padding, -30).amax(1))
    )
    return (
        weights.tags * apart.sum(-1).mean()
        + weights.logits * functional.smooth_l1_loss(mine[counted], target[counted])
        + weights.pool * strongest
    )
