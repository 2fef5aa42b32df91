"""Verification of webhook deliveries."""

from collections.abc import Mapping

from pydantic import TypeAdapter
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from service.answers.events import Event, NoticeEvent
from service.client.errors import BadWebhook
from service.decisions.notice import Notice

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def verify_event(headers: Mapping[str, str], body: bytes, secret: str) -> Event:
    """Verify a delivery's signature and return its event; ``body`` as received, byte for byte.

    Raises :class:`BadWebhook`.  The same event may be delivered again: deduplicate by the header
    ``webhook-id``.
    """
    try:
        return _EVENT.validate_python(Verifier(secret).verify(body, dict(headers)))
    except WebhookVerificationError as error:
        raise BadWebhook(f"not a delivery from Ruthan: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadWebhook(f"not a delivery from Ruthan: it cannot be read ({type(error).__name__})") from error


def verify_webhook(headers: Mapping[str, str], body: bytes, secret: str) -> Notice:
    """Verify a delivery and return its notice, for a webhook that receives decisions only.

    Raises :class:`BadWebhook`, also for another event: see :func:`verify_event`.  The same notice may be
    delivered again: deduplicate by its ``id``.
    """
    event = verify_event(headers, body, secret)
    if not isinstance(event, NoticeEvent):
        raise BadWebhook(f"this is not a decision but {event.type}: read it with verify_event")
    return event.data
