"""Downloaded case packs: their audit entries, and the words of a downloaded draft."""

from dataclasses import replace
from typing import Any

from service.referral.pack import Pack
from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.columns import now
from service.store.referrals.steps import Step
from service.store.tables.referral_tables import ReferralRow, ReferralStatus

WORDS_KEPT = "words_kept"
"""In the trail: whether a draft's words were stored, which they are unless it changed meanwhile."""


def record_download(store: Store, actor: str, row: ReferralRow, made: Pack) -> None:
    """Append ``referral.download``, and keep a draft's words; called before the pack is sent.

    The office may send what it downloaded long before it records that, after an upgrade of the program.
    """
    detail: dict[str, Any] = {
        "number": row.number,
        "recipient": row.recipient,
        "listings": [item.item.listing_id for item in store.referrals.covered(row.id)],
        "sha256": made.sha256,
        "bytes": len(made.data),
    }
    if row.status == ReferralStatus.DRAFT:
        # Earlier releases kept the hash alone, and wrote no such line.
        detail[WORDS_KEPT] = store.referrals.keep_download(
            row, as_sent(Step(ReferralStatus.SENT, now()), made), actor
        )
    store.audit.record(actor, AuditAction.REFERRAL_DOWNLOAD, audit_names.referral(row.id), detail)


def as_sent(step: Step, made: Pack) -> Step:
    """Return the step with what a pack says."""
    return replace(step, pack_sha256=made.sha256, stated=made.stated, wording=made.wording)
