"""Decodes the transfer and content encodings of a stored response, within a size limit."""

import zlib
from collections.abc import Sequence
from io import BytesIO

from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader, DecompressingBufferedReader

MAX_BYTES = 10 * 2**20
"""Maximum size of a page; the rest is cut off, so that a small file cannot exhaust memory."""

_PACKED = frozenset({"gzip", "deflate", "br"})


class CannotUnpack(ValueError):
    """The content's encoding is unknown or invalid."""


def content_of(body: bytes, headers: Sequence[tuple[str, str]]) -> tuple[bytes, bool]:
    """Return the content, and whether it was cut at :data:`MAX_BYTES`; raises :class:`CannotUnpack`."""
    named = {name.lower(): value.strip().lower() for name, value in headers}
    encoding = named.get("content-encoding", "")
    packing = encoding if encoding in _PACKED else None
    if encoding not in ("", "identity") and packing is None:
        raise CannotUnpack(f"the content encoding {encoding!r} is not known")
    kind = ChunkedDataReader if named.get("transfer-encoding") == "chunked" else DecompressingBufferedReader
    try:
        # The crawler may have stored an already dechunked body: the reader detects it.
        reader = kind(BytesIO(body), decomp_type=packing)
        parts, size = [], 0
        while size <= MAX_BYTES and (part := reader.read(65536)):
            parts.append(part)
            size += len(part)
    except (zlib.error, ChunkedDataException, EOFError, OSError, ValueError, AttributeError) as error:
        raise CannotUnpack(
            f"the content does not fit its encoding {encoding or 'none'!r}: {error}"
        ) from error
    content = b"".join(parts)
    return content[:MAX_BYTES], len(content) > MAX_BYTES
