"""``GET /v1/model``: the model in use, its decision rules and its measured quality."""

from fastapi import APIRouter

from service.answers.model import ModelFacts
from service.api.deps import HolderDep, ReferenceKey
from service.api.openapi.examples import MODEL_ANSWER

router = APIRouter(prefix="/v1", tags=["reference"])


@router.get(
    "/model",
    operation_id="readModel",
    summary="The model in use · แบบจำลองที่ใช้อยู่",
    response_model=ModelFacts,
    responses={200: {"content": {"application/json": {"example": MODEL_ANSWER}}}},
)
def model(_key: ReferenceKey, holder: HolderDep) -> ModelFacts:
    """Describe the model in use: bundle, window, thresholds, test figures, hashes, policy, licence register.

    Needs the scope `classify` or `read`.
    """
    return holder.facts()
