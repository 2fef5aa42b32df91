"""Archives of a batch for tests."""

import io
import zipfile
from typing import Any


def archive(*files: tuple[str | zipfile.ZipInfo, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        for name, content in files:
            opened.writestr(name, content, method)
    return out.getvalue()


def entry(name: str, **changes: Any) -> zipfile.ZipInfo:
    """Return an entry with other values than usual."""
    info = zipfile.ZipInfo(name)
    for key, value in changes.items():
        setattr(info, key, value)
    return info
