"""``GET /v1/taxonomy``: the meaning of the values in the answers, and the law they rest on."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Header, Response

from service.api.deps import ReferenceKey
from service.api.openapi.examples import TAXONOMY_ANSWER
from service.http_cache import TaggedDocument, private_answer
from service.taxonomy_document import TaxonomyDocument, taxonomy_document

router = APIRouter(prefix="/v1", tags=["reference"])


@router.get(
    "/taxonomy",
    operation_id="readTaxonomy",
    summary="What the values mean, and the law · ความหมายของค่าต่าง ๆ และข้อกฎหมาย",
    response_model=TaxonomyDocument,
    responses={
        200: {"content": {"application/json": {"example": TAXONOMY_ANSWER}}},
        304: {"description": "the client's copy is current"},
    },
)
def taxonomy(
    _key: ReferenceKey,
    if_none_match: Annotated[str | None, Header(description="the ETag of an earlier answer")] = None,
) -> Response:
    """Read product classes, labels, verdicts, actions, required sentences and law, in Thai and English.

    Changes only with a new version of Ruthan: cache the answer and revalidate it with `If-None-Match`.
    Needs the scope `classify` or `read`.
    """
    return private_answer(_document(), "application/json", if_none_match)


@cache
def _document() -> TaggedDocument:
    return TaggedDocument.of(taxonomy_document().model_dump_json().encode())
