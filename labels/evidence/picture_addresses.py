"""The addresses of pictures in a page: where they stand, and which of them name one picture."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

LARGE: Final = (
    "data-zoom-image", "data-large_image", "data-large-image", "data-large", "data-zoom", "data-full",
    "data-original",
)  # fmt: skip
DISPLAYED: Final = ("data-src", "data-lazy-src", "data-lazy", "src")
"""Attributes with a picture's address, in full and in displayed size."""
SOURCE_SETS: Final = ("srcset", "data-srcset")

_SHOPEE_SIZE: Final = re.compile(r"(/file/[^/?@]+?)(?:_tn)?(?:@resize_[^/?]*)?(?=$|\?)")
_ALIBABA_SIZE: Final = re.compile(r"(\.(?:jpe?g|png|webp))_\d+x\d+[^/?]*?(?=$|\?)", re.IGNORECASE)


def whole_picture(url: str) -> str:
    """Return the address of the full picture, where a platform's address names a size."""
    if "susercontent.com/" in url or "shopee" in url:
        return _SHOPEE_SIZE.sub(r"\1", url)
    return _ALIBABA_SIZE.sub(r"\1", url)


def address_key(url: str) -> str:
    """Return what the spellings of one picture's address share; bytes that are no UTF-8 stay apart."""
    return unquote(whole_picture(url.strip()), errors="surrogateescape").partition("#")[0]


def path_key(url: str) -> str:
    """Return what is left of one picture's address from visit to visit.

    Its query may carry a signature or a token, and content networks name another host each time.
    """
    try:
        return unquote(urlsplit(whole_picture(url.strip())).path, errors="surrogateescape")
    except ValueError:
        return url


def source_set(value: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a ``srcset``, each with its width or density."""
    # Addresses may contain commas; between two sources, a comma is followed by a space.
    for each in re.split(r",\s+", value):
        address, _, size = each.strip().partition(" ")
        if address:
            yield address, size.strip()
