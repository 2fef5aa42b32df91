"""A tiny base and dataset, so that the whole recipe runs in seconds."""

import gzip
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from labels.dataset.everyday import EverydayPart, load_everyday
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass

# Not imported here: the tests that run in a moment need neither.
if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the train extra", allow_module_level=True)

CURE = "รักษาเบาหวาน"


def _record(n: int, violating: bool) -> Annotation:
    start = f"ชาใบหม่อน กล่อง {n} "
    text = f"{start}{CURE} หายขาด ราคา 99 บาท" if violating else f"{start}รสหวาน หอมอร่อย ราคา 99 บาท"
    spans = (
        [Span(start=len(start), end=len(start) + len(CURE), label=ClaimLabel.DISEASE)] if violating else []
    )
    return Annotation(
        id=f"r{n}",
        platform=Platform.MARKETPLACE,
        product_class=ProductClass.FOOD if n % 3 else ProductClass.HERBAL,
        offer=n % 5 != 0 or violating,
        text=text,
        spans=spans,
    )


@pytest.fixture(scope="session")
def records() -> list[Annotation]:
    """Twenty-four short listings, half of them with one cure claim."""
    return [_record(n, n % 2 == 0) for n in range(24)]


@pytest.fixture
def few_everyday(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small fit of the prefilter: the usual one takes longer than the rest of a tiny release."""

    def few(part: EverydayPart) -> list[Annotation]:
        return load_everyday(part)[:50]

    monkeypatch.setattr("training.fit.prefilter.load_everyday", few)
    monkeypatch.setattr("training.fit.prefilter.PARTS", 2)
    for name, value in (("EPOCHS", 1), ("CLAIMS", 4), ("GOODS", 8)):
        monkeypatch.setattr(f"training.fit.claim_detector.{name}", value)


@pytest.fixture
def exported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph of the same weights is exported once: to trace the model takes longer than a tiny training."""
    from safetensors.torch import save

    from training.releasing import release
    from training.releasing.export import export_onnx

    known: dict[bytes, bytes] = {}

    def export_once(model: Any, path: Path) -> None:
        weights = save({name: part.contiguous().clone() for name, part in model.state_dict().items()})
        if weights not in known:
            export_onnx(model, path)
            known[weights] = path.read_bytes()
        path.write_bytes(known[weights])

    monkeypatch.setattr(release, "export_onnx", export_once)


@pytest.fixture
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few bootstrap samples: a thousand for each comparison take longer than assessing the tiny dataset."""
    from training.evaluation.compare import compare

    monkeypatch.setattr("training.releasing.promotion.compare", partial(compare, rounds=100))


def _save_random_encoder(folder: Path, vocabulary: int, positions: int, specials: dict[str, int]) -> None:
    from transformers import CamembertConfig, CamembertModel

    config = CamembertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=positions,
        type_vocab_size=1,
        pad_token_id=specials["<pad>"],
        bos_token_id=specials["<s>"],
        eos_token_id=specials["</s>"],
    )
    CamembertModel(config, add_pooling_layer=False).save_pretrained(folder)


def _build(folder: Path, pieces: list[tuple[str, float]], specials: dict[str, int]) -> Path:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=specials["<unk>"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    folder.mkdir(parents=True, exist_ok=True)
    _save_random_encoder(folder, len(pieces), 130, specials)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


_WORDS = ["รักษา", "เบาหวาน", "หายขาด", "ชา", "ใบ", "หม่อน", "กล่อง", "รส", "หวาน", "หอม", "อร่อย", "ราคา", "บาท"]
_CHARACTERS = [chr(c) for c in range(0x0E01, 0x0E5C) if c not in range(0x0E3B, 0x0E3F)]


def _pieces(first: list[str]) -> list[tuple[str, float]]:
    letters = [*_CHARACTERS, *"0123456789abcdefghijklmnopqrstuvwxyz|.,%"]
    return [(p, 0.0) for p in first] + [(w, -2.0) for w in _WORDS] + [(c, -6.0) for c in letters]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain encoder of the CamemBERT class, two layers of 32."""
    first = ["<s>", "<pad>", "</s>", "<unk>", "\u2581"]
    specials = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    return _build(tmp_path_factory.mktemp("base") / "plain", _pieces(first), specials)


@pytest.fixture(scope="session")
def small_wangchanberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CamemBERT with random weights and the vocabulary of WangchanBERTa, under the authors' tokenizer."""
    folder = tmp_path_factory.mktemp("base") / "small-wangchanberta"
    _save_random_encoder(folder, 25_005, 512, {"<s>": 5, "<pad>": 1, "</s>": 6})
    packed = Path(__file__).parents[1] / "data" / "wangchanberta" / "tokenizer.json.gz"
    (folder / "tokenizer.json").write_bytes(gzip.decompress(packed.read_bytes()))
    return folder
