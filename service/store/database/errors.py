"""Errors of the store, each with a message that says what to do."""

from labels.bilingual import Bilingual


class StoreError(Exception):
    """Base of the store's errors."""


class Refusal(StoreError, ValueError):
    """Something cannot be stored; ``thai`` and the message say why, and what to do."""

    def __init__(self, words: Bilingual) -> None:
        super().__init__(words.english)
        self.thai = words.thai


class StoreBusy(StoreError):
    """Another process held the database's write lock for longer than the busy timeout."""


class StoreUnavailable(StoreError):
    """The database cannot be opened, read or written."""


class UnknownListing(StoreError, LookupError):
    """No listing has this number."""


class NameTaken(StoreError, ValueError):
    """A reviewer, API key or tenant with this name already exists."""


class LastAdmin(StoreError, ValueError):
    """Without this account nobody could manage the others."""


class IdentityTaken(StoreError, ValueError):
    """This identity, or this reviewer at this provider, is already linked."""


class BadCursor(StoreError, ValueError):
    """A page cursor that this store did not issue."""
