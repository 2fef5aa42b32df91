"""Errors of the store, each with a message that says what to do."""


class StoreError(Exception):
    """Base of the store's errors."""


class StoreBusy(StoreError):
    """Another process held the database's write lock for longer than the busy timeout."""


class StoreUnavailable(StoreError):
    """The database cannot be opened, read or written."""


class UnknownListing(StoreError, LookupError):
    """No listing has this number."""


class NameTaken(StoreError, ValueError):
    """A reviewer or API key of this name exists already."""


class LastAdmin(StoreError, ValueError):
    """Without this account nobody could manage the others any more."""


class IdentityTaken(StoreError, ValueError):
    """This person at the provider, or this reviewer at this provider, is linked already."""


class BadCursor(StoreError, ValueError):
    """A page cursor that this store did not give out."""
