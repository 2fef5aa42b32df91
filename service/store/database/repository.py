"""The base class of everything that queries the database."""

from service.store.database.engine import Database


class Repository:
    """Base of the repositories. Use ``self.database.reading()`` and ``self.database.writing()``."""

    def __init__(self, database: Database) -> None:
        self.database = database
