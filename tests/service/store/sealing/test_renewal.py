"""Plain-text secrets are encrypted, and those of an earlier key are encrypted again."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import text, update

from service.commands import main as commands
from service.store import Store
from service.store.audit.actions import AuditAction
from service.store.database.encryption import Cipher, DecryptionFailed
from service.store.sealing.renewal import EncryptedSecretRepository
from service.store.tables.api_tables import ApiKey, Scope, Webhook
from service.store.tables.core_tables import Reviewer

OLD, NEW = "o" * 40, "n" * 40
URL = "https://shop.example/hook"


def ciphers(secret: str, *earlier: str) -> tuple[Cipher, Cipher]:
    return Cipher(secret, "webhook", earlier), Cipher(secret, "totp", earlier)


@pytest.fixture
def shop(store: Store) -> ApiKey:
    return store.api_keys.create("shop", [Scope.READ]).row


def in_the_database(store: Store) -> str:
    """Return every stored value of the tables with secrets."""
    with store.database.reading() as session:
        rows = [session.execute(text(f"SELECT * FROM {name}")).all() for name in ("webhook", "reviewer")]
    return repr(rows)


def test_secrets_in_clear_are_sealed_once(store: Store, shop: ApiKey) -> None:
    webhook, totp = ciphers(NEW)
    row = store.webhooks.create(shop, URL, 0, webhook)
    with store.database.writing() as session:
        session.execute(update(Webhook).values(secret="whsec_AAAA", previous_secret="whsec_BBBB"))
    done = EncryptedSecretRepository(store.database).renew(webhook, totp, "worker")
    assert (done.webhooks, done.second_factors, done.unreadable) == (1, 0, [])
    assert "whsec_" not in in_the_database(store)
    (found,) = store.webhooks.of(shop)
    assert found.id == row.id
    assert found.previous_secret is not None
    assert [webhook.decrypt(x) for x in (found.secret, found.previous_secret)] == ["whsec_AAAA", "whsec_BBBB"]
    assert EncryptedSecretRepository(store.database).renew(webhook, totp, "worker").webhooks == 0
    actions = [entry.action for entry in store.audit.entries()]
    assert actions.count(AuditAction.SECRETS_SEAL) == 1


def test_a_new_key_takes_over_what_the_old_one_sealed(store: Store, shop: ApiKey) -> None:
    old, old_totp = ciphers(OLD)
    secret = old.decrypt(store.webhooks.create(shop, URL, 0, old).secret)
    person = store.users.create("somying", "a long password")
    totp = pyotp.random_base32()
    store.second_factors.enable(person.id, totp, pyotp.TOTP(totp).now(), old_totp, "cli")
    done = EncryptedSecretRepository(store.database).renew(*ciphers(NEW, OLD), "cli")
    assert (done.webhooks, done.second_factors, done.unreadable) == (1, 1, [])
    new, new_totp = ciphers(NEW)
    assert new.decrypt(store.webhooks.of(shop)[0].secret) == secret
    with store.database.reading() as session:
        kept = session.get_one(Reviewer, person.id).totp_secret
    assert kept is not None
    assert new_totp.decrypt(kept) == totp
    with pytest.raises(DecryptionFailed):
        old_totp.decrypt(kept)


def test_what_no_key_opens_is_named_and_left_alone(store: Store, shop: ApiKey) -> None:
    row = store.webhooks.create(shop, URL, 0, ciphers(OLD)[0])
    done = EncryptedSecretRepository(store.database).renew(*ciphers(NEW), "cli")
    assert (done.webhooks, done.unreadable) == (0, [f"webhook:{row.id}"])
    assert store.webhooks.of(shop)[0].secret == row.secret


def test_a_previous_secret_that_signs_no_longer_is_forgotten(store: Store, shop: ApiKey) -> None:
    webhook, totp = ciphers(NEW)
    store.webhooks.create(shop, URL, 0, webhook)
    lost, passed = ciphers(OLD)[0].encrypt("whsec_AAAA"), datetime.now(UTC) - timedelta(seconds=1)
    with store.database.writing() as session:
        session.execute(update(Webhook).values(previous_secret=lost, previous_secret_until=passed))
    done = EncryptedSecretRepository(store.database).renew(webhook, totp, "cli")
    assert done.unreadable == []
    assert store.webhooks.of(shop)[0].previous_secret is None


def test_the_command_says_what_to_do(
    store: Store, shop: ApiKey, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.webhooks.create(shop, URL, 0, ciphers(OLD)[0])
    monkeypatch.setenv("RUTHAN_SECRET_KEY", NEW)
    refused = CliRunner().invoke(commands.db, ["reseal", "--database", url])
    assert refused.exit_code == 1
    assert "webhook:1" in refused.output
    assert "RUTHAN_SECRET_KEY_BEFORE" in refused.output
    monkeypatch.setenv("RUTHAN_SECRET_KEY_BEFORE", OLD)
    done = CliRunner().invoke(commands.db, ["reseal", "--database", url])
    assert done.output == "encrypted again: 1 webhooks, 0 second factors\n"
    monkeypatch.setenv("RUTHAN_SECRET_KEY_BEFORE", "short")
    assert (
        "RUTHAN_SECRET_KEY_BEFORE is shorter than"
        in CliRunner().invoke(commands.db, ["reseal", "--database", url]).output
    )
