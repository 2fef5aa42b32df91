"""The store: listings with their evidence, assessments, reviews, people, keys and the audit trail."""

from service.store.database.errors import (
    BadCursor,
    NameTaken,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    UnknownListing,
)
from service.store.facade import Store, open_store
from service.store.listings.repository import Arrival, Deposit

__all__ = [
    "Arrival",
    "BadCursor",
    "Deposit",
    "NameTaken",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreUnavailable",
    "UnknownListing",
    "open_store",
]
