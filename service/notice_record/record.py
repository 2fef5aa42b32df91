"""The record of notices as a signed document: counts by platform and label, with intervals."""

import base64
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.dashboard.measures import Share
from service.notice_record.notices import ACTIONS, CONTEST_FOR, Notice, NoticeState, notices
from service.store import Store
from service.store.audit.trail import AuditFilter
from service.store.tables.core_tables import AuditEntry

PERIOD: Final = timedelta(days=365)
"""The period of the record: the notices of the last year."""
SETTLED: Final = (NoticeState.UPHELD, NoticeState.EXPIRED, NoticeState.OVERTURNED)
FORMAT: Final = "ruthan-notices/1"
_ALL: Final = 10**9
_DIGITS: Final = 4


def record(store: Store, moment: datetime) -> dict[str, Any]:
    """Return the unsigned record of the notices of the year before ``moment``.

    ``trail`` names the newest entry that was counted, so that the record can be recomputed from an export of
    the trail (``service/notice_record/recompute.py``).
    """
    newest = store.audit.newest(1)
    last = newest[0].id if newest else 0
    # Decisions go on: an entry after the one that the record names would not be found again.
    entries = (entry for entry in entries_of(store) if entry.id <= last)
    return document(notices(entries, moment), moment) | {
        "trail": {"entry": newest[0].id, "hash": newest[0].hash} if newest else None
    }


def entries_of(store: Store) -> list[AuditEntry]:
    """Return the audit entries from which the record is computed, oldest first."""
    return store.audit.search(AuditFilter(actions=[action.value for action in ACTIONS]), _ALL)


def document(found: Iterable[Notice], moment: datetime) -> dict[str, Any]:
    """Return the figures of these notices. A notice with several labels counts under each."""
    since = moment - PERIOD
    counted = [notice for notice in found if notice.at >= since]
    platforms = sorted({notice.platform for notice in counted})
    labels = sorted({label for notice in counted for label in notice.labels})
    return {
        "format": FORMAT,
        "since": since.astimezone(UTC).isoformat(),
        "until": moment.astimezone(UTC).isoformat(),
        "contest_days": CONTEST_FOR.days,
        "all": _figures(counted),
        "automatic": _figures([notice for notice in counted if notice.automatic]),
        "platforms": {name: _figures([n for n in counted if n.platform == name]) for name in platforms},
        "labels": {name: _figures([n for n in counted if name in n.labels]) for name in labels},
    }


def precision(found: Iterable[Notice]) -> Share:
    """Return the share of settled notices that stood."""
    counts = Counter(notice.standing for notice in found)
    whole = sum(counts[standing] for standing in SETTLED)
    return Share(whole - counts[NoticeState.OVERTURNED], whole)


def canonical(made: dict[str, Any]) -> bytes:
    """Return the bytes to sign: JSON with sorted keys and no spaces, in ASCII."""
    return json.dumps(made, sort_keys=True, separators=(",", ":")).encode()


def signed(made: dict[str, Any], secret: str) -> dict[str, Any]:
    """Return the record with an Ed25519 signature over :func:`canonical` and the public key, in base64."""
    key = _key(secret)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "record": made,
        "signature": base64.b64encode(key.sign(canonical(made))).decode(),
        "public_key": base64.b64encode(public).decode(),
    }


def public_key_pem(secret: str) -> str:
    """Return the public key for publication, as PEM."""
    found = _key(secret).public_key()
    return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _key(secret: str) -> Ed25519PrivateKey:
    derived = HKDF(SHA256(), 32, salt=None, info=b"ruthan.passport").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)


def _figures(found: list[Notice]) -> dict[str, Any]:
    counts = Counter(notice.standing for notice in found)
    share = precision(found)
    return {
        "sent": len(found),
        **{standing.value: counts[standing] for standing in NoticeState},
        "precision": _rounded(share.value),
        "low": _rounded(share.low),
        "high": _rounded(share.high),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
