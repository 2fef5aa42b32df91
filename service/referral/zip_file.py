"""Reproducible ZIP files."""

import zipfile
from datetime import datetime
from io import BytesIO

from service.text.thai_calendar import BANGKOK

_PACKED = (".gz", ".png", ".jpg", ".webp", ".docx")


class FixedZip:
    """Collects files under one date; ``at`` must be aware."""

    def __init__(self, at: datetime) -> None:
        local = at.astimezone(BANGKOK)
        # The format has a resolution of two seconds and starts in 1980.
        second = local.second - local.second % 2
        self._date = (max(local.year, 1980), local.month, local.day, local.hour, local.minute, second)
        self._buffer = BytesIO()
        self._zip = zipfile.ZipFile(self._buffer, "w")

    def add(self, name: str, data: bytes) -> None:
        """Add a file."""
        info = zipfile.ZipInfo(name, self._date)
        info.create_system = 3  # Unix, on every platform
        info.external_attr = 0o644 << 16
        info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
        self._zip.writestr(info, data)

    def close(self) -> bytes:
        """Return the complete file."""
        self._zip.close()
        return self._buffer.getvalue()
