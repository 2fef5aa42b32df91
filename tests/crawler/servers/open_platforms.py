"""All four Open Platforms at once, with the settings that lead to them, and the file of the shops' tokens."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from . import lazada, line_shopping, shopee, tiktok_shop
from .base import Platform
from .running import Ran

SECRETS = [*shopee.SECRETS, *lazada.SECRETS, *tiktok_shop.SECRETS, *line_shopping.SECRETS]
TOKENS = "shop-tokens.json"


@contextmanager
def platforms() -> Iterator[tuple[Platform, Platform, Platform, Platform, dict[str, str]]]:
    with ExitStack() as stack:
        a = stack.enter_context(shopee.serving_shopee())
        b = stack.enter_context(lazada.serving_lazada())
        c = stack.enter_context(tiktok_shop.serving_tiktok_shop())
        d = stack.enter_context(line_shopping.serving_line_shopping())
        env = {
            "RUTHAN_SHOP_TOKENS": TOKENS,
            "RUTHAN_SHOPEE_PARTNER_ID": shopee.PARTNER,
            "RUTHAN_SHOPEE_PARTNER_KEY": shopee.KEY,
            "RUTHAN_SHOPEE_API_URL": a.url,
            "RUTHAN_LAZADA_APP_KEY": lazada.KEY,
            "RUTHAN_LAZADA_APP_SECRET": lazada.SECRET,
            "RUTHAN_LAZADA_API_URL": f"{b.url}/rest",
            "RUTHAN_LAZADA_AUTH_URL": f"{b.url}/rest",
            "RUTHAN_TIKTOK_SHOP_APP_KEY": tiktok_shop.KEY,
            "RUTHAN_TIKTOK_SHOP_APP_SECRET": tiktok_shop.SECRET,
            "RUTHAN_TIKTOK_SHOP_API_URL": c.url,
            "RUTHAN_TIKTOK_SHOP_AUTH_URL": c.url,
            "RUTHAN_LINE_SHOPPING_API_URL": d.url,
        }
        yield a, b, c, d, env


def granted(folder: Path, grants: dict[str, Any]) -> Path:
    path = folder / TOKENS
    path.write_text(json.dumps(grants))
    path.chmod(0o600)
    return path


def kept_grant(folder: Path, platform: str, shop: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / TOKENS).read_text())[platform][shop]
    return found


def leaks(ran: Ran) -> list[str]:
    """Secrets in anything that the run left behind or said, but for the file that is there to hold them."""
    (ran.folder / TOKENS).unlink()
    kept = ran.everything_kept()
    return [x for x in [*SECRETS, "fictitious-revoked", tiktok_shop.CIPHER] if x.encode() in kept]
