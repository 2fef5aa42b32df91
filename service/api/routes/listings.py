"""``/v1/listings``: submit listings for review, read them back."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from inference.pictures.named import shows_none, without_names
from labels.schema import RegistryStatus
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.answers.listings import Deposited, DepositedMany, ListingFull, ListingPage
from service.api.deps import BodyWithPictures, IngestKey, ReadKey, SettingsDep, StoreDep
from service.api.idempotency import REPLAYED, IdempotencyKey, once
from service.api.listing_input import listing_of, listings_of, split_pictures
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import ONE_OR_MANY
from service.api.pointers import pointer_to
from service.api.problems import (
    BAD_LISTING,
    BAD_QUERY,
    IN_FLIGHT,
    KEY_REUSED,
    NO_ROOM,
    NOT_FOUND,
    Problem,
    no_listing,
    not_writable,
)
from service.api.schemas import brief, deposited, full
from service.api.timestamps import Moment
from service.store import Arrival, Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.json_text import storable
from service.store.database.row_ids import is_row_id
from service.store.index.entries import CaseState
from service.store.index.finding import NoLicence, QueueFilter
from service.store.index.pages import Order
from service.store.listings.repository import Deposit
from service.store.pictures.files import NotAPicture, PictureFiles, read_header
from service.store.pictures.repository import NewPicture, add_in
from service.store.platforms.idempotency import Then
from service.store.tables.api_tables import ApiKey
from service.store.tenants.read_scope import read_scope_of
from service.text.search_words import MAX_QUERY, query_of

router = APIRouter(prefix="/v1/listings", tags=["listings"])


def _reads(number: str) -> dict[str, Any]:
    """Return the OpenAPI link to the operation that reads this listing."""
    return {
        "operationId": "readListing",
        "parameters": {"path.listing_id": number},
        "description": "reads the listing",
    }


@router.post(
    "",
    operation_id="handInListings",
    summary="Submit listings for review · ส่งโฆษณาเข้าตรวจ",
    status_code=202,
    response_model=Deposited | DepositedMany,
    openapi_extra=ONE_OR_MANY,
    responses={
        202: {
            "headers": {
                "Location": {
                    "description": "for a single listing: its address",
                    "schema": {"type": "string", "pattern": "^/v1/listings/[0-9]+$"},
                },
                **REPLAYED,
            }
        }
    },
)
@refuses(BAD_LISTING, IN_FLIGHT, KEY_REUSED, NO_ROOM)
def hand_in(
    *,
    key: IngestKey,
    body: BodyWithPictures,
    store: StoreDep,
    settings: SettingsDep,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Submit one listing, or `{"listings": [...]}`, for assessment by the worker and for review.

    The same id from the same tenant is the same listing: submitted again it is `unchanged`, or `changed` if
    its text or the pictures sent with it differ; the earlier ones are retained. Sent without pictures, it
    keeps those it has; sent with `"images": "none"`, it shows none any more. Needs the scope `ingest`.
    """
    answer = once(
        store,
        key,
        idempotency_key,
        "listings",
        body,
        response,
        lambda then: _deposit(key, body, store, settings, then),
    )
    return _located(answer, response)


