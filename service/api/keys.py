"""``/v1/keys``: the keys of a tenant, managed by one of them."""

import re
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ValidationError

from service.answers.keys import KeyOut, Keys, KeySecret
from service.api.deps import JsonBody, KeysKey, StoreDep
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import KEY
from service.api.pointers import faults_of, pointer_to
from service.api.problems import BAD_NEW_KEY, NOT_ALLOWED, NOT_FOUND, Problem
from service.api.timestamps import Moment
from service.store import NameTaken
from service.store.database.columns import now
from service.store.database.row_ids import is_row_id
from service.store.platforms.api_keys import MAX_GRACE, NewKey
from service.store.tables.api_tables import WIDE, ApiKey, Scope
from service.store.tenants.own_keys import MAX_KEYS, ExceedsOwnKey, NameTooLong, TooManyKeys

router = APIRouter(prefix="/v1/keys", tags=["keys"])

MAX_NAME = 60
GIVEN = [scope.value for scope in Scope if scope not in WIDE]
_NAME = re.compile("[!-~]+", re.ASCII)
_HOUR = timedelta(hours=1)


class _Wanted(BaseModel, extra="forbid", strict=True):
    name: str
    scopes: list[str]
    expires_at: Moment | None = None


def _goes_to(operation: str) -> dict[str, Any]:
    return {"operationId": operation, "parameters": {"path.key_id": "$response.body#/key_id"}}


@router.get(
    "", operation_id="readKeys", summary="The keys of this tenant · คีย์ของผู้เชื่อมต่อรายนี้", response_model=Keys
)
def read_all(key: KeysKey, store: StoreDep) -> Keys:
    """List the keys of this key's tenant, including revoked and expired ones. Scope `keys`."""
    return Keys(keys=[KeyOut.model_validate(_fields(row)) for row in store.own_keys.of(key)])


@router.post(
    "",
    operation_id="createKey",
    summary="Create a key for this tenant · ออกคีย์ของผู้เชื่อมต่อรายนี้",
    status_code=201,
    response_model=KeySecret,
    openapi_extra=KEY,
    responses={201: {"links": {"rotate": _goes_to("rotateKey"), "revoke": _goes_to("revokeKey")}}},
)
@refuses(BAD_NEW_KEY, NOT_ALLOWED)
def create(key: KeysKey, body: JsonBody, store: StoreDep) -> KeySecret:
    """Create a key with at most the scopes and the lifetime of this one. Scope `keys`."""
    try:
        wanted = _Wanted.model_validate(body)
        if len(wanted.name) > MAX_NAME:
            detail = f"a name has at most {MAX_NAME} characters"
            raise _refused(detail, "name", thai=f"ชื่อคีย์ยาวได้ไม่เกิน {MAX_NAME} ตัวอักษร")
        if not _NAME.fullmatch(wanted.name):
            detail = "a name consists of ASCII letters, digits and symbols, without spaces"
            thai = "ชื่อคีย์ใช้ได้เฉพาะอักษรอังกฤษ ตัวเลข และสัญลักษณ์แบบ ASCII โดยไม่เว้นวรรค"
            raise _refused(detail, "name", thai=thai)
        if unknown := sorted(set(wanted.scopes) - set(GIVEN)):
            named, given = repr(", ".join(unknown)[:100]), ", ".join(GIVEN)
            thai = f"ไม่มีสิทธิ์ (scope) {named} ให้เลือก โปรดเลือกจาก {given}"
            raise _refused(f"{named}: choose from {given}", "scopes", thai=thai)
        if not wanted.scopes:
            raise _refused("choose at least one scope", "scopes", thai="โปรดเลือกสิทธิ์ (scope) อย่างน้อยหนึ่งรายการ")
        if wanted.expires_at is not None and wanted.expires_at <= now():
            thai = f"เวลา {wanted.expires_at:%Y-%m-%d %H:%M} UTC ผ่านไปแล้ว โปรดระบุวันหมดอายุในอนาคต"
            detail = f"{wanted.expires_at:%Y-%m-%d %H:%M} UTC has passed: give a later expiry"
            raise _refused(detail, "expires_at", thai=thai)
        scopes = [Scope(scope) for scope in wanted.scopes]
        return _shown(store.own_keys.create(key, wanted.name, scopes, wanted.expires_at))
    except ValidationError as error:
        faults, thai = faults_of(error)
        raise Problem(BAD_NEW_KEY, "; ".join(f["detail"] for f in faults), faults, thai=thai) from error
    except ExceedsOwnKey as error:
        raise _exceeds(error) from error
    except NameTaken as error:
        raise _refused(str(error), "name", thai="มีคีย์ชื่อนี้แล้ว (อาจถูกเพิกถอนไปแล้ว) โปรดใช้ชื่ออื่น") from error
    except NameTooLong as error:
        raise _refused(str(error), "name", thai=f"ชื่อคีย์ยาวได้ไม่เกิน {error.most} ตัวอักษร") from error
    except TooManyKeys as error:
        thai = f"ผู้เชื่อมต่อหนึ่งรายมีคีย์ที่ใช้ได้ไม่เกิน {MAX_KEYS} คีย์ โปรดเพิกถอนคีย์ที่ไม่ใช้ก่อน"
        raise _refused(str(error), thai=thai) from error


