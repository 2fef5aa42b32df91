"""Encryption of plaintext secrets, and re-encryption of those that use an earlier secret key."""

from dataclasses import dataclass, field

from sqlalchemy import select

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.encryption import Cipher, DecryptionFailed
from service.store.database.repository import Repository
from service.store.tables.api_tables import Webhook
from service.store.tables.core_tables import Reviewer

CLEAR = "whsec_"
"""Prefix of a webhook's secret that an earlier version stored in plaintext."""


@dataclass
class Renewal:
    """The number of re-encrypted secrets, and the owners of those that no known key can decrypt."""

    webhooks: int = 0
    second_factors: int = 0
    unreadable: list[str] = field(default_factory=list)


class EncryptedSecretRepository(Repository):
    """Repository of the encrypted secrets of all tables."""

    def renew(self, webhook_cipher: Cipher, totp_cipher: Cipher, actor: str) -> Renewal:
        """Encrypt with the newest key all secrets that do not use it yet; audited if there were any."""
        done, moment = Renewal(), now()
        with self.database.writing() as session:
            take_turn(session)
            for hook in session.scalars(select(Webhook).order_by(Webhook.id).with_for_update()):
                changed = False
                if hook.previous_secret_until is not None and hook.previous_secret_until <= moment:
                    # It signs no longer: nobody needs to mend it.
                    hook.previous_secret = hook.previous_secret_until = None
                for name in ("secret", "previous_secret"):
                    kept: str | None = getattr(hook, name)
                    renewed = _renewed(kept, webhook_cipher, done, audit_names.webhook(hook.id))
                    setattr(hook, name, renewed)
                    changed |= renewed != kept
                done.webhooks += changed
            people = select(Reviewer).where(Reviewer.totp_secret.is_not(None)).order_by(Reviewer.id)
            for person in session.scalars(people.with_for_update()):
                renewed = _renewed(person.totp_secret, totp_cipher, done, audit_names.reviewer(person.name))
                done.second_factors += renewed != person.totp_secret
                person.totp_secret = renewed
            if done.webhooks or done.second_factors:
                detail = {"webhooks": done.webhooks, "second_factors": done.second_factors}
                append(session, actor, AuditAction.SECRETS_SEAL, "", detail)
        return done


def _renewed(kept: str | None, cipher: Cipher, done: Renewal, whose: str) -> str | None:
    if kept is None:
        return None
    if kept.startswith(CLEAR):
        return cipher.encrypt(kept)
    try:
        return cipher.renewed(kept)
    except DecryptionFailed:
        if whose not in done.unreadable:
            done.unreadable.append(whose)
        return kept
