"""Makes ``tiny_bundle/``: a bundle of a few kilobytes whose claims follow from single words.

Run it from the repository root after a change of the taxonomy or the bundle format (needs ``onnx``)::

    python tests/data/make_tiny_bundle.py
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from inference.model.bundle import CALIBRATION, MODEL, TOKENIZER, Manifest, write_manifest
from inference.model.calibration import Calibration, Platt, RiskModel, Thresholds
from inference.model.encoding import Preprocessing
from labels.taxonomy import CLASSES, LABELS, ClaimLabel, ProductClass

FOLDER = Path(__file__).parent / "tiny_bundle"
CLAIM_WORDS = {
    "รักษา": ClaimLabel.DISEASE,
    "มะเร็ง": ClaimLabel.DISEASE,
    "เบาหวาน": ClaimLabel.DISEASE,
    "ผอม": ClaimLabel.WEIGHT_LOSS,
    "ชุ่มชื้น": ClaimLabel.BENEFIT,
}
CLASS_WORDS = {"ครีม": ProductClass.COSMETIC, "แคปซูล": ProductClass.FOOD_SUPPLEMENT}
OFFER_WORDS = ("บาท", "สั่ง", "ขาย")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
LETTERS = "".join(map(chr, range(0x0E01, 0x0E3B))) + "".join(map(chr, range(0x0E3F, 0x0E5C)))
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-|%"


def _vocabulary() -> list[str]:
    return [*SPECIAL, "▁", *CLAIM_WORDS, *CLASS_WORDS, *OFFER_WORDS, *LETTERS, *PLAIN]


def _tokenizer(vocabulary: list[str]) -> Tokenizer:
    pieces = [(piece, 0.0 if piece in SPECIAL else -2.0 - (len(piece) == 1) * 6.0) for piece in vocabulary]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _model(vocabulary: list[str]) -> onnx.ModelProto:
    tags = np.full((len(vocabulary), len(LABELS)), -6, np.float32)
    classes = np.zeros((len(vocabulary), len(CLASSES)), np.float32)
    offers = np.full(len(vocabulary), -6, np.float32)
    for word, label in CLAIM_WORDS.items():
        tags[vocabulary.index(word), LABELS.index(label)] = 6
    for word, product_class in CLASS_WORDS.items():
        classes[vocabulary.index(word), CLASSES.index(product_class)] = 100
    for word in OFFER_WORDS:
        offers[vocabulary.index(word)] = 6
    weights = {"tag_table": tags, "class_table": classes, "offer_table": offers, "axis": np.array([1])}
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "tokens"])
    outputs = [
        helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["batch", "tokens", len(LABELS)]),
        helper.make_tensor_value_info("product_class", TensorProto.FLOAT, ["batch", len(CLASSES)]),
        helper.make_tensor_value_info("offer", TensorProto.FLOAT, ["batch"]),
    ]
    nodes = [
        helper.make_node("Gather", ["tag_table", "input_ids"], ["tags"]),
        helper.make_node("Gather", ["class_table", "input_ids"], ["classes"]),
        helper.make_node("ReduceMax", ["classes", "axis"], ["product_class"], keepdims=0),
        helper.make_node("Gather", ["offer_table", "input_ids"], ["offers"]),
        helper.make_node("ReduceMax", ["offers", "axis"], ["offer"], keepdims=0),
    ]
    initializers = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "tiny", [ids, mask], outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Write the bundle."""
    FOLDER.mkdir(exist_ok=True)
    vocabulary = _vocabulary()
    _tokenizer(vocabulary).save(str(FOLDER / TOKENIZER), pretty=False)
    onnx.save(_model(vocabulary), str(FOLDER / MODEL))
    calibration = Calibration(
        labels={label: Platt() for label in LABELS},
        offer=Platt(),
        class_temperature=1.0,
        risk=RiskModel(claim=1.0, offer=0.5, offer_intercept=1.0),
        label_thresholds={label: Thresholds(report=0.5, sure=0.9) for label in LABELS},
        risk_thresholds=Thresholds(report=0.5, sure=0.9),
        token_threshold=0.5,
    )
    text = json.dumps(calibration.model_dump(mode="json"), indent=1)
    (FOLDER / CALIBRATION).write_text(text + "\n", encoding="utf-8")
    manifest = Manifest(
        name="tiny",
        version="1",
        base="none",
        base_licence="Apache-2.0",
        created="2026-11-24",
        preprocessing=Preprocessing.PLAIN,
        window=32,
        overlap=8,
        labels=list(LABELS),
        classes=list(CLASSES),
        files={},
    )
    write_manifest(FOLDER, manifest)


if __name__ == "__main__":
    main()
