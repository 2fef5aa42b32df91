"""Persistence: listings and their evidence, assessments, reviews, accounts, API keys and the audit trail."""

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
