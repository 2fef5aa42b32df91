"""Redaction of tokens by value, so that none reaches a log, a listing or the evidence."""

import json
import logging
import re
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

REDACTED = "REDACTED"

_NAMES = (
    "access_token|refresh_token|fb_exchange_token|client_secret|client_key|appsecret_proof|api_key|"
    "app_secret|partner_key|auth_code|shop_cipher"
)
_PARAMETER = re.compile(rf"(?i)([?&;](?:amp;)?(?:{_NAMES})=)[^&#\s\"'<>\\]+")
_SIGNATURE = re.compile(r"(?i)([?&;](?:amp;)?sign=)[0-9a-f]{64}(?![0-9a-f])")
"""An HMAC-SHA256 in hex; other parameters of that name belong to images and pages."""
_FIELD = re.compile(
    r'(?i)("(?:access_token|refresh_token|client_secret|client_key|app_secret|partner_key|cipher)"\s*:\s*")[^"\\]*(?:\\.[^"\\]*)*'
)
_HEADERS = frozenset(
    (
        "authorization",
        "proxy-authorization",
        "cookie",
        "x-goog-api-key",
        "x-api-key",
        "x-access-token",
        "x-tts-access-token",
    )
)
_SHORTEST = 6
"""Minimum characters; a shorter value would match unrelated text."""

_known: dict[str, None] = {}


def conceal(value: str) -> None:
    """Redact this value in logs and evidence from now on, however it is escaped."""
    spellings = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    _known.update(dict.fromkeys(x for x in spellings if len(x) >= _SHORTEST))
    if logging.getLogRecordFactory() is not _quiet_record:
        global _made_record  # noqa: PLW0603 (the factory that was there before ours)
        _made_record = logging.getLogRecordFactory()
        logging.setLogRecordFactory(_quiet_record)


def redact(text: str) -> str:
    """Return the text without known tokens, and without the values of a URL's token parameters."""
    for value in _known:
        if value in text:
            text = text.replace(value, REDACTED)
    return _without_parameters(text)


def redact_headers(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return request headers with the values of credential headers removed."""
    return [(name, REDACTED if name.lower() in _HEADERS else redact(value)) for name, value in headers]


def redact_body(body: bytes, *, from_api: bool) -> bytes:
    """Return a body without known tokens.

    An API's response to an authenticated request may hold other tokens (in a paging link, a preview's URL, or
    as a renewed token): ``from_api`` removes those by parameter name too. Other bodies are left as received.
    """
    for value in _known:
        if (raw := value.encode()) in body:
            body = body.replace(raw, REDACTED.encode())
    if not from_api:
        return body
    text = body.decode("utf-8", errors="surrogateescape")
    text = _FIELD.sub(rf"\g<1>{REDACTED}", _without_parameters(text))
    return text.encode("utf-8", errors="surrogateescape")


def _without_parameters(text: str) -> str:
    return _SIGNATURE.sub(rf"\g<1>{REDACTED}", _PARAMETER.sub(rf"\g<1>{REDACTED}", text))


_made_record = logging.getLogRecordFactory()


def _quiet_record(*args: object, **kwargs: object) -> logging.LogRecord:
    record = _made_record(*args, **kwargs)
    try:
        said = record.getMessage()
    except Exception:
        return record  # a malformed message: logging itself reports it
    if (clean := redact(said)) != said:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[0] is not None:
        trace = logging.Formatter().formatException(record.exc_info)
        if (clean := redact(trace)) != trace:
            record.exc_text = clean  # a formatter takes this instead of making its own
    return record