@router.post(
    "/{key_id}/rotate",
    operation_id="rotateKey",
    summary="Give a key a new secret · เปลี่ยนรหัสลับของคีย์",
    response_model=KeySecret,
)
@refuses(NOT_ALLOWED, NOT_FOUND)
def rotate(
    key: KeysKey,
    store: StoreDep,
    key_id: int,
    grace_hours: Annotated[
        int,
        Query(ge=0, le=MAX_GRACE // _HOUR, description="how long the old secret remains valid"),
    ] = 24,
) -> KeySecret:
    """Give a key of this tenant a new secret; its expiry does not change. Scope `keys`."""
    try:
        new = store.own_keys.rotate(key, _number(key_id), grace_hours * _HOUR)
    except ExceedsOwnKey as error:
        raise _exceeds(error) from error
    if new is None:
        raise _unknown(key_id)
    return _shown(new)


@router.delete("/{key_id}", operation_id="revokeKey", summary="Revoke a key · เพิกถอนคีย์", status_code=204)
@refuses(NOT_ALLOWED, NOT_FOUND)
def revoke(key: KeysKey, store: StoreDep, key_id: int) -> Response:
    """Revoke a key of this tenant at once, with all its secrets; it may be this one. Scope `keys`."""
    try:
        row = store.own_keys.revoke(key, _number(key_id))
    except ExceedsOwnKey as error:
        raise _exceeds(error) from error
    if row is None:
        raise _unknown(key_id)
    return Response(status_code=204)


def _fields(row: ApiKey) -> dict[str, Any]:
    names = {name for name in KeyOut.model_fields if hasattr(row, name)}
    return {name: getattr(row, name) for name in names} | {"key_id": row.id}


def _shown(new: NewKey) -> KeySecret:
    return KeySecret(**_fields(new.row), secret=new.token)


def _number(key_id: int) -> int:
    if not is_row_id(key_id):
        raise _unknown(key_id)
    return key_id


def _unknown(key_id: int) -> Problem:
    return Problem(
        NOT_FOUND,
        f"your tenant has no key {key_id}; GET /v1/keys lists its keys",
        thai=f"ไม่มีคีย์หมายเลข {key_id} ดูคีย์ที่มีได้ที่ GET /v1/keys",
    )


def _exceeds(error: ExceedsOwnKey) -> Problem:
    thai = "คีย์นี้ออกหรือจัดการได้เฉพาะคีย์ที่มีสิทธิ์ (scope) และอายุไม่เกินของตนเอง โปรดติดต่อผู้ดูแลระบบ"
    return Problem(NOT_ALLOWED, str(error), thai=thai)


def _refused(detail: str, *steps: str, thai: str) -> Problem:
    return Problem(BAD_NEW_KEY, detail, [{"pointer": pointer_to(*steps), "detail": detail}], thai=thai)
