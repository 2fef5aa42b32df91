"""Examples for the OpenAPI document, produced by the same code as the answers."""

from typing import Any

from pydantic import BaseModel

from inference.policy import Policy
from labels.law.catalogue import law_for
from labels.schema import Assessment, Claim
from labels.taxonomy import LABELS, ClaimLabel, ProductClass, Verdict
from service.answers.model import BundleFacts, ModelFacts, RegistryFacts, ThresholdFacts, WindowFacts
from service.decisions.draft_check import check_draft
from service.inference_pool.model_facts import shipped_policy
from service.taxonomy_document import taxonomy_document

_CLAIM = "รักษาเบาหวาน"
_TEXT = f"แคปซูลตัวอย่าง\n{_CLAIM} กล่องละ 390 บาท อ่านคำเตือนในฉลากก่อนบริโภค"
_MODEL = "example@1.0.0+0123abcd"

DRAFT: dict[str, Any] = {
    "id": "draft-1",
    "title": _TEXT.partition("\n")[0],
    "description": _TEXT.partition("\n")[2],
}
"""A draft that is not ready: it has a disease claim and only one of a supplement's required sentences."""


def _assessment() -> Assessment:
    start = _TEXT.index(_CLAIM)
    claim = Claim(
        start=start,
        end=start + len(_CLAIM),
        label=ClaimLabel.DISEASE,
        probability=0.98,
        text=_CLAIM,
        law=law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT),
    )
    return Assessment(
        id=DRAFT["id"],
        verdict=Verdict.PROHIBITED,
        risk=0.99,
        product_class=ProductClass.FOOD_SUPPLEMENT,
        product_class_probability=0.93,
        offer=True,
        offer_probability=0.99,
        claims=[claim],
        model=_MODEL,
    )


def _check() -> dict[str, Any]:
    return {"checks": [_json(check_draft(_TEXT, _assessment(), Policy.load()))]}


def _taxonomy() -> dict[str, Any]:
    """Return the first entry of each part; the whole has thousands of lines."""
    whole = taxonomy_document()
    label = whole.claim_labels[0]
    named = {row for rows in label.law.values() for row in rows}
    short = whole.model_copy(
        update={
            "product_classes": whole.product_classes[:1],
            "claim_labels": [label],
            "verdicts": whole.verdicts[:1],
            "actions": whole.actions[:1],
            "ad_warnings": whole.ad_warnings[:1],
            "law": {key: row for key, row in whole.law.items() if key in named},
        }
    )
    return _json(short)


def _model() -> dict[str, Any]:
    thresholds = ThresholdFacts(report=0.4, sure=0.9)
    bundle = BundleFacts(
        name="example",
        version="1.0.0",
        base="compact",
        base_licence="MIT",
        created="2026-11-24",
        window=WindowFacts(tokens=160, overlap=32, head=0),
        label_thresholds=dict.fromkeys(LABELS, thresholds),
        risk_thresholds=thresholds,
        test_figures={"average_precision": 0.9, "verdict_precision": 0.9},
        dataset_sha256={"test.jsonl": "0" * 64},
        files={"model.onnx": "0" * 64},
    )
    facts = ModelFacts(
        model=_MODEL, bundle=bundle, policy=shipped_policy(), registry=RegistryFacts(loaded=False)
    )
    return _json(facts)


def _json(shape: BaseModel) -> dict[str, Any]:
    return shape.model_dump(mode="json")


CLASSIFY_ANSWER = {"assessments": [_json(_assessment())]}
CHECK_ANSWER = _check()
TAXONOMY_ANSWER = _taxonomy()
MODEL_ANSWER = _model()
