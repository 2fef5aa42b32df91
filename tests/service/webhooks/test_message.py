import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from labels.taxonomy import Verdict
from service.decisions.notice import Notice
from service.decisions.reasons import notice_of
from service.store import Store
from service.store.database.encryption import Cipher
from service.store.platforms.webhooks import new_secret
from service.store.tables.api_tables import Webhook
from service.webhooks.message import message_of, of_notice, secrets_of


@pytest.fixture
def notice(store: Store, decide: Any) -> Notice:
    decide(store, "a", Verdict.PROHIBITED.value)
    return notice_of(store.decisions.after()[0], "")


def test_the_signature_is_that_of_standard_webhooks(notice: Notice) -> None:
    """HMAC-SHA256 over id.timestamp.body, as the specification has it; reckoned here without the library."""
    secret = new_secret()
    message = message_of(of_notice(notice), [secret], datetime.now(UTC))
    headers = message.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + message.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60


def test_both_secrets_verify_and_another_does_not(notice: Notice) -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    message = message_of(of_notice(notice), [new, old], datetime.now(UTC))
    for secret in (old, new):
        assert Verifier(secret).verify(message.body, message.headers)["data"]["id"] == notice.id
    with pytest.raises(WebhookVerificationError):
        Verifier(other).verify(message.body, message.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(new).verify(message.body + b" ", message.headers)


def test_the_body_is_the_same_at_every_attempt(notice: Notice) -> None:
    now = datetime.now(UTC)
    first, second = (message_of(of_notice(notice), [new_secret()], now + timedelta(hours=h)) for h in (0, 9))
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == notice.id
    event = json.loads(first.body)
    assert event["type"] == "notice.takedown"
    assert Notice.model_validate(event["data"]) == notice
    assert "รักษาเบาหวาน".encode() in first.body


def test_the_secret_before_signs_for_its_time() -> None:
    end, cipher = datetime.now(UTC), Cipher("k" * 40, "webhook")
    new, old = cipher.encrypt("new"), cipher.encrypt("old")
    row = Webhook(secret=new, previous_secret=old, previous_secret_until=end)
    assert secrets_of(row, end - timedelta(seconds=1), cipher) == ["new", "old"]
    assert secrets_of(row, end, cipher) == ["new"]
    assert secrets_of(Webhook(secret=new), end, cipher) == ["new"]
    lost = Cipher("l" * 40, "webhook").encrypt("lost")
    row = Webhook(secret=new, previous_secret=lost, previous_secret_until=end)
    assert secrets_of(row, end - timedelta(seconds=1), cipher) == ["new"]
