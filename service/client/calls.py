"""One function per route, which builds its request and parses its response.

Building a request raises :class:`RuthanError` at most; other arguments are examined while sending.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Generic, Literal, Required, TypedDict, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from labels.schema import Assessment, Listing, RegistryStatus
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.answers.appeals import AppealKept, AppealOut, AppealPage, AppealParty
from service.answers.checks import Assessments, DraftCheck, DraftChecks
from service.answers.complaints import ComplaintKept
from service.answers.health import Health, Readiness
from service.answers.keys import KeyOut, Keys, KeySecret
from service.answers.listings import Deposited, DepositedMany, ListingBrief, ListingFull, ListingPage
from service.answers.model import ModelFacts
from service.answers.sandbox import Simulated, SimulatedVerdict
from service.answers.webhooks import Deliveries, EventName, PingSent, WebhookOut, Webhooks, WebhookSecret
from service.batches.shapes import BatchPage, BatchStatus
from service.client.attempts import Call
from service.client.errors import plain_errors
from service.decisions.notice import Notice, NoticePage
from service.taxonomy_document import TaxonomyDocument

AT_ONCE = 100
PICTURES_AT_ONCE = 20
"""The API's default limits of listings and pictures per request."""
BYTES_AT_ONCE = 15 * 2**20
"""Maximum size of the listings of a request, below the API's default limit of 16 MiB per body."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

Record = Listing | Mapping[str, Any]
"""A listing, or a mapping with ``id`` and ``text``, or ``title`` and ``description``."""
Scope = Literal["classify", "ingest", "read", "keys"]
T = TypeVar("T")
Shape = TypeVar("Shape", bound=BaseModel)


class ListingFilter(TypedDict, total=False):
    """Filters for listings; a listing must match all that are set. Times are timezone-aware."""

    query: str
    verdict: Verdict | Sequence[Verdict]
    state: Literal["waiting", "unsure", "decided"]
    product_class: ProductClass
    label: ClaimLabel
    platform: Platform
    licence: RegistryStatus | Literal["no_number"]
    seller: str
    source: str
    since: datetime
    before: datetime
    order: Literal["deposited", "risk", "newest", "reach"]


class ComplaintFields(TypedDict, total=False):
    """What a citizen reported; leave the complainant's name and contact out unless they are needed."""

    category: Required[
        Literal[
            "health_ad",
            "health_product",
            "not_delivered",
            "late",
            "not_as_described",
            "damaged",
            "fraud",
            "mule_account",
            "other",
        ]
    ]
    detail: Required[str]
    advertised: str
    title: str
    platform: Platform
    url: str
    seller: str
    complained_on: date
    harm: Literal["none", "illness", "injury"]
    external_id: str
    contact_name: str
    contact: str


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of results, and the call for the next page."""

    rows: Sequence[T]
    following: "Call[Page[T]] | None"


def health() -> Call[Health]:
    return _get("/healthz", Health)


def readiness() -> Call[Readiness]:
    # A 503 is a valid answer here, so do not retry.
    return Call("GET", "/readyz", _shape(Readiness), patient=False)


def metrics() -> Call[str]:
    return Call("GET", "/metrics", lambda answer: answer.text)


def model() -> Call[ModelFacts]:
    return _get("/v1/model", ModelFacts)


def taxonomy() -> Call[TaxonomyDocument]:
    return _get("/v1/taxonomy", TaxonomyDocument)


def classify(listings: Iterable[Record]) -> Iterator[Call[list[Assessment]]]:
    read = _of(Assessments, lambda found: found.assessments)
    return (Call("POST", "/v1/classify", read, json={"listings": part}) for part in _parts(listings))


def check(drafts: Iterable[Record]) -> Iterator[Call[list[DraftCheck]]]:
    read = _of(DraftChecks, lambda found: found.checks)
    return (Call("POST", "/v1/check", read, json={"listings": part}) for part in _parts(drafts))


def hand_in(listings: Iterable[Record]) -> Iterator[Call[list[Deposited]]]:
    read = _of(DepositedMany, lambda found: found.listings)
    return (
        Call("POST", "/v1/listings", read, json={"listings": part}, headers=_once())
        for part in _parts(listings)
    )


def listings(given: ListingFilter, page: int, cursor: str | None = None) -> Call[Page[ListingBrief]]:
    def read(found: ListingPage) -> Page[ListingBrief]:
        following = listings(given, page, found.next_cursor) if found.next_cursor else None
        return Page(found.listings, following)

    params = {**given, "limit": page, "cursor": cursor}
    return Call("GET", "/v1/listings", _of(ListingPage, read), params=params)


def listing(listing_id: int) -> Call[ListingFull]:
    return _get(_path("/v1/listings", listing_id), ListingFull)


def hand_in_complaint(complaint: ComplaintFields) -> Call[ComplaintKept]:
    return Call("POST", "/v1/complaints", _shape(ComplaintKept), json={**complaint}, headers=_once())


def takedowns(after: str | None, since: datetime | None, page: int) -> Call[Page[Notice]]:
    def read(found: NoticePage) -> Page[Notice]:
        return Page(found.notices, takedowns(found.next_cursor, since, page) if found.more else None)

    params = {"limit": page, "since": since, "cursor": after}
    return Call("GET", "/v1/takedowns", _of(NoticePage, read), params=params)


def file_appeal(listing_id: int, reason: str, evidence: str, appellant: AppealParty) -> Call[AppealKept]:
    # Sent again, it returns the appeal that is already open.
    wanted = {"reason": reason, "evidence": evidence, "appellant": appellant}
    return Call("POST", _path("/v1/listings", listing_id, "appeals"), _shape(AppealKept), json=wanted)


def appeals(page: int, cursor: str | None = None) -> Call[Page[AppealOut]]:
    def read(found: AppealPage) -> Page[AppealOut]:
        return Page(found.appeals, appeals(page, found.next_cursor) if found.next_cursor else None)

    params = {"limit": page, "cursor": cursor}
    return Call("GET", "/v1/appeals", _of(AppealPage, read), params=params)


def appeal(appeal_id: int) -> Call[AppealOut]:
    return _get(_path("/v1/appeals", appeal_id), AppealOut)


def simulate_decision(listing_id: int, decision: SimulatedVerdict) -> Call[Simulated]:
    path = _path("/v1/listings", listing_id, "decision")
    return Call("POST", path, _shape(Simulated), json={"decision": decision}, repeatable=False)


def send_batch(file: IO[bytes], headers: Mapping[str, str], ingest: bool) -> Call[BatchStatus]:
    params = {"ingest": "true" if ingest else "false"}
    headers = {**headers, **_once()}
    return Call("POST", "/v1/batches", _shape(BatchStatus), params=params, headers=headers, file=file)


def batches(page: int, cursor: str | None = None) -> Call[Page[BatchStatus]]:
    def read(found: BatchPage) -> Page[BatchStatus]:
        return Page(found.batches, batches(page, found.next_cursor) if found.next_cursor else None)

    params = {"limit": page, "cursor": cursor}
    return Call("GET", "/v1/batches", _of(BatchPage, read), params=params)


def batch(batch_id: str) -> Call[BatchStatus]:
    return _get(_path("/v1/batches", batch_id), BatchStatus)


def results(batch_id: str) -> Call[httpx.Response]:
    path, headers = _path("/v1/batches", batch_id, "result"), {"Accept": "application/x-ndjson"}
    return Call("GET", path, lambda answer: answer, headers=headers, streamed=True)


def delete_batch(batch_id: str) -> Call[None]:
    return Call("DELETE", _path("/v1/batches", batch_id), _nothing)


def create_webhook(url: str, events: Sequence[EventName] | None) -> Call[WebhookSecret]:
    wanted = {"url": url, "events": events}
    return Call("POST", "/v1/webhooks", _shape(WebhookSecret), json=wanted, repeatable=False)


def subscribe_webhook(webhook_id: int, events: Sequence[EventName]) -> Call[WebhookOut]:
    path = _path("/v1/webhooks", webhook_id)
    return Call("PATCH", path, _shape(WebhookOut), json={"events": events})


def test_webhook(webhook_id: int) -> Call[PingSent]:
    return Call("POST", _path("/v1/webhooks", webhook_id, "test"), _shape(PingSent))


def retry_webhook(webhook_id: int) -> Call[WebhookOut]:
    return Call("POST", _path("/v1/webhooks", webhook_id, "retry"), _shape(WebhookOut))


def webhook_deliveries(webhook_id: int, limit: int) -> Call[Deliveries]:
    path = _path("/v1/webhooks", webhook_id, "deliveries")
    return Call("GET", path, _shape(Deliveries), params={"limit": limit})


def webhooks() -> Call[list[WebhookOut]]:
    return Call("GET", "/v1/webhooks", _of(Webhooks, lambda found: found.webhooks))


def remove_webhook(webhook_id: int) -> Call[None]:
    return Call("DELETE", _path("/v1/webhooks", webhook_id), _nothing)


def renew_webhook_secret(webhook_id: int) -> Call[WebhookSecret]:
    path = _path("/v1/webhooks", webhook_id, "secret")
    return Call("POST", path, _shape(WebhookSecret), repeatable=False)


def replay_webhook(webhook_id: int, since: datetime) -> Call[WebhookOut]:
    path = _path("/v1/webhooks", webhook_id, "replay")
    return Call("POST", path, _shape(WebhookOut), params={"since": since})


def keys() -> Call[list[KeyOut]]:
    return Call("GET", "/v1/keys", _of(Keys, lambda found: found.keys))


def create_key(name: str, scopes: Sequence[Scope], expires_at: datetime | None) -> Call[KeySecret]:
    wanted = {"name": name, "scopes": scopes, "expires_at": expires_at}
    return Call("POST", "/v1/keys", _shape(KeySecret), json=wanted, repeatable=False)


def rotate_key(key_id: int, grace_hours: int) -> Call[KeySecret]:
    path, params = _path("/v1/keys", key_id, "rotate"), {"grace_hours": grace_hours}
    return Call("POST", path, _shape(KeySecret), params=params, repeatable=False)


def revoke_key(key_id: int) -> Call[None]:
    return Call("DELETE", _path("/v1/keys", key_id), _nothing)


def records_of(listings: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Return the listings in the form in which they are sent."""
    for record, _ in _sized(listings):
        yield record


