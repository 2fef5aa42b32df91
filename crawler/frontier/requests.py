"""Serializes requests as JSON: nothing stored in a file or in Redis is ever unpickled."""

import json
from typing import Any, Final

from scrapy import Request, Spider
from scrapy.utils.request import request_from_dict

_BYTES: Final = "$bytes"
_PAIRS: Final = "$pairs"
_CLASSES: Final = "scrapy.http."
"""Only Scrapy's own request classes are created from stored data."""


def dump(request: Request, spider: Spider) -> str:
    """Serialize a request as JSON.

    Raises ``ValueError`` if its callback is no method of the spider, or its meta cannot be written as JSON.
    """
    try:
        return json.dumps(_plain(request.to_dict(spider=spider)), ensure_ascii=False)
    except TypeError as error:
        raise ValueError(f"{request} cannot be kept: {error}") from error


def load(data: str, spider: Spider) -> Request:
    """Deserialize what :func:`dump` wrote. Raises ``ValueError`` for anything else."""
    try:
        fields = _whole(json.loads(data))
        kind = fields.get("_class")
        if kind is not None and not str(kind).startswith(_CLASSES):
            raise ValueError(f"{kind} is not a request class")
        return request_from_dict(fields, spider=spider)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a request: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_BYTES: value.decode("latin-1")}
    if isinstance(value, dict):
        simple = all(isinstance(key, str) and not key.startswith("$") for key in value)
        if simple:
            return {key: _plain(each) for key, each in value.items()}
        return {_PAIRS: [[_plain(key), _plain(each)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} is not data")


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {_BYTES}:
        return str(value[_BYTES]).encode("latin-1")
    if set(value) == {_PAIRS}:
        return {_whole(key): _whole(each) for key, each in value[_PAIRS]}
    return {key: _whole(each) for key, each in value.items()}
