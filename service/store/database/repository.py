"""The base of everything that asks the database."""

from service.store.database.engine import Database


class Repository:
    """Questions about one noun.  Use ``self.database.reading()`` and ``self.database.writing()``."""

    def __init__(self, database: Database) -> None:
        self.database = database
