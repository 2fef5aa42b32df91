"""The database connection, column types and the base class of repositories."""
