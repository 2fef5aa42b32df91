"""Checks of what arrives at a webhook."""

from collections.abc import Mapping

from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from service.client.errors import BadWebhook
from service.decisions.notice import Notice


def verify_webhook(headers: Mapping[str, str], body: bytes, secret: str) -> Notice:
    """Verify a delivery's signature and return its notice; ``body`` as received, byte for byte.

    Raises :class:`BadWebhook`.  The same notice may be delivered again: deduplicate by its ``id``.
    """
    try:
        event = Verifier(secret).verify(body, dict(headers))
        return Notice.model_validate(event["data"])
    except WebhookVerificationError as error:
        raise BadWebhook(f"not a delivery of Ruthan: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadWebhook(f"not a delivery of Ruthan: it cannot be read ({type(error).__name__})") from error
