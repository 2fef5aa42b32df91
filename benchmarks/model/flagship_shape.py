"""The shape of WangchanBERTa, 12 layers x 768, with random weights: these affect neither speed nor memory."""

from transformers import CamembertConfig

from training.fit.model import ThreeHeadModel

SHAPE = {
    "vocab_size": 25_005,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "type_vocab_size": 1,
    "pad_token_id": 1,
    "bos_token_id": 5,
    "eos_token_id": 6,
    "attention_probs_dropout_prob": 0.0,
}


def random_model() -> ThreeHeadModel:
    """A model of the flagship's shape with random weights."""
    return ThreeHeadModel(CamembertConfig(**SHAPE))