@plain_errors()
def _path(*parts: object) -> str:
    first, *rest = map(str, parts)
    return "/".join([first, *(quote(part, safe="") for part in rest)])


def _get(path: str, shape: type[Shape]) -> Call[Shape]:
    return Call("GET", path, _shape(shape))


def _shape(shape: type[Shape]) -> Callable[[httpx.Response], Shape]:
    return lambda answer: shape.model_validate_json(answer.content)


def _of(shape: type[Shape], read: Callable[[Shape], T]) -> Callable[[httpx.Response], T]:
    return lambda answer: read(shape.model_validate_json(answer.content))


def _nothing(_: httpx.Response) -> None:
    return None


def _once() -> dict[str, str]:
    """Return a header with which retries of one call are carried out only once."""
    return {"Idempotency-Key": str(uuid.uuid4())}


def _parts(listings: Iterable[Record]) -> Iterator[list[dict[str, Any]]]:
    """Yield the listings of each request; one that is beyond a limit by itself is alone in its request."""
    part: list[dict[str, Any]] = []
    pictures = size = 0
    for record, its_size in _sized(listings):
        its_pictures = _pictures_in(record)
        is_full = (
            len(part) == AT_ONCE
            or pictures + its_pictures > PICTURES_AT_ONCE
            or size + its_size > BYTES_AT_ONCE
        )
        if part and is_full:
            yield part
            part, pictures, size = [], 0, 0
        part.append(record)
        pictures, size = pictures + its_pictures, size + its_size
    if part:
        yield part


def _pictures_in(record: Mapping[str, Any]) -> int:
    """Return how many pictures are sent with a listing; addresses are texts."""
    images = record.get("images")
    return sum(isinstance(image, Mapping) for image in images) if isinstance(images, list) else 0


def _sized(listings: Iterable[Record]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each listing in the form in which it is sent, and its size in bytes of JSON."""
    for record in map(_record, listings):
        text = json.dumps(record, ensure_ascii=False)
        # UTF-8 has no half emoji; the API would replace it in the same way, one character for one.
        whole = _LONE_SURROGATE.sub("\ufffd", text)
        yield record if whole == text else json.loads(whole), len(whole.encode())


def _record(listing: Record) -> dict[str, Any]:
    if not isinstance(listing, Listing):
        return dict(listing)
    # Omit a missing title: null would count as an empty one and shift the offsets by one.
    fields: dict[str, Any] = listing.model_dump(mode="json", exclude_none=True)
    aside: dict[str, Any] = fields.pop("extra")
    if not listing.images:
        del fields["images"]
    # Extra fields must not be mistaken for the text.
    return {name: value for name, value in aside.items() if name not in ("text", "title")} | fields
