"""Self-training: a model repeats its former answers on texts without annotations, with words hidden.

The teacher reads the whole text, the student a spoiled one (noisy student, Xie et al., 2020). In the same
batches it learns annotated texts as usual.
"""

from typing import Any

import torch
from torch import Tensor

from training.fit.distil import TeachingWeights, teaching_loss
from training.fit.model import IGNORED, LossWeights, ThreeHeadModel, ThreeHeadOutput, three_head_loss

SELF_TEACHING = TeachingWeights(hidden=0.0, tags=2.0, logits=0.0, pool=0.0, product_class=1.0, offer=0.5)
"""The weights of the shipped model's stage."""


def self_training_loss(
    model: torch.nn.Module, teacher: ThreeHeadModel, inputs: dict[str, Any], losses: LossWeights
) -> tuple[Tensor, ThreeHeadOutput]:
    """The loss of a batch and the student's outputs.

    The mean over windows of the annotation loss, where there are annotations, and of the distance from the
    teacher's answers elsewhere.

    Args:
        inputs: a batch of :class:`training.data.examples.Collator`; windows without annotations have
            :data:`training.fit.model.IGNORED` for their offer, and ``clean_ids`` are those before words were
            hidden.
    """
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    outputs: ThreeHeadOutput = model(input_ids=ids, attention_mask=mask)
    annotated = inputs["offer"] != IGNORED
    loss = torch.zeros((), device=ids.device)
    if annotated.any():
        known = _part(outputs, annotated)
        assert known.tags is not None
        assert known.product_class is not None
        assert known.offer is not None
        labelled = three_head_loss(
            known.tags,
            known.product_class,
            known.offer,
            tags=inputs["tags"][annotated],
            product_class=inputs["product_class"][annotated],
            offer=inputs["offer"][annotated],
            weights=losses,
        )
        loss = loss + labelled * annotated.sum() / len(ids)
    if not annotated.all():
        free = ~annotated
        with torch.no_grad():
            told = teacher(input_ids=inputs["clean_ids"][free], attention_mask=mask[free])
        distance = teaching_loss(_part(outputs, free), told, mask[free], SELF_TEACHING)
        loss = loss + distance * free.sum() / len(ids)
    return loss, outputs


def _part(outputs: ThreeHeadOutput, rows: Tensor) -> ThreeHeadOutput:
    """The outputs of some windows of a batch."""
    assert outputs.tags is not None
    assert outputs.product_class is not None
    assert outputs.offer is not None
    return ThreeHeadOutput(
        tags=outputs.tags[rows], product_class=outputs.product_class[rows], offer=outputs.offer[rows]
    )