@router.get(
    "",
    operation_id="readListings",
    summary="A page of listings · รายการโฆษณาทีละหน้า",
    response_model=ListingPage,
    responses={
        200: {
            "links": {
                "readFirst": _reads("$response.body#/listings/0/listing_id"),
                "contestFirst": {
                    "operationId": "fileAppeal",
                    "parameters": {"path.listing_id": "$response.body#/listings/0/listing_id"},
                    "description": "contests the decision, if there is one",
                },
                "readOn": {
                    "operationId": "readListings",
                    "parameters": {"query.cursor": "$response.body#/next_cursor"},
                    "description": "the next page, in the same order",
                },
            }
        }
    },
)
@refuses(BAD_QUERY)
def read_page(
    *,
    key: ReadKey,
    store: StoreDep,
    cursor: Annotated[
        str | None, Query(max_length=500, description="next_cursor of the previous page")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    query: Annotated[
        str,
        Query(max_length=MAX_QUERY, description='required words, "phrases", -excluded words'),
    ] = "",
    verdict: Annotated[list[Verdict] | None, Query(description="may be repeated")] = None,
    state: CaseState | None = None,
    product_class: ProductClass | None = None,
    label: Annotated[ClaimLabel | None, Query(description="the label of a claim that was found")] = None,
    platform: Platform | None = None,
    licence: Annotated[
        RegistryStatus | NoLicence | None, Query(description="the status of a licence number that was found")
    ] = None,
    seller: Annotated[str, Query(max_length=200, description="the whole name")] = "",
    source: Annotated[str | None, Query(max_length=200)] = None,
    since: Annotated[Moment | None, Query(description="first seen at or after this time")] = None,
    before: Annotated[Moment | None, Query(description="first seen before this time")] = None,
    order: Order = Order.DEPOSITED,
) -> ListingPage:
    """List the tenant's listings that match all given filters, page by page.

    Scope `read`.

    With `read_all`, lists the listings of all tenants, except those created from complaints.

    `order=risk` lists only assessed listings, the riskiest first. A search finds what the worker has
    indexed, a few seconds after submission.
    """
    wanted = QueueFilter(
        search=query_of(query),
        verdicts=tuple(verdict or ()),
        state=state,
        product_class=product_class,
        label=label,
        platform=platform,
        licence=licence,
        seller=seller,
        source=storable(source),
        since=since,
        before=before,
        reach=read_scope_of(key),
    )
    page = store.find.page(wanted, order, cursor, limit)
    if named := [row.id for row in page.rows if row.seller]:
        store.audit.record_view(audit_names.key(key.name), AuditAction.LISTING_PAGE, "", {"listings": named})
    return ListingPage(listings=[brief(row) for row in page.rows], next_cursor=page.next_cursor)


@router.get(
    "/{listing_id}",
    operation_id="readListing",
    summary="One listing with its evidence and assessment · โฆษณาหนึ่งรายการพร้อมหลักฐานและผลตรวจ",
    response_model=ListingFull,
)
@refuses(NOT_FOUND)
def read_one(key: ReadKey, store: StoreDep, listing_id: int) -> ListingFull:
    """Read one listing of the tenant, with its text, evidence and newest assessment. Scope `read`."""
    row = store.listings.get(listing_id, read_scope_of(key)) if is_row_id(listing_id) else None
    if row is None:
        raise no_listing(listing_id)
    store.audit.record_view(
        audit_names.key(key.name), AuditAction.LISTING_VIEW, audit_names.listing(row.id), {}
    )
    assessment = store.assessments.get(row.assessment_id) if row.assessment_id else None
    return full(row, store.listings.captures(listing_id), assessment)


def _located(answer: dict[str, Any], response: Response) -> dict[str, Any]:
    """Return the answer; for a single listing, set the header with its address."""
    if (number := answer.get("listing_id")) is not None:
        response.headers["Location"] = f"/v1/listings/{number}"
    return answer


def _deposit(
    key: ApiKey, body: Any, store: Store, settings: SettingsDep, then: Then[BaseModel]
) -> Deposited | DepositedMany:
    """Store the listings of a body and the answer in one transaction."""
    several = isinstance(body, dict) and "listings" in body
    body, pictures = split_pictures(body, settings)
    listings = [
        item.as_handed_in()
        for item in (listings_of(body, settings) if several else [listing_of(body, settings)])
    ]
    bare = [shows_none(listing) for listing in listings]
    listings = [
        without_names(listing) if has_none else listing
        for listing, has_none in zip(listings, bare, strict=True)
    ]
    sent = _kept(pictures, PictureFiles(settings.pictures.folder), several)

    def answer(deposits: Sequence[Deposit]) -> Deposited | DepositedMany:
        made = [deposited(item.id, each) for item, each in zip(listings, deposits, strict=True)]
        return DepositedMany(listings=made) if several else made[0]

    arrivals = [
        Arrival(item, source=key.source, shows_none=has_none)
        for item, has_none in zip(listings, bare, strict=True)
    ]
    answers: list[Deposited | DepositedMany] = []

    def complete(session: Session, made: Sequence[Deposit]) -> None:
        answers[:] = [answer(_with_pictures(session, made, sent, bare))]
        then(session, answers[0])

    store.listings.deposit_all(arrivals, complete)
    return answers[0]


def _kept(pictures: Sequence[Sequence[bytes]], files: PictureFiles, several: bool) -> list[list[NewPicture]]:
    """Store the picture files; raises a :class:`Problem` for one of unknown type, or if there is no room."""
    kept = []
    for number, contents in enumerate(pictures):
        found = []
        for content in contents:
            try:
                media_type, width, height = read_header(content)
            except NotAPicture as error:
                pointer = pointer_to(*(("listings", number) if several else ()), "images")
                faults = [{"pointer": pointer, "detail": str(error)}]
                thai = "ไฟล์นี้ไม่ใช่ภาพ JPEG, PNG, WebP, GIF, BMP หรือ TIFF หรือส่วนหัวของไฟล์เสียหาย"
                raise Problem(BAD_LISTING, str(error), faults, thai=thai) from error
            found.append(NewPicture(sha256(content).hexdigest(), media_type, width, height, len(content)))
        kept.append(found)
    try:
        for contents in pictures:  # Store them only now that all are known to be pictures.
            for content in contents:
                files.put(content)
    except OSError as error:
        raise not_writable(error, "pictures", "รูปภาพ") from error
    return kept


def _with_pictures(
    session: Session,
    deposits: Sequence[Deposit],
    pictures: Sequence[Sequence[NewPicture]],
    bare: Sequence[bool],
) -> list[Deposit]:
    """Record the pictures of the listings that were sent with some, or that state that they show none."""
    changed = [
        (bool(sent) or has_none) and add_in(session, deposit.listing_id, sent)
        for deposit, sent, has_none in zip(deposits, pictures, bare, strict=True)
    ]
    return [
        replace(deposit, status="changed") if has_changed and deposit.status == "unchanged" else deposit
        for deposit, has_changed in zip(deposits, changed, strict=True)
    ]
