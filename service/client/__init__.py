"""A client of the API for platforms, in Python: ``pip install 'ruthan[client]'``.

Imports neither the store nor the model.  :class:`Ruthan` is synchronous, :class:`AsyncRuthan` asynchronous;
both have a method for every route.
"""

try:
    import httpx as _httpx  # noqa: F401 (asked for first, to say what is missing)
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the client needs httpx: pip install 'ruthan[client]'") from error

from service.client.asynchronous import AsyncRuthan
from service.client.attempts import LONGEST_WAIT
from service.client.blocking import Ruthan
from service.client.calls import ComplaintFields, ListingFilter
from service.client.errors import BadWebhook, NotDoneInTime, RuthanError
from service.client.webhooks import verify_event, verify_webhook

__all__ = [
    "LONGEST_WAIT",
    "AsyncRuthan",
    "BadWebhook",
    "ComplaintFields",
    "ListingFilter",
    "NotDoneInTime",
    "Ruthan",
    "RuthanError",
    "verify_event",
    "verify_webhook",
]
