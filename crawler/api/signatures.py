"""Request signatures of the Open Platforms: HMAC-SHA256, each over its own text.

* Shopee v2: https://open.shopee.com/developer-guide/16
* Lazada: https://open.lazada.com/apps/doc/doc?nodeId=10450&docId=108068
* TikTok Shop: https://partner.tiktokshop.com/docv2/page/sign-your-api-request
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

_UNSIGNED = frozenset(("sign", "access_token"))


def shopee_signature(
    key: str, partner: str, path: str, timestamp: int, token: str = "", shop: str = ""
) -> str:
    """Sign partner id, path and timestamp, and for a shop's own requests also token and shop id."""
    return _hmac(key, f"{partner}{path}{timestamp}{token}{shop}")


def lazada_signature(secret: str, path: str, params: Mapping[str, str]) -> str:
    """Sign the path and all parameters sorted by name; upper-case."""
    return _hmac(secret, path + _in_order(params)).upper()


def tiktok_shop_signature(secret: str, path: str, params: Mapping[str, str], body: bytes = b"") -> str:
    """Sign path, parameters sorted by name, and body, with the secret before and after."""
    signed = {name: value for name, value in params.items() if name not in _UNSIGNED}
    text = f"{secret}{path}{_in_order(signed)}".encode() + body + secret.encode()
    return hmac.new(secret.encode(), text, sha256).hexdigest()


def _in_order(params: Mapping[str, str]) -> str:
    return "".join(f"{name}{params[name]}" for name in sorted(params))


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), sha256).hexdigest()
