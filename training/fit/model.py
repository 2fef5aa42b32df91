"""The three-head model: one CamemBERT-style encoder with jointly trained heads.

Product class (softmax), offer (sigmoid), and claims as token tags (one sigmoid per label per token). A
listing's claim probability comes from its tokens, so every label has a span.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import CamembertConfig, CamembertModel
from transformers.models.camembert.modeling_camembert import CamembertPreTrainedModel
from transformers.utils.generic import ModelOutput

from inference.model.spans import EFFECTS
from labels.taxonomy import CLASSES, LABELS

_EFFECTS = [k for k, label in enumerate(LABELS) if label in EFFECTS]
_OTHERS = [k for k, label in enumerate(LABELS) if label not in EFFECTS]


@dataclass(frozen=True)
class LossWeights:
    """Weights of the four losses and of a tagged token.

    Attributes:
        tags: token by token. Tags are rare, so their mean is small: at weight 1 the encoder learned class and
            offer but hardly any claim.
        pool: each label's strongest token of a window, which trains what serving asks: whether the label is
            claimed at all.
        product_class: of the window's listing.
        offer: of the window's listing.
        positive: weight of a tagged token relative to an untagged one; most tokens carry no claim.
        one_effect: the labels of effects exclude each other (a softmax over them and "none"). Annotators give
            0.1 % of the characters two such labels; with independent sigmoids the model gave 15 % two.
    """

    tags: float = 10.0
    pool: float = 2.0
    product_class: float = 1.0
    offer: float = 0.2
    positive: float = 3.0
    one_effect: bool = False


LOSSES = LossWeights()
"""The weights of the shipped model."""


IGNORED = -100
"""Target of a token or listing without an answer."""


@dataclass
class ThreeHeadOutput(ModelOutput):
    """Logits of one batch.

    Attributes:
        loss: scalar, if targets were given.
        tags: shape ``(batch, tokens, labels)``.
        product_class: shape ``(batch, classes)``.
        offer: shape ``(batch,)``.
        hidden: the embeddings and each layer's output, shape ``(batch, tokens, width)`` each, if requested.
    """

    loss: Tensor | None = None
    tags: Tensor | None = None
    product_class: Tensor | None = None
    offer: Tensor | None = None
    hidden: tuple[Tensor, ...] | None = None


class ThreeHeadModel(CamembertPreTrainedModel):
    """``CamembertModel`` with a tag head over tokens and class and offer heads over their mean.

    Attributes:
        losses: weights of the parts of the loss in training.
    """

    def __init__(self, config: CamembertConfig) -> None:
        super().__init__(config)
        self.roberta = CamembertModel(config, add_pooling_layer=False)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.tag_head = nn.Linear(config.hidden_size, len(LABELS))
        self.class_head = nn.Linear(config.hidden_size, len(CLASSES))
        self.offer_head = nn.Linear(config.hidden_size, 1)
        self.losses = LOSSES
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        tags: Tensor | None = None,
        product_class: Tensor | None = None,
        offer: Tensor | None = None,
        output_hidden_states: bool = False,
        **_: Any,
    ) -> ThreeHeadOutput:
        """Logits, and the loss if all three targets are given.

        Args:
            input_ids: shape ``(batch, tokens)``.
            attention_mask: 1 for tokens that count, shape ``(batch, tokens)``.
            tags: 0, 1 or :data:`IGNORED`, shape ``(batch, tokens, labels)``.
            product_class: index into ``labels.taxonomy.CLASSES`` or :data:`IGNORED`, shape ``(batch,)``.
            offer: 0 or 1, shape ``(batch,)``.
            output_hidden_states: whether to return every layer's output too.
        """
        encoded = self.roberta(
            input_ids=input_ids,
            attention_mask=attention_mask,
            output_hidden_states=output_hidden_states,
        )
        hidden = encoded.last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        tag_logits = self.tag_head(self.dropout(hidden))
        class_logits = self.class_head(self.dropout(mean))
        offer_logits = self.offer_head(self.dropout(mean)).squeeze(-1)
        loss = None
        if tags is not None and product_class is not None and offer is not None:
            loss = three_head_loss(
                tag_logits, class_logits, offer_logits, tags, product_class, offer, self.losses
            )
        return ThreeHeadOutput(
            loss=loss,
            tags=tag_logits,
            product_class=class_logits,
            offer=offer_logits,
            hidden=encoded.hidden_states,
        )


def three_head_loss(
    tag_logits: Tensor,
    class_logits: Tensor,
    offer_logits: Tensor,
    tags: Tensor,
    product_class: Tensor,
    offer: Tensor,
    weights: LossWeights = LOSSES,
) -> Tensor:
    """Weighted sum of the losses, a scalar; shapes as in :meth:`ThreeHeadModel.forward`.

    It covers tags (by token and by each label's strongest token), product class, and offer.
    """
    answered = tags[..., 0] != IGNORED
    tag_loss = _tag_loss(tag_logits[answered].float(), tags[answered].float(), weights)
    # Only over those with a class: a batch may hold only texts of unknown class.
    class_loss = nn.functional.cross_entropy(
        class_logits.float(), product_class, ignore_index=IGNORED, reduction="sum"
    ) / (product_class != IGNORED).sum().clamp(min=1)
    offer_loss = nn.functional.binary_cross_entropy_with_logits(offer_logits.float(), offer.float())
    strongest = tag_logits.float().masked_fill(~answered.unsqueeze(-1), -1e4).amax(dim=1)
    there = tags.masked_fill(~answered.unsqueeze(-1), 0).amax(dim=1)
    pool_loss = nn.functional.binary_cross_entropy_with_logits(strongest.clamp(min=-30), there.float())
    return (
        weights.tags * tag_loss
        + weights.pool * pool_loss
        + weights.product_class * class_loss
        + weights.offer * offer_loss
    )


def _tag_loss(logits: Tensor, tags: Tensor, weights: LossWeights) -> Tensor:
    """Mean loss of tokens and labels, a scalar; both of shape ``(tokens, labels)``."""
    if not weights.one_effect:
        return _independent(logits, tags, weights.positive).mean()
    effects = _exclusive(logits[:, _EFFECTS], tags[:, _EFFECTS], weights.positive)
    others = _independent(logits[:, _OTHERS], tags[:, _OTHERS], weights.positive)
    return (effects.sum() + others.sum()) / max(1, logits.numel())


def _independent(logits: Tensor, tags: Tensor, positive: float) -> Tensor:
    """Binary cross-entropy of each token and label, shape ``(tokens, labels)``."""
    weight = torch.full((logits.shape[-1],), positive, device=logits.device)
    return nn.functional.binary_cross_entropy_with_logits(logits, tags, pos_weight=weight, reduction="none")


def _exclusive(logits: Tensor, tags: Tensor, positive: float) -> Tensor:
    """Cross-entropy of each token over the labels and "none", whose logit is 0; shape ``(tokens,)``.

    A token with several labels has them as equally likely targets.
    """
    number = tags.sum(1, keepdim=True)
    target = torch.cat([(number == 0).float(), tags / number.clamp(min=1)], dim=1)
    found = torch.cat([torch.zeros_like(logits[:, :1]), logits], dim=1).log_softmax(dim=1)
    weight = 1 + (positive - 1) * (number[:, 0] > 0).float()
    return -weight * (target * found).sum(1)
