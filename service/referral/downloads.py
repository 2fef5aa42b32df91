"""Audit entries of downloaded case packs."""

from service.referral.pack import Pack
from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.tables.referral_tables import ReferralRow


def record_download(store: Store, actor: str, row: ReferralRow, made: Pack) -> None:
    """Append ``referral.download``; called before the pack is sent."""
    detail = {
        "number": row.number,
        "recipient": row.recipient,
        "listings": [item.item.listing_id for item in store.referrals.covered(row.id)],
        "sha256": made.sha256,
        "bytes": len(made.data),
    }
    store.audit.record(actor, AuditAction.REFERRAL_DOWNLOAD, audit_names.referral(row.id), detail)
