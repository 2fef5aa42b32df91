"""Decodes the transfer and content encodings of a stored response, within a size limit."""

import zlib
from collections.abc import Sequence
from io import BytesIO

from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader, DecompressingBufferedReader

_PACKED = frozenset({"gzip", "x-gzip", "deflate", "br"})
_PIECE = 1 << 16


class CannotUnpack(ValueError):
    """The content's encoding is unknown or invalid."""


def content_of(body: bytes, headers: Sequence[tuple[str, str]], max_bytes: int) -> tuple[bytes, bool]:
    """Return the content, and whether it was cut at ``max_bytes``; raises :class:`CannotUnpack`.

    The limit keeps a small file from exhausting memory. ``br`` needs the package ``brotli``.
    """
    named = {name.lower(): value.strip().lower() for name, value in headers}
    encoding = named.get("content-encoding", "")
    packing = encoding if encoding in _PACKED else None
    if encoding not in ("", "identity") and packing is None:
        raise CannotUnpack(f"the content encoding {encoding!r} is not known")
    kind = ChunkedDataReader if named.get("transfer-encoding") == "chunked" else DecompressingBufferedReader
    try:
        # The crawler may have stored an already dechunked body: the reader detects it.
        reader = kind(BytesIO(body), decomp_type="gzip" if packing == "x-gzip" else packing)
        parts, size = [], 0
        while size <= max_bytes and (part := reader.read(_PIECE)):
            parts.append(part)
            size += len(part)
    except (zlib.error, ChunkedDataException, EOFError, OSError, ValueError, AttributeError) as error:
        raise CannotUnpack(
            f"the content does not fit its encoding {encoding or 'none'!r}: {error}"
        ) from error
    content = b"".join(parts)
    return content[:max_bytes], len(content) > max_bytes
